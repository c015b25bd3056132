import { checkUpdate, type Grammar, MAX_RETAIN_MS } from '@sr/ir'
import { type Node, size } from '@sr/xr'
import { type Ask, asksOf, requestsIn } from './asks.ts'
import type { Clock } from './clock.ts'
import type { Counters } from './counters.ts'
import { EffectRate } from './effect-rate.ts'
import { type Outcome, type Run, runEffect } from './effect-run.ts'
import type { EffectiveTime } from './effective-time.ts'
import { ExpiryQueue } from './expiry-queue.ts'
import { factBody, touchesFacts } from './facts.ts'
import type { Intake, Taken } from './intake.ts'
import type { Ledger } from './ledger.ts'
import type { MachineLimits } from './limits.ts'
import { chargeOf, excess } from './quota.ts'
import type { HandIn, Receipt, View } from './receipt.ts'

/** Most that a verdict may take, bytes and nodes: room for it is reserved before it is known. */
const VERDICT_BYTES = 1024
const VERDICT_NODES = 32

/** What an update has around its body: signature, public key, the other fields. */
const ENVELOPE_BYTES = 1024

/** Time between two looks at facts that are about to end. */
const TURN_MS = 1000

/** Facts looked at in one turn. */
const SLICE = 64

/** The part of its life after which a fact is renewed, while the statement that asked still stands. */
const RENEW_AT = 0.9

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

/** A writer whose statement asks. */
interface Asker {
  readonly writer: string
  readonly observed: string | undefined
  /** when its statement ends, milliseconds */
  readonly expires: number
}

/** A fact as stated; all in milliseconds. */
interface Fact {
  readonly verdict: Node
  readonly stated: number
  /** when the verdict is worth nothing any more */
  readonly until: number
  /** when the fact ends: with the verdict, or before with the statement that asked */
  readonly expires: number
}

/** One request in one record, while somebody waits for it or its verdict is good. */
interface Job {
  readonly id: string
  readonly record: string
  readonly key: Uint8Array
  readonly ask: Ask
  /** who is still to be served */
  readonly askers: Asker[]
  /** by writer, who was, and may be again when the fact ends */
  readonly served: Map<string, Asker>
  fact: Fact | undefined
  /** settles when nobody is left to be served */
  turn: PromiseWithResolvers<void> | undefined
  /** whose turn it is now, and how to end it */
  current: { readonly writer: string, run: Run | undefined } | undefined
}

/** Runs what statements ask for, outside every lock, and has the outcome stated as facts. */
export class Effects {
  readonly #parts: EffectParts
  readonly #jobs = new Map<string, Job>()
  readonly #waiting: Job[] = []
  readonly #running = new Set<Job>()
  readonly #due: ExpiryQueue
  readonly #rate: EffectRate
  #cancelTurn: (() => void) | undefined
  #closed = false

  constructor (parts: EffectParts) {
    this.#parts = parts
    this.#due = new ExpiryQueue(parts.time.read().now)
    this.#rate = new EffectRate(parts.limits.outsidePerMinute, parts.limits.outsidePerMinuteOfOne, parts.clock.monotonic())
  }

  /** Sees to what an update asks for. The update is stored already, and no lock is held. */
  ask ({ id, update }: Taken, { observed, firsthand }: Pick<HandIn, 'observed' | 'firsthand'>): Pick<Receipt, 'problems' | 'effects'> {
    const { grammar, self } = this.#parts
    const { asks, problems } = asksOf(grammar, update)
    // a machine's facts are keyed by requests, and never ask anything themselves
    const chosen = update.writer === self && touchesFacts(update.body) ? [] : this.#choose(asks, firsthand === true)
    const prompt: Array<Promise<void>> = []
    for (const ask of chosen) {
      const done = this.#enlist(id, update.key, ask, { writer: update.writer, observed, expires: ask.expires })
      if (ask.effect.prompt === true) {
        prompt.push(done)
      }
    }
    return { problems, effects: this.#within(prompt) }
  }

  /** A record has changed: what nobody asks for any more is given up. */
  async changed (record: string): Promise<void> {
    const jobs = [...this.#running].filter((job) => job.record === record)
    if (jobs.length === 0) {
      return
    }
    const views = await this.#parts.intake.views(record)
    for (const { current, ask } of jobs) {
      if (current !== undefined && !this.#shows(views, current.writer, ask)) {
        current.run?.stop()
      }
    }
  }

  close (): void {
    this.#closed = true
    this.#cancelTurn?.()
    for (const job of this.#waiting.splice(0)) {
      this.#settle(job)
    }
    this.#running.forEach(({ current }) => { current?.run?.stop() })
  }

  /** Which of an update's asks are run: the first in canonical order, and outside effects at first hand alone. */
  #choose (asks: readonly Ask[], firsthand: boolean): Ask[] {
    const { limits, counters } = this.#parts
    let outside = 0
    return asks.filter(({ effect }) => {
      if (!effect.outside) {
        return true
      }
      if (firsthand && ++outside > limits.outsidePerUpdate) {
        counters.add('effects.over')
      }
      return firsthand && outside <= limits.outsidePerUpdate
    })
  }

  /** When all are done, or their time is up. */
  async #within (done: ReadonlyArray<Promise<void>>): Promise<void> {
    if (done.length > 0) {
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const cancel = this.#parts.clock.after(this.#parts.limits.effectTimeoutMs, resolve)
      await Promise.race([Promise.all(done), late])
      cancel()
    }
  }

