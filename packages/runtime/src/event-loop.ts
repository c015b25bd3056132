import { after } from './timer.ts'

type Later = (run: () => void) => unknown

const later: Later = (globalThis as { setImmediate?: Later }).setImmediate ?? ((run) => after(0, run))

/** Yields to the event loop: timers and I/O that are due run before the returned promise resolves. */
export async function yieldToEventLoop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  later(resolve)
  await promise
}
