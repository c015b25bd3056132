import { validateUpdate, type Grammar, MAX_RETAIN_MS, MAX_VERDICT_BYTES, MAX_VERDICT_NODES } from '@sr/ir'
import { Dict, type Node, Predicate, size } from '@sr/xr'
import { type Ask, requestsIn } from './asks.ts'
import type { OwnStatement } from '../admission/admission.ts'
import { costOf, exceededQuota } from '../admission/quota.ts'
import type { Counters } from '../counters.ts'
import type { MachineLimits } from '../limits.ts'
import type { DocumentView } from '../records/record-state.ts'
import type { UsageTracker } from '../records/usage-tracker.ts'
import type { Clock } from '../time/clock.ts'
import { EffectRate } from './effect-rate.ts'
import { type Outcome, runEffect } from './effect-run.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import { factBody, FACTS } from './facts.ts'
import { type Asker, gains, isGood, type Job } from './job.ts'

/** What an update has around its body: signature, public key, the other fields. */
const ENVELOPE_BYTES = 1024

/** What effects need of records. */
export interface RecordAccess {
  /** What a record shows, by writer. */
  show(id: string): Promise<ReadonlyMap<string, DocumentView>>
  /** Makes the statements that `choose` returns in this machine's own document. Returns their number. */
  writeOwn(id: string, choose: (views: ReadonlyMap<string, DocumentView>) => readonly OwnStatement[]): Promise<number>
  /** Whether this machine has a document in a record that has just changed. */
  hasOwn(id: string): boolean
}

/** What effects work with. */
export interface EffectParts {
  readonly self: string
  readonly grammar: Grammar
  readonly limits: MachineLimits
  readonly clock: Clock
  readonly time: EffectiveTime
  readonly usage: UsageTracker
  readonly counters: Counters
  readonly records: RecordAccess
}

/** Serves one asker at a time: has room set aside, runs the effect, states the fact. */
export class EffectService {
  readonly #parts: EffectParts
  readonly #rate: EffectRate
  /** what documents ask for: a document that shows the same is the same object */
  readonly #requests = new WeakMap<Dict, ReadonlySet<string>>()
  #closed = false

