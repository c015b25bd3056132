import type { Counters } from '../counters.ts'
import type { Store } from '../store/store.ts'
import type { StoreCalls } from '../store/store-calls.ts'
import type { Clock } from './clock.ts'
import type { EffectiveTime } from './effective-time.ts'

/** Time between two writes, milliseconds: by so much may the time after a restart be earlier than the time before it. */
const INTERVAL_MS = 60_000

/** What a saver works with. */
export interface TimeSaverInit {
  readonly store: Store
  readonly clock: Clock
  readonly time: EffectiveTime
  readonly counters: Counters
}

/** Keeps the confirmed time in the store, for the next run. */
export class TimeSaver {
  readonly #init: TimeSaverInit
  /** the time in the store, as far as it is known */
  #saved = -Infinity
  /** monotonic time of the last write */
  #at = -Infinity

  constructor(init: TimeSaverInit) {
    this.#init = init
  }

  /** Returns what an earlier run saved. */
  async load(calls: StoreCalls): Promise<number | undefined> {
    const saved = await calls.wait('to load the time', async () => await this.#init.store.loadTime())
    this.#saved = saved ?? -Infinity
    return saved
  }

  /** Writes the confirmed time unless the last write was less than a minute ago. Never rejects. */
  async saveIfDue(calls: StoreCalls): Promise<void> {
    if (this.#init.clock.monotonic() >= this.#at + INTERVAL_MS) {
      await this.save(calls)
    }
  }

  /** Writes the confirmed time, if there is one that the store does not have. Never rejects. */
  async save(calls: StoreCalls): Promise<void> {
    const { store, clock, time, counters } = this.#init
    const { confirmed } = time
    if (confirmed === undefined || confirmed <= this.#saved) {
      return
    }
    this.#at = clock.monotonic()
    this.#saved = confirmed
    try {
      await calls.wait('to save the time', async () => await store.saveTime(confirmed))
    } catch {
      this.#saved = -Infinity
      counters.add('time.failed')
    }
  }
}
