import { type Ask, asksOf } from './asks.ts'
import { yieldToEventLoop } from '../event-loop.ts'
import { type EffectParts, EffectService } from './effect-service.ts'
import { ExpiryQueue } from '../time/expiry-queue.ts'
import { touchesFacts } from './facts.ts'
import type { AcceptedUpdate } from '../admission/admission.ts'
import { type Asker, gains, isGood, type Job, nextLook } from './job.ts'
import type { Receipt, SubmitOptions } from '../admission/receipt.ts'
import type { LiveUpdate } from '../records/record-state.ts'
import { Withdrawals } from './withdrawals.ts'

/** Time between two looks at facts that are about to end. */
const TURN_MS = 1000

const NOTHING: ReturnType<typeof asksOf> = { asks: [], problems: [] }

/** Facts looked at in one turn. */
const SLICE = 64

/** What statements ask for, in line: outside every lock, each request once, bounded in number and time. */
export class Effects {
  readonly #parts: EffectParts
  readonly #jobs = new Map<string, Job>()
  /** record → jobs whose effects want to know when it changes */
  readonly #observers = new Map<string, Set<Job>>()
  readonly #waiting: Job[] = []
  readonly #running = new Set<Job>()
  readonly #due: ExpiryQueue
  readonly #service: EffectService
  readonly #withdrawals: Withdrawals
  /** what live updates request */
  readonly #found = new WeakMap<LiveUpdate, ReturnType<typeof asksOf>>()
  #cancelTurn: (() => void) | undefined
  #closed = false

  constructor(parts: EffectParts) {
    this.#parts = parts
    this.#due = new ExpiryQueue(parts.time.read().now)
    this.#service = new EffectService(parts)
    this.#withdrawals = new Withdrawals(parts, this.#service, (id) => this.#jobs.get(id))
  }

  /** Whether the requests of a live update are unknown, so that its content is needed to queue them again. */
  needsContent(live: LiveUpdate): boolean {
    return this.#parts.grammar.rules.length > 0 && !this.#found.has(live)
  }

  /** Queues what an update requests. The update is stored already, and no lock is held. */
  request(
    { id, key, writer, update, live }: AcceptedUpdate,
    { observedAddr, via }: SubmitOptions,
  ): Pick<Receipt, 'problems' | 'effects'> {
    const { grammar, self } = this.#parts
    const known = live === undefined ? undefined : this.#found.get(live)
    const found = known ?? (update === undefined ? NOTHING : asksOf(grammar, update.content))
    if (live !== undefined && grammar.rules.length > 0) {
      this.#found.set(live, found.asks.length + found.problems.length === 0 ? NOTHING : found)
    }
    // facts are keyed by requests, and request nothing themselves
    const ownFacts = writer === self && update !== undefined && touchesFacts(update.content.body)
    const prompt: Array<Promise<void>> = []
    for (const ask of ownFacts ? [] : this.#choose(found.asks, via === 'author')) {
      const done = this.#enlist(id, key, ask, { writer, observed: observedAddr, expires: ask.expires })
      if (ask.effect.blocking === true) {
        prompt.push(done)
      }
    }
    return { problems: found.problems, effects: this.#within(prompt) }
  }

  /** A record has changed: what nobody asks for any more is given up and its fact taken back, and who wants to know is told. */
  async changed(record: string): Promise<void> {
    const observers = this.#observers.get(record)
    if (observers !== undefined) {
      const { now } = this.#parts.time.read()
      for (const job of observers) {
        job.stale = true
        this.#due.schedule(job.id, now)
      }
      this.#plan()
    }
    const jobs = [...this.#running].filter((job) => job.record === record)
    const views = jobs.length === 0 ? undefined : await this.#parts.records.show(record)
    for (const { current, ask } of jobs) {
      if (views !== undefined && current !== undefined && !this.#service.shows(views, current.writer, ask)) {
        current.run?.stop()
      }
    }
    if (!this.#closed) {
      await this.#withdrawals.look(record)
    }
  }

  close(): void {
    this.#closed = true
    this.#service.close()
    this.#cancelTurn?.()
    for (const job of this.#waiting.splice(0)) {
      this.#settle(job)
    }
    this.#running.forEach(({ current }) => {
      current?.run?.stop()
    })
  }