  /** Puts an asker in line for a request; settles when all in that line are served. */
  async #enlist (record: string, recordKey: Uint8Array, ask: Ask, asker: Asker): Promise<void> {
    const { counters, limits, time } = this.#parts
    const id = `${record} ${ask.id}`
    const job = this.#jobs.get(id) ?? {
      id, record, key: recordKey, ask, askers: [], served: new Map(), fact: undefined, turn: undefined, current: undefined
    }
    if (this.#closed) {
      return
    }
    if (job.turn !== undefined) {
      counters.add('effects.joined')
    } else if (job.fact !== undefined && !gains(job.fact, asker, time.read().now)) {
      counters.add('effects.spared')
      job.served.set(asker.writer, asker)
      return
    } else if (this.#waiting.length >= limits.effectsWaiting) {
      counters.add('effects.over')
      return
    }
    const before = job.askers.findIndex(({ writer }) => writer === asker.writer)
    job.askers.splice(before === -1 ? job.askers.length : before, 1, asker)
    await this.#line(job)
  }

  /** Has a job wait for its turn, unless it does or has it. */
  async #line (job: Job): Promise<void> {
    this.#jobs.set(job.id, job)
    if (job.turn === undefined) {
      job.turn = Promise.withResolvers<void>()
      this.#waiting.push(job)
    }
    const { promise } = job.turn
    this.#pump()
    await promise
  }

  #pump (): void {
    const { effectsAtOnce } = this.#parts.limits
    while (this.#running.size < effectsAtOnce) {
      const place = this.#waiting.findIndex((job) => this.#mayRun(job))
      const [job] = place === -1 ? [] : this.#waiting.splice(place, 1)
      const asker = job?.askers.shift()
      if (job === undefined || asker === undefined) {
        return
      }
      void this.#turn(job, asker)
    }
  }

  #mayRun ({ ask, askers }: Job): boolean {
    if (!ask.effect.outside) {
      return true
    }
    const own = [...this.#running].filter((job) => job.ask.effect.outside && job.current?.writer === askers[0]?.writer)
    return own.length < this.#parts.limits.outsideAtOnceOfOne
  }

  /** Serves one asker, then the next, or settles. Never rejects. */
  async #turn (job: Job, asker: Asker): Promise<void> {
    this.#running.add(job)
    job.current = { writer: asker.writer, run: undefined }
    try {
      await this.#serve(job, asker)
    } catch {
      this.#parts.counters.add('effects.failed')
    }
    job.current = undefined
    this.#running.delete(job)
    if (job.askers.length > 0 && !this.#closed) {
      this.#waiting.push(job)
    } else {
      this.#settle(job)
    }
    this.#pump()
  }

  #settle (job: Job): void {
    job.turn?.resolve()
    job.turn = undefined
    if (job.fact === undefined) {
      this.#jobs.delete(job.id)
    }
  }

  async #serve (job: Job, asker: Asker): Promise<void> {
    const { intake, counters, time, ledger, clock } = this.#parts
    const views = await intake.views(job.record)
    const { now } = time.read()
    if (this.#closed || asker.expires <= now || !this.#shows(views, asker.writer, job.ask)) {
      counters.add('effects.gone')
      return
    }
    job.served.set(asker.writer, asker)
    if (job.fact !== undefined && job.fact.until > now && !gains(job.fact, asker, now)) {
      counters.add('effects.spared')
      return
    }
    const room = this.#reserve(job, asker)
    if (room === undefined) {
      counters.add('effects.quota')
      return
    }
    try {
      if (job.fact !== undefined && job.fact.until > now) {
        counters.add('effects.spared')
        await this.#state(job, asker, job.fact.verdict, job.fact.until)
      } else if (job.ask.effect.outside && !this.#rate.take(asker.writer, clock.monotonic())) {
        counters.add('effects.rate')
      } else {
        await this.#run(job, asker, views)
      }
    } finally {
      ledger.reserve(asker.writer, -room)
    }
  }

  async #run (job: Job, asker: Asker, views: ReadonlyMap<string, View>): Promise<void> {
    const { self, limits, clock, time, counters } = this.#parts
    const { now } = time.read()
    const { effect, value } = job.ask
    const record = new Map(Array.from(views, ([writer, { document }]) => [writer, document]))
    const { writer, observed } = asker
    const run = runEffect(effect, value, { key: job.key, writer, observed, self, now, record },
      Math.min(limits.effectTimeoutMs, asker.expires - now), clock)
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
      const { verdict, ttl } = outcome.verdict
      await this.#state(job, asker, verdict, time.read().now + ttl * 1000)
    }
  }

  /** Writes a verdict into the machine's own document, for as long as both it and the statement that asked are good. */
  async #state (job: Job, asker: Asker, verdict: Node, until: number): Promise<void> {
    const { intake, counters, time } = this.#parts
    const stated = time.read().now
    const expires = Math.floor(Math.min(until, asker.expires))
    if (this.#closed) {
      return
    }
    try {
      await intake.fact(job.key, factBody(job.ask.request, verdict), asker.writer, () => expires)
    } catch {
      counters.add('facts.failed')
      return
    }
    counters.add('facts.stated')
    job.fact = { verdict, stated, until, expires }
    this.#due.schedule(job.id, lookAt(job.fact))
    this.#plan()
  }

  /** Charges the asker for a fact yet to come; undefined when it has no room for one. */
  #reserve ({ key: recordKey, ask }: Job, { writer }: Asker): number | undefined {
    const { ledger, limits } = this.#parts
    const bytes = size(ask.request) + recordKey.length + VERDICT_BYTES + ENVELOPE_BYTES
    const charge = chargeOf(bytes, factNodes(ask, true) + VERDICT_NODES)
    const demand = { charge, freed: 0, removal: false, newcomer: false, writers: 0, slots: 0 }
    if (excess(demand, ledger.usage(writer), ledger.total, limits) !== undefined) {
      return undefined
    }
    ledger.reserve(writer, charge)
    return charge
  }

  #shows (views: ReadonlyMap<string, View>, writer: string, ask: Ask): boolean {
    const view = views.get(writer)
    return view !== undefined && requestsIn(this.#parts.grammar, view.document).has(ask.id)
  }

  #plan (): void {
    if (this.#cancelTurn === undefined && !this.#closed && this.#due.size > 0) {
      this.#cancelTurn = this.#parts.clock.after(TURN_MS, () => {
        this.#cancelTurn = undefined
        this.#renew()
        this.#plan()
      })
    }
  }

  /** Asks again what is still asked and whose fact is about to end; forgets what is not. */
  #renew (): void {
    const { now, confirmed } = this.#parts.time.read()
    for (const id of confirmed ? this.#due.take(now, SLICE) : []) {
      const job = this.#jobs.get(id)
      const fact = job?.fact
      if (job === undefined || fact === undefined) {
        continue
      }
      if (job.turn !== undefined || lookAt(fact) > now) {
        this.#due.schedule(id, Math.max(lookAt(fact), now + TURN_MS))
        continue
      }
      job.fact = undefined
      this.#jobs.delete(id)
      job.askers.push(...[...job.served.values()].filter(({ expires }) => expires > now))
      job.served.clear()
      if (job.askers.length > 0 && this.#waiting.length < this.#parts.limits.effectsWaiting) {
        this.#parts.counters.add('effects.renewed')
        void this.#line(job)
      }
    }
  }
}

/** Whether a fact would last longer for this asker than it does, though its verdict stays the same. */
function gains (fact: Fact, asker: Asker, now: number): boolean {
  return fact.until <= now || Math.min(fact.until, asker.expires) > fact.expires
}

/** When to look at a fact again: to renew it, or to forget a verdict whose statement ended before it. */
function lookAt ({ stated, until, expires }: Fact): number {
  return expires < until ? until : stated + (until - stated) * RENEW_AT
}

function fits ({ ask }: Job, { verdict: { verdict, ttl } }: Exclude<Outcome, string>): boolean {
  return ttl > 0 && Number.isFinite(ttl) && size(verdict) <= VERDICT_BYTES && factNodes(ask, verdict) <= factNodes(ask, true) + VERDICT_NODES
}

/** How many nodes a fact is charged for. */
function factNodes ({ request }: Ask, verdict: Node): number {
  return checkUpdate({ seq: 0, hash: '0'.repeat(64), expires: 0, retain: MAX_RETAIN_MS, body: factBody(request, verdict) }).nodes
}
