import type { LocalMachine } from '@sr/vm'
import { indexOf } from '../inspect.ts'

/** Follows the feed of a machine: which updates its store has. */
export class FeedMirror {
  gaps = 0
  readonly #hashes = new Set<string>()
  #reading: Promise<void> | undefined
  readonly #abort = new AbortController()

  /** Begins with the index, before anything is written. */
  async start(machine: LocalMachine): Promise<void> {
    const feed = machine.feed({ signal: this.#abort.signal })
    for (const { hash } of await indexOf(machine)) this.#hashes.add(hash)
    this.#reading = (async () => {
      for await (const event of feed) {
        if (event.kind === 'put') this.#hashes.add(event.hash)
        else if (event.kind === 'drop') this.#hashes.delete(event.hash)
        else this.gaps++
      }
    })().catch(() => {})
  }

  /** Hashes on which the feed and the index differ, but for those that no event tells of. */
  async differences(machine: LocalMachine, untold: ReadonlySet<string>): Promise<string[]> {
    const index = new Set((await indexOf(machine)).map(({ hash }) => hash))
    const differ = [...index]
      .filter((hash) => !this.#hashes.has(hash))
      .concat([...this.#hashes].filter((hash) => !index.has(hash)))
    return differ.filter((hash) => !untold.has(hash))
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#reading
  }
}