  /** Which of an update's asks are run: the first in canonical order, and outside effects at first hand alone. */
  #choose(asks: readonly Ask[], firsthand: boolean): Ask[] {
    const { limits, counters } = this.#parts
    const lawful = asks.filter(({ effect }) => firsthand || !effect.external)
    let outside = 0
    const chosen = lawful
      .filter(({ effect }) => !effect.external || ++outside <= limits.externalPerUpdate)
      .slice(0, limits.effectsPerUpdate)
    counters.add('effects.over', lawful.length - chosen.length)
    return chosen
  }

  /** When all are done, or their time is up. */
  async #within(done: ReadonlyArray<Promise<void>>): Promise<void> {
    if (done.length > 0) {
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const cancel = this.#parts.clock.after(this.#parts.limits.effectTimeoutMs, resolve)
      await Promise.race([Promise.all(done), late])
      cancel()
    }
  }

  /** Puts an asker in line for a request; settles when all in that line are served. */
  async #enlist(record: string, recordKey: Uint8Array, ask: Ask, asker: Asker): Promise<void> {
    const { counters, limits, time } = this.#parts
    const id = `${record} ${ask.id}`
    const job = this.#jobs.get(id) ?? {
      id,
      record,
      key: recordKey,
      ask,
      askers: [],
      served: new Map(),
      fact: undefined,
      payer: undefined,
      stale: false,
      turn: undefined,
      current: undefined,
    }
    if (this.#closed) {
      return
    }
    if (job.turn !== undefined) {
      counters.add('effects.joined')
    } else if (isGood(job.fact, time.read().now) && !gains(job.fact, asker)) {
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
  async #line(job: Job): Promise<void> {
    this.#keep(job)
    if (job.turn === undefined) {
      job.turn = Promise.withResolvers<void>()
      this.#waiting.push(job)
    }
    const { promise } = job.turn
    this.#pump()
    await promise
  }

  #pump(): void {
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

  #mayRun({ ask, askers }: Job): boolean {
    if (!ask.effect.external) {
      return true
    }
    const own = [...this.#running].filter((job) => job.ask.effect.external && job.current?.writer === askers[0]?.writer)
    return own.length < this.#parts.limits.externalConcurrencyPerWriter
  }

  /** Serves one asker, then the next, or settles. Never rejects. */
  async #turn(job: Job, asker: Asker): Promise<void> {
    this.#running.add(job)
    job.current = { writer: asker.writer, run: undefined }
    try {
      await this.#service.serve(job, asker)
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
    if (this.#waiting.length > 0) {
      await yieldToEventLoop()
    }
    this.#pump()
  }

  #settle(job: Job): void {
    job.turn?.resolve()
    job.turn = undefined
    const next = nextLook(job)
    if (next === undefined) {
      this.#drop(job)
    } else {
      this.#due.schedule(job.id, next)
      this.#plan()
    }
  }

  #keep(job: Job): void {
    this.#jobs.set(job.id, job)
    if (job.ask.effect.onChange === true) {
      const observers = this.#observers.get(job.record) ?? new Set()
      this.#observers.set(job.record, observers.add(job))
    }
  }

  #drop(job: Job): void {
    this.#jobs.delete(job.id)
    const observers = this.#observers.get(job.record)
    observers?.delete(job)
    if (observers?.size === 0) {
      this.#observers.delete(job.record)
    }
  }

  #plan(ms: number = TURN_MS): void {
    if (this.#cancelTurn === undefined && !this.#closed && this.#due.size > 0) {
      this.#cancelTurn = this.#parts.clock.after(ms, () => {
        this.#cancelTurn = undefined
        const more = this.#renew()
        this.#plan(more ? 0 : TURN_MS)
      })
    }
  }

  /** Asks again what is still asked, when its fact is about to end or the record has changed; forgets what is not. Whether there may be more. */
  #renew(): boolean {
    const { now, confirmed } = this.#parts.time.read()
    const due = confirmed ? this.#due.take(now, SLICE) : []
    for (const id of due) {
      const job = this.#jobs.get(id)
      const next = job === undefined ? undefined : nextLook(job)
      if (job === undefined || next === undefined) {
        continue
      }
      if (job.turn !== undefined || next > now) {
        this.#due.schedule(id, Math.max(next, now + TURN_MS))
        continue
      }
      job.fact = undefined
      job.stale = false
      job.askers.push(...[...job.served.values()].filter(({ expires }) => expires > now))
      job.served.clear()
      if (job.askers.length > 0 && this.#waiting.length < this.#parts.limits.effectsWaiting) {
        this.#parts.counters.add('effects.renewed')
        void this.#line(job)
      } else {
        this.#drop(job)
      }
    }
    return due.length === SLICE
  }
}
