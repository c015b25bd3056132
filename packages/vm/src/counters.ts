import type { Metrics } from './observe.ts'

/** The names of what a machine counts; the README has a table. */
export type Counter =
  | 'updates.stored'
  | 'updates.duplicate'
  | 'updates.refused'
  | 'updates.failed'
  | 'store.damaged'
  | 'gc.dropped'
  | 'gc.failed'
  | 'time.failed'
  | 'effects.run'
  | 'effects.coalesced'
  | 'effects.cached'
  | 'effects.declined'
  | 'effects.failed'
  | 'effects.timeout'
  | 'effects.deferred'
  | 'effects.dropped'
  | 'effects.rate'
  | 'effects.quota'
  | 'effects.cancelled'
  | 'effects.renewed'
  | 'facts.stated'
  | 'facts.revoked'
  | 'facts.failed'

/** Counts since the machine was created. A counter at 0 has no entry. */
export class Counters {
  readonly #counts = new Map<Counter, number>()
  readonly #group: ReturnType<Metrics['registerCounterGroup']> | undefined

  /** `metrics` gets every count besides. */
  constructor(metrics?: Metrics) {
    this.#group = metrics?.registerCounterGroup('smart_record_machine_events_total', {
      label: 'event',
      help: 'What a Smart Records machine counted since it was created',
    })
  }

  add(name: Counter, step = 1): void {
    if (step === 0) {
      return
    }
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + step)
    try {
      this.#group?.increment({ [name]: step })
    } catch {
      // a fault of the metrics, which must not stop the machine
    }
  }

  /** A copy of all counts. */
  read(): ReadonlyMap<Counter, number> {
    return new Map(this.#counts)
  }
}
