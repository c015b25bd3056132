import type { Clock } from '../time/clock.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import type { ExpiryQueue } from '../time/expiry-queue.ts'

/** Time between two looks at the queue. Reads never wait for it: they go by expiry themselves. */
const TURN_MS = 1000

/** Records looked at before others get a turn. */
const SLICE = 64

/** When a record is looked at again after it could not be collected. */
const RETRY_MS = 60_000

/** How long after a start with records nothing is deleted: a wrong clock shall be set right first. */
export const START_GRACE_MS = 3_600_000

/** Frees what has expired, a slice at a time, and nothing while the clock is in doubt. It rests when nothing waits. */
export class ExpiryCollector {
  readonly #clock: Clock
  readonly #time: EffectiveTime
  readonly #queue: ExpiryQueue
  readonly #collect: (id: string, now: number) => Promise<number | undefined>
  #cancel: (() => void) | undefined
  /** monotonic time before which nothing is deleted */
  #from = 0
  #running = false

  /** `collect` frees what has ended in a record and says when to come back. */
  constructor(
    clock: Clock,
    time: EffectiveTime,
    queue: ExpiryQueue,
    collect: (id: string, now: number) => Promise<number | undefined>,
  ) {
    this.#clock = clock
    this.#time = time
    this.#queue = queue
    this.#collect = collect
  }

  start(graceMs: number): void {
    this.#running = true
    this.#from = this.#clock.monotonic() + graceMs
    this.wake()
  }

  /** Something waits for its end: to be called when the queue may not be empty any more. */
  wake(): void {
    if (this.#running && this.#cancel === undefined && this.#queue.size > 0) {
      this.#plan(TURN_MS)
    }
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
  }

  #plan(ms: number): void {
    this.#cancel = this.#clock.after(ms, () => {
      void this.#turn().then((more) => {
        this.#cancel = undefined
        if (more && this.#running) {
          this.#plan(0)
        } else {
          this.wake()
        }
      })
    })
  }

  /** One slice; whether there may be more to do at once. */
  async #turn(): Promise<boolean> {
    const { now, confirmed } = this.#time.read()
    const allowed = confirmed && this.#clock.monotonic() >= this.#from
    const due = allowed ? this.#queue.take(now, SLICE) : []
    await Promise.all(
      due.map(async (id) => {
        await this.#visit(id, now)
      }),
    )
    return due.length === SLICE
  }

  async #visit(id: string, now: number): Promise<void> {
    let next: number | undefined
    try {
      next = await this.#collect(id, now)
    } catch {
      next = now + RETRY_MS
    }
    if (next !== undefined) {
      this.#queue.schedule(id, next)
    }
  }
}
