export { manualClock, type ManualClock } from './manual-clock.ts'
export { plainUpdates, type PlainUpdates } from './plain-updates.ts'
export { memoryEngine, type MemoryEngine, type MemoryEngineOptions } from './memory-engine.ts'
