import { describe, expect, it } from '@jest/globals'
import { missingNeeds, type StoreCase, storeCases, type StoreSetup } from '../src/conformance/index.ts'
import type { Engine } from '../src/store/kv/engine.ts'
import { entryKey } from '../src/store/kv/keys.ts'
import { kvStore } from '../src/store/kv/kv-store.ts'
import { memoryStore } from '../src/store/memory-store.ts'
import type { Store } from '../src/store/store.ts'
import { memoryEngine, type MemoryEngine, type MemoryEngineOptions } from '../src/testing/memory-engine.ts'

export const memory: StoreSetup = { supports: ['persistent'], create: memoryStore, reopen: (closed) => closed }

/** A `kvStore` over an engine in memory, perhaps with a fault in the engine or in the store. */
export function overMemory(
  options: MemoryEngineOptions = {},
  {
    engine = (one) => one,
    store = (one) => one,
  }: { engine?: (one: MemoryEngine) => Engine; store?: (one: Store) => Store } = {},
): StoreSetup {
  const engines = new WeakMap<Store, MemoryEngine>()
  const engineOf = (one: Store): MemoryEngine => engines.get(one) as MemoryEngine
  const over = (memory: MemoryEngine): Store => {
    const made = store(kvStore(engine(memory)))
    engines.set(made, memory)
    return made
  }
  return {
    supports: ['persistent', 'atomic', 'damage', 'check', ...(options.durable === false ? [] : (['durable'] as const))],
    create: () => over(memoryEngine(options)),
    reopen: (closed) => over(engineOf(closed)),
    crashAfter(open, writes) {
      engineOf(open).writesLeft = writes
    },
    losePower(open) {
      engineOf(open).losePower()
    },
    damage(closed, ref) {
      damageValue(engineOf(closed).pairs, entryKey(ref))
    },
  }
}

/** Flips a bit of the last byte of a value. */
export function damageValue(pairs: Map<string, Uint8Array>, key: string): void {
  const value = Uint8Array.from(pairs.get(key) as Uint8Array)
  value[value.length - 1] = (value.at(-1) as number) ^ 1
  pairs.set(key, value)
}

/** A test for each case, and one for what the others need that this setup lacks. */
export function describeStore(name: string, setup: StoreSetup, lacks: readonly string[] = []): void {
  const isSupported = (one: StoreCase): boolean => missingNeeds(one, setup).length === 0
  describe.each([{ name }])('$name', () => {
    it.each(storeCases.filter(isSupported))('$name', async ({ run }) => {
      expect(await run(setup)).toBeUndefined()
    })
    it('passes all cases but those that need what it lacks', () => {
      const missing = storeCases.flatMap((one) => missingNeeds(one, setup))
      expect([...new Set(missing)].sort()).toEqual(lacks)
    })
  })
}
