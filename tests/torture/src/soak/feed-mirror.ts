import { setTimeout as delay } from 'node:timers/promises'
import type { LocalMachine } from '@sr/vm'
import { indexOf } from '../inspect.ts'
import { plantedFeed } from '../plant.ts'

/** Time until the index is read again after that failed, milliseconds. */
const RETRY_MS = 10

/** Follows the feed of a machine: which updates its store has. */
export class FeedMirror {
  events = 0
  gaps = 0
  /** what is wrong with the feed itself */
  readonly problems: string[] = []
  #hashes = new Set<string>()
  #reading: Promise<void> | undefined
  readonly #abort = new AbortController()
  readonly #machine: Pick<LocalMachine, 'feed' | 'indexPage'>

  constructor(machine: Pick<LocalMachine, 'feed' | 'indexPage'>) {
    this.#machine = machine
  }

  async start(): Promise<void> {
    const feed = plantedFeed(this.#machine.feed({ signal: this.#abort.signal }))
    await this.#catchUp()
    this.#reading = this.#follow(feed).catch((err: unknown) => {
      if (!this.#abort.signal.aborted) this.problems.push(`the feed ended: ${String(err)}`)
    })
  }

  /** Hashes on which the feed and the index differ. */
  async differences(): Promise<string[]> {
    const index = new Set((await indexOf(this.#machine)).map(({ hash }) => hash))
    return [
      ...[...index].filter((hash) => !this.#hashes.has(hash)),
      ...[...this.#hashes].filter((hash) => !index.has(hash)),
    ]
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#reading
  }

  async #follow(feed: ReturnType<LocalMachine['feed']>): Promise<void> {
    let expected: number | undefined
    for await (const event of feed) {
      if (event.kind === 'gap') {
        this.gaps++
        await this.#catchUp()
        // the next event has the number of the gap, or there is another gap
        expected = event.number
        continue
      }
      this.events++
      if (expected !== undefined && event.number !== expected)
        this.problems.push(`event ${event.number} of the feed; expected ${expected}`)
      expected = event.number + 1
      if (event.kind === 'put') this.#hashes.add(event.hash)
      else this.#hashes.delete(event.hash)
    }
  }

  /** Begins again with the index; the events of what changes meanwhile follow. */
  async #catchUp(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      try {
        this.#hashes = new Set((await indexOf(this.#machine)).map(({ hash }) => hash))
        return
      } catch (err) {
        if ((err as { code?: unknown }).code !== 'VM_STORAGE') throw err
        await delay(RETRY_MS)
      }
    }
  }
}
