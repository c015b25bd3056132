/** Whatever else waits in this program has its turn first. */
export const breathe: () => Promise<void> =
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
