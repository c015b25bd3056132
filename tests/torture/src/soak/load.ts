import { setTimeout as delay } from 'node:timers/promises'
import type { LocalMachine, Revision, Watch } from '@sr/vm'
import { from } from '@sr/xr'
import { parseSelector } from '@sr/xr/selector'
import type { Authors } from '../authors.ts'
import { isPlanted } from '../plant.ts'
import { below, pick, type Random } from '../random.ts'
import { bodyOf, keyOf, RECORDS, STREAMS } from '../streams.ts'

export const BYTES = 2000
const CHURN_KEYS = 100
const WATCHERS = 20
const LIFETIME_MS = 48 * 3_600_000

/** Codes that calls may be refused or fail with while the store fails. */
const EXPECTED: ReadonlySet<unknown> = new Set(['VM_STORAGE', 'VM_READONLY', 'VM_BUSY', 'VM_SHUTDOWN'])

/** What a load counts. */
export interface LoadCounts {
  stored: number
  duplicate: number
  /** updates that were refused or failed */
  failedUpdates: number
  reads: number
  watchParts: number
  unexpected: string[]
}

const leaked: Watch[] = []

/** Updates, reads, pages, queries and watches of one machine, until it is stopped. */
export class Load {
  readonly counts: LoadCounts = { stored: 0, duplicate: 0, failedUpdates: 0, reads: 0, watchParts: 0, unexpected: [] }
  readonly #machine: LocalMachine
  readonly #authors: Authors
  readonly #random: Random
  readonly #begun: number
  /** the last acknowledged update by stream */
  readonly #last: number[]
  readonly #loops: Array<Promise<void>> = []
  #stopped = false

  constructor(machine: LocalMachine, authors: Authors, random: Random, begun: number, last: number[]) {
    this.#machine = machine
    this.#authors = authors
    this.#random = random
    this.#begun = begun
    this.#last = last
  }

  start(): void {
    for (let stream = 0; stream < STREAMS.length; stream++) this.#loop(async () => await this.#write(stream))
    for (let n = 0; n < 4; n++) this.#loop(async () => await this.#churn())
    for (let n = 0; n < 4; n++) this.#loop(async () => await this.#read())
    for (let n = 0; n < WATCHERS; n++) this.#loop(async () => await this.#watch())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#loops)
  }

  #loop(turn: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      while (!this.#stopped) {
        try {
          await turn()
        } catch (err) {
          const { code, name } = err as { code?: string; name?: string }
          if (!EXPECTED.has(code) && name !== 'AbortError') this.counts.unexpected.push(describe(err))
          await delay(2)
        }
      }
    }
    this.#loops.push(run())
  }

  async #write(stream: number): Promise<void> {
    const { writer, record } = STREAMS[stream] as (typeof STREAMS)[number]
    const n = (this.#last[stream] as number) + 1
    const times = {
      seq: this.#begun * 1000 + n + 1,
      expires: this.#begun + LIFETIME_MS,
      retain: this.#begun + LIFETIME_MS,
    }
    const author = this.#authors.all[writer] as Authors['all'][number]
    const bytes = await author.sign({ key: keyOf(record), ...times, body: bodyOf(n, BYTES) })
    await this.#submit(async () => await this.#machine.update(bytes))
    this.#last[stream] = n
    await delay(below(this.#random, 20))
  }

  /** Short-lived updates, which expire meanwhile. */
  async #churn(): Promise<void> {
    const key = new TextEncoder().encode(`churn-${below(this.#random, CHURN_KEYS)}`)
    const { writer } = pick(this.#random, this.#authors.all)
    const body = from({ [`p${below(this.#random, 5)}`]: below(this.#random, 1000) })
    await this.#submit(
      async () => await this.#machine.updateUnsigned({ key, writer, body, ttl: 1 + below(this.#random, 2) }),
    )
    await delay(below(this.#random, 10))
  }

  async #submit(call: () => ReturnType<LocalMachine['update']>): Promise<void> {
    try {
      const { status } = await call()
      this.counts[status]++
    } catch (err) {
      this.counts.failedUpdates++
      throw err
    }
  }

  async #read(): Promise<void> {
    const isChurn = this.#random() < 0.5
    const key = isChurn
      ? new TextEncoder().encode(`churn-${below(this.#random, CHURN_KEYS)}`)
      : keyOf(below(this.#random, RECORDS))
    const abort = new AbortController()
    const options = { signal: abort.signal, maxBytes: 4096 }
    const calls = [
      this.#machine.get(key, options),
      this.#machine.getPage(key, options),
      this.#machine.getUpdates(key, options),
      this.#machine.query(key, parseSelector('b1/*'), options),
    ]
    if (this.#random() < 0.1) abort.abort()
    const results = await Promise.allSettled(calls)
    this.counts.reads += calls.length
    for (const result of results) if (result.status === 'rejected') throw result.reason
    await delay(below(this.#random, 10))
  }

  /** Opens a watch, reads some parts, ends it, and goes on from its revision once more. */
  async #watch(): Promise<void> {
    const key = keyOf(below(this.#random, RECORDS))
    let revision: Revision | undefined
    for (let pass = 0; pass < 2 && !this.#stopped; pass++) {
      const watch: Watch = await this.#machine.watch(key, revision === undefined ? {} : { from: revision })
      try {
        for (let parts = 2 + below(this.#random, 30); parts > 0 && !this.#stopped; parts--) {
          watch.mark()
          const { value } = await watch.next()
          this.counts.watchParts++
          if (value?.kind === 'marker') ({ revision } = value)
          if (this.#random() < 0.05) await delay(100)
        }
      } finally {
        if (isPlanted('leak')) leaked.push(watch)
        else await watch.return()
      }
    }
  }
}

/** An error with its causes and the place of the last one. */
function describe(err: unknown): string {
  const { code, message, cause, stack } = err as Error & { code?: string }
  return cause === undefined ? `${code}: ${String(stack).slice(0, 900)}` : `${code}: ${message}: ${describe(cause)}`
}
