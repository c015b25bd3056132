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
  #cancel: (() => void) | undefined

  constructor(init: TimeSaverInit) {
    this.#init = init
  }

  /** Returns what an earlier run saved. */
  async load(calls: StoreCalls): Promise<number | undefined> {
    const saved = await calls.wait('to load the time', () => this.#init.store.loadTime())
    this.#saved = saved ?? -Infinity
    return saved
  }

  /** Writes the confirmed time once a minute from now on. */
  start(calls: StoreCalls): void {
    this.#cancel = this.#init.clock.after(INTERVAL_MS, () => {
      void this.save(calls).then(() => {
        if (this.#cancel !== undefined) {
          this.start(calls)
        }
      })
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Writes the confirmed time, if there is one that the store does not have. Never rejects. */
  async save(calls: StoreCalls): Promise<void> {
    const { store, time, counters } = this.#init
    time.read() // it looks at the clocks there only
    const { confirmed } = time
    if (confirmed === undefined || confirmed <= this.#saved) {
      return
    }
    this.#saved = confirmed
    try {
      await calls.wait('to save the time', () => store.saveTime(confirmed))
    } catch {
      this.#saved = -Infinity
      counters.add('time.failed')
    }
  }
}