  constructor(parts: EffectParts) {
    this.#parts = parts
    this.#rate = new EffectRate(
      parts.limits.externalPerMinute,
      parts.limits.externalPerMinutePerWriter,
      parts.clock.monotonic(),
    )
  }

  /** From now on nothing is begun, and nothing is stated. */
  close(): void {
    this.#closed = true
  }

  /** Whether a writer's document shows the request. */
  shows(views: ReadonlyMap<string, DocumentView>, writer: string, ask: Ask): boolean {
    const view = views.get(writer)
    return view !== undefined && this.#requestsOf(writer, view).has(ask.id)
  }

  /** What the documents of a record ask for, one set for each. */
  asked(views: ReadonlyMap<string, DocumentView>): Array<ReadonlySet<string>> {
    return Array.from(views, ([writer, view]) => this.#requestsOf(writer, view))
  }

  #requestsOf(writer: string, { document }: DocumentView): ReadonlySet<string> {
    const { grammar, self } = this.#parts
    let requests = this.#requests.get(document)
    if (requests === undefined) {
      // what a verdict is made of asks nothing
      const said = writer === self ? Dict.from([...document].filter(([name]) => name !== FACTS)) : document
      requests = requestsIn(grammar, said)
      this.#requests.set(document, requests)
    }
    return requests
  }

  async serve(job: Job, asker: Asker): Promise<void> {
    const { records, counters, time, usage } = this.#parts
    const views = await records.show(job.record)
    const { now } = time.read()
    if (this.#closed || asker.expires <= now || !this.shows(views, asker.writer, job.ask)) {
      counters.add('effects.gone')
      return
    }
    job.served.set(asker.writer, asker)
    const { fact } = job
    const good = isGood(fact, now) ? fact : undefined
    if (good !== undefined) {
      counters.add('effects.spared')
      if (!gains(good, asker)) {
        return
      }
    }
    const room = this.#reserve(job, asker)
    if (room === undefined) {
      counters.add('effects.quota')
      return
    }
    try {
      await (good === undefined ? this.#run(job, asker, views) : this.#state(job, asker, good.verdict, good.until))
    } finally {
      usage.reserve(asker.writer, -room)
    }
  }

  async #run(job: Job, asker: Asker, views: ReadonlyMap<string, DocumentView>): Promise<void> {
    const { self, limits, clock, time, counters } = this.#parts
    const { effect, value } = job.ask
    const { writer, observed } = asker
    if (effect.external && !this.#rate.take(writer, clock.monotonic())) {
      counters.add('effects.rate')
      return
    }
    const { now } = time.read()
    const record = new Map(Array.from(views, ([name, { document }]) => [name, document]))
    const run = runEffect(
      effect,
      value,
      { key: job.key, writer, observed, self, now, record },
      Math.min(limits.effectTimeoutMs, asker.expires - now),
      clock,
    )
    if (job.current !== undefined) {
      job.current.run = run
    }
    counters.add('effects.run')
    const outcome = await run.outcome
    if (typeof outcome === 'string') {
      counters.add(`effects.${outcome}`)
    } else if (!fits(job, outcome)) {
      counters.add('effects.failed')
    } else {
      const { value: verdict, ttl } = outcome.verdict
      await this.#state(job, asker, verdict, time.read().now + ttl * 1000)
    }
  }

  /** Writes a verdict into the machine's own document, for as long as both it and the statement that asked are good. */
  async #state(job: Job, asker: Asker, verdict: Node, until: number): Promise<void> {
    const { records, counters, time } = this.#parts
    const stated = time.read().now
    const expires = Math.floor(Math.min(until, asker.expires))
    if (this.#closed) {
      return
    }
    const { fact, payer } = job
    const statement = { body: factBody(job.ask.request, verdict), chargedTo: asker.writer, expires: () => expires }
    try {
      const written = await records.writeOwn(job.record, (views) => {
        if (!this.shows(views, asker.writer, job.ask)) {
          return []
        }
        // known before the lock is given up: who comes next may take it back
        job.fact = { verdict, stated, until, expires }
        job.payer = asker.writer
        return [statement]
      })
      counters.add(written > 0 ? 'facts.stated' : 'effects.gone')
    } catch {
      job.fact = fact
      job.payer = payer
      counters.add('facts.failed')
    }
  }

  /** Charges the asker for a fact yet to come; undefined when it has no room for one. */
  #reserve({ key, ask }: Job, { writer }: Asker): number | undefined {
    const { usage, limits } = this.#parts
    const bytes = size(ask.request) + key.length + MAX_VERDICT_BYTES + ENVELOPE_BYTES
    const cost = costOf(bytes, factNodes(ask, true) + MAX_VERDICT_NODES)
    const demand = { cost, freed: 0, removesOnly: false, newcomer: false, writers: 0, slots: 0 }
    if (exceededQuota(demand, usage.usage(writer), usage.total, limits) !== undefined) {
      return undefined
    }
    usage.reserve(writer, cost)
    return cost
  }
}

function fits({ ask }: Job, { verdict: { value: verdict, ttl } }: Exclude<Outcome, string>): boolean {
  return (
    ttl > 0 &&
    Number.isFinite(ttl) &&
    size(verdict) <= MAX_VERDICT_BYTES &&
    factNodes(ask, verdict) < factNodes(ask, true) + MAX_VERDICT_NODES
  )
}

/**
 * How many nodes a fact is charged for. The verdict is counted as an argument, where no operator may
 * be: one would outlive or undo the fact.
 *
 * @throws IrError for a verdict with an operator in it
 */
function factNodes({ request }: Ask, verdict: Node): number {
  const body = factBody(request, new Predicate('', [verdict]))
  return validateUpdate({ seq: 0, hash: '0'.repeat(64), expires: 0, retain: MAX_RETAIN_MS, body }).nodes
}
