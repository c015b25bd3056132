/** Yields to the event loop: timers and I/O that are due run before the returned promise resolves. */
export const yieldToEventLoop: () => Promise<void> =
  'setImmediate' in globalThis
    ? async () => {
        await new Promise<void>((resolve) => {
          ;(globalThis as unknown as { setImmediate: (run: () => void) => void }).setImmediate(resolve)
        })
      }
    : async () => {
        await new Promise<void>((resolve) => {
          setTimeout(resolve, 0)
        })
      }
