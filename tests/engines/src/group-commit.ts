/** Writes taken into one group, at most: bounds the time and the memory of a commit. */
const MAX_GROUP = 4096

interface Waiting<Write> {
  readonly writes: readonly Write[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Joins the batches that arrive while a write is under way into the next write. Each batch stays whole, since it is in one
 * group; a later batch takes effect after an earlier one. If a write fails, all batches of its group reject.
 */
export function groupCommit<Write>(
  write: (writes: readonly Write[]) => Promise<void>,
): (writes: readonly Write[]) => Promise<void> {
  const queue: Array<Waiting<Write>> = []
  let running = false

  const take = (): Array<Waiting<Write>> => {
    let size = 0
    const end = queue.findIndex(({ writes }) => (size += writes.length) > MAX_GROUP)
    return queue.splice(0, end === -1 ? queue.length : Math.max(1, end))
  }

  const run = async (): Promise<void> => {
    running = true
    while (queue.length > 0) {
      const group = take()
      try {
        await write(group.flatMap(({ writes }) => writes))
        group.forEach(({ resolve }) => resolve())
      } catch (error) {
        group.forEach(({ reject }) => reject(error))
      }
    }
    running = false
  }

  return (writes) =>
    new Promise((resolve, reject) => {
      queue.push({ writes, resolve, reject })
      // batches of the same turn of the event loop join the first group
      if (!running) {
        running = true
        queueMicrotask(() => void run())
      }
    })
}
