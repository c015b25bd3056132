import type { Clock } from './clock.ts'
import type { EffectiveTime } from './effective-time.ts'
import { ExpiryQueue } from './expiry-queue.ts'

/** Time between two batches, milliseconds. Nothing depends on it but memory: reads check expiry themselves. */
const INTERVAL_MS = 1000

/** Ids visited before other work runs. */
const BATCH_SIZE = 64

/** Visits scheduled ids when they are due: in batches, and none while the clock is unconfirmed. It sets no timer while nothing is scheduled. */
export class ExpiryTimer {
  readonly #clock: Clock
  readonly #time: EffectiveTime
  readonly #visit: (id: string, now: number) => Promise<number | undefined>
  readonly #mayVisit: () => boolean
  readonly #queue = new ExpiryQueue()
  #running = false
  #cancel: (() => void) | undefined

  /**
   * `visit` must not reject; it returns when the same id is to be visited again, or undefined. `mayVisit` is called about
   * once a second while anything is scheduled.
   */
  constructor(
    clock: Clock,
    time: EffectiveTime,
    visit: (id: string, now: number) => Promise<number | undefined>,
    mayVisit: () => boolean = () => true,
  ) {
    this.#clock = clock
    this.#time = time
    this.#visit = visit
    this.#mayVisit = mayVisit
  }

  /** number of scheduled ids */
  get size(): number {
    return this.#queue.size
  }

  start(): void {
    this.#running = true
    this.#plan(INTERVAL_MS)
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
  }

  /** Forgets an id. */
  forget(id: string): void {
    this.#queue.forget(id)
  }

  /** Has `id` visited at the first full second not before `ms`, or earlier when that is scheduled already. */
  schedule(id: string, ms: number): void {
    this.#queue.schedule(id, ms)
    this.#plan(INTERVAL_MS)
  }

  #plan(ms: number): void {
    if (this.#running && this.#cancel === undefined && this.#queue.size > 0) {
      this.#cancel = this.#clock.after(ms, () => {
        void this.#visitBatch().then((more) => {
          this.#cancel = undefined
          this.#plan(more ? 0 : INTERVAL_MS)
        })
      })
    }
  }

  /** Visits the ids that are due; returns whether more may be. */
  async #visitBatch(): Promise<boolean> {
    const { now, confirmed } = this.#time.read()
    const due = this.#mayVisit() && confirmed ? this.#queue.take(now, BATCH_SIZE) : []
    const visit = async (id: string): Promise<void> => {
      const next = await this.#visit(id, now)
      if (next !== undefined) {
        this.#queue.schedule(id, next)
      }
    }
    await Promise.all(due.map(visit))
    return due.length === BATCH_SIZE
  }
}
