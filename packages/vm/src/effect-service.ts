import { validateUpdate, type Grammar, MAX_RETAIN_MS, MAX_VERDICT_BYTES, MAX_VERDICT_NODES } from '@sr/ir'
import { Dict, type Node, Predicate, size } from '@sr/xr'
import { type Ask, requestsIn } from './asks.ts'
import type { Clock } from './clock.ts'
import type { Counters } from './counters.ts'
import { EffectRate } from './effect-rate.ts'
import { type Outcome, runEffect } from './effect-run.ts'
import type { EffectiveTime } from './effective-time.ts'
import { factBody, FACTS } from './facts.ts'
import type { Intake } from './intake.ts'
import { type Asker, gains, isGood, type Job } from './job.ts'
import type { Ledger } from './ledger.ts'
import type { MachineLimits } from './limits.ts'
import { chargeOf, excess } from './quota.ts'
import type { View } from './receipt.ts'

/** What an update has around its body: signature, public key, the other fields. */
const ENVELOPE_BYTES = 1024

/** What effects work with. */
export interface EffectParts {
  readonly self: string
  readonly grammar: Grammar
  readonly limits: MachineLimits
  readonly clock: Clock
  readonly time: EffectiveTime
  readonly ledger: Ledger
  readonly counters: Counters
  readonly intake: Intake
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
  shows(views: ReadonlyMap<string, View>, writer: string, ask: Ask): boolean {
    const view = views.get(writer)
    return view !== undefined && this.#requestsOf(writer, view).has(ask.id)
  }

  /** What the documents of a record ask for, one set for each. */
  asked(views: ReadonlyMap<string, View>): Array<ReadonlySet<string>> {
    return Array.from(views, ([writer, view]) => this.#requestsOf(writer, view))
  }

  #requestsOf(writer: string, { document }: View): ReadonlySet<string> {
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
    const { intake, counters, time, ledger } = this.#parts
    const views = await intake.views(job.record)
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
      ledger.reserve(asker.writer, -room)
    }
  }

  async #run(job: Job, asker: Asker, views: ReadonlyMap<string, View>): Promise<void> {
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
    const { intake, counters, time } = this.#parts
    const stated = time.read().now
    const expires = Math.floor(Math.min(until, asker.expires))
    if (this.#closed) {
      return
    }
    const { fact, payer } = job
    const draft = { key: job.key, body: factBody(job.ask.request, verdict), ends: () => expires }
    try {
      const wanted = await intake.fact(draft, asker.writer, (views) => {
        const shows = this.shows(views, asker.writer, job.ask)
        if (shows) {
          // known before the lock is given up: who comes next may take it back
          job.fact = { verdict, stated, until, expires }
          job.payer = asker.writer
        }
        return shows
      })
      counters.add(wanted ? 'facts.stated' : 'effects.gone')
    } catch {
      job.fact = fact
      job.payer = payer
      counters.add('facts.failed')
    }
  }

  /** Charges the asker for a fact yet to come; undefined when it has no room for one. */
  #reserve({ key, ask }: Job, { writer }: Asker): number | undefined {
    const { ledger, limits } = this.#parts
    const bytes = size(ask.request) + key.length + MAX_VERDICT_BYTES + ENVELOPE_BYTES
    const charge = chargeOf(bytes, factNodes(ask, true) + MAX_VERDICT_NODES)
    const demand = { charge, freed: 0, removal: false, newcomer: false, writers: 0, slots: 0 }
    if (excess(demand, ledger.usage(writer), ledger.total, limits) !== undefined) {
      return undefined
    }
    ledger.reserve(writer, charge)
    return charge
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
