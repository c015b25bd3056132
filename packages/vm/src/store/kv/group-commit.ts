/** Changes taken into one group, at most: bounds the time and the memory of a write. */
const MAX_CHANGES = 4096
/** Bytes taken into one group, unless one change has more. */
const MAX_BYTES = 8 * 2 ** 20

/** What a group is made of. */
interface Sized {
  /** number of entries that it writes */
  readonly count: number
  /** bytes that it writes */
  readonly bytes: number
}

interface Waiting<Change> {
  readonly change: Change
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Joins the changes that arrive while a write is under way into the next write. Each change is whole in one group, and takes effect
 * after the ones that arrived earlier. If a write fails, all changes of its group reject.
 */
export class GroupCommit<Change extends Sized> {
  readonly #write: (changes: readonly Change[]) => Promise<void>
  readonly #queue: Array<Waiting<Change>> = []
  #running: Promise<void> | undefined

  constructor(write: (changes: readonly Change[]) => Promise<void>) {
    this.#write = write
  }

  /** Resolves when the change is written. */
  push(change: Change): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ change, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when no write is under way and none waits. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    // changes of the same turn of the event loop join the first group
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const group = this.#take()
      try {
        await this.#write(group.map(({ change }) => change))
        group.forEach(({ resolve }) => {
          resolve()
        })
      } catch (error) {
        group.forEach(({ reject }) => {
          reject(error)
        })
      }
    }
    this.#running = undefined
  }

  #take(): Array<Waiting<Change>> {
    let [count, bytes] = [0, 0]
    const end = this.#queue.findIndex(({ change }) => {
      count += change.count
      bytes += change.bytes
      return count > MAX_CHANGES || bytes > MAX_BYTES
    })
    return this.#queue.splice(0, end === -1 ? this.#queue.length : Math.max(1, end))
  }
}
