import type { Grammar, ValidatedUpdate } from '@sr/ir'
import type { AcceptedUpdate } from '../admission/admission.ts'
import type { Receipt, SubmitOptions } from '../admission/receipt.ts'
import type { Counters } from '../counters.ts'
import type { MachineLimits } from '../limits.ts'
import type { LiveUpdate } from '../records/record-state.ts'
import type { UsageTracker } from '../records/usage-tracker.ts'
import type { Clock } from '../time/clock.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import { EffectQueue } from './effect-queue.ts'
import { EffectRunner } from './effect-runner.ts'
import { FactRevoker } from './fact-revoker.ts'
import type { RecordAccess } from './record-access.ts'
import { type EffectRequest, isResumed, NO_REQUESTS, requestsOf, type UpdateRequests } from './requests.ts'
import { ShownRequests } from './shown-requests.ts'

/** What effects are made of. */
export interface EffectsInit {
  readonly self: string
  readonly grammar: Grammar
  readonly limits: MachineLimits
  readonly clock: Clock
  readonly time: EffectiveTime
  readonly usage: UsageTracker
  readonly counters: Counters
  readonly records: RecordAccess
}

/** Runs what statements request, outside every lock: each request once, bounded in number and time. */
export class Effects {
  readonly #init: Pick<EffectsInit, 'grammar' | 'limits' | 'clock' | 'counters' | 'records'>
  readonly #shown: ShownRequests
  readonly #runner: EffectRunner
  readonly #queue: EffectQueue
  readonly #revoker: FactRevoker
  /** what updates request: by content until they are stored, then by live update, for duplicates */
  readonly #requests = new WeakMap<ValidatedUpdate | LiveUpdate, UpdateRequests>()
  #closed = false

  constructor({ self, grammar, limits, clock, time, usage, counters, records }: EffectsInit) {
    const shown = new ShownRequests(grammar)
    const runner = new EffectRunner({ self, limits, clock, time, usage, counters, records, shown })
    const queue = new EffectQueue({
      limits,
      clock,
      time,
      counters,
      serve: runner.serve.bind(runner),
      onEnd: (record) => void this.#revoke(record),
    })
    this.#init = { grammar, limits, clock, counters, records }
    this.#shown = shown
    this.#runner = runner
    this.#queue = queue
    this.#revoker = new FactRevoker({
      self,
      time,
      counters,
      shown,
      writeOwn: records.writeOwn,
      hasEffect: (tag) => grammar.rule(tag)?.effect !== undefined,
      onRevoked: queue.revoked.bind(queue),
    })
  }

  /** Whether the requests of a live update are unknown, so that its content is needed to queue them again. */
  needsContent(live: LiveUpdate): boolean {
    return this.#init.grammar.rules.length > 0 && !this.#requests.has(live)
  }

  /** Whether an update requests an effect that a restart resumes. */
  isResumed(content: ValidatedUpdate): boolean {
    return this.#requestsOf(content, undefined).requests.some(isResumed)
  }

  /** Queues what a stored update requests, after a restart: effects that act on nothing outside. */
  resume(record: string, writer: string, content: ValidatedUpdate, live: LiveUpdate): void {
    for (const request of this.#requestsOf(content, live).requests.filter(isResumed)) {
      void this.#queue.enqueue(record, request, {
        writer,
        observedAddr: undefined,
        fromAuthor: false,
        expires: request.expires,
      })
    }
  }

  /** Queues what an update requests. The update is stored already, and no lock is taken. */
  request({ id, writer, update, live }: AcceptedUpdate, options: SubmitOptions): Pick<Receipt, 'problems' | 'effects'> {
    const { requests, problems } = this.#requestsOf(update?.content, live)
    const fromAuthor = options.via === 'author'
    const blocking = this.#select(requests, fromAuthor).flatMap((request) => {
      const requester = { writer, observedAddr: options.observedAddr, fromAuthor, expires: request.expires }
      const done = this.#queue.enqueue(id, request, requester)
      return request.effect.blocking === true ? [done] : []
    })
    return { problems, effects: this.#settled(blocking) }
  }

  /** Called after a record changed. Stops effects without a remaining request, revokes facts without one, and queues effects that depend on the record. */
  async changed(record: string): Promise<void> {
    const { records } = this.#init
    this.#queue.changed(record)
    const running = this.#queue.running(record)
    const views = running.length === 0 ? undefined : await records.show(record)
    for (const { current, request } of running) {
      if (views !== undefined && current !== undefined && !this.#shown.has(views, current.writer, request.id)) {
        current.stop?.()
      }
    }
    await this.#revoke(record)
  }

  /** Revokes the facts of a record that no statement requests. */
  async #revoke(record: string): Promise<void> {
    const { grammar, records } = this.#init
    if (!this.#closed && grammar.rules.length > 0 && records.hasOwn(record)) {
      await this.#revoker.check(record)
    }
  }

  close(): void {
    this.#closed = true
    this.#runner.close()
    this.#queue.close()
  }

  #requestsOf(content: ValidatedUpdate | undefined, live: LiveUpdate | undefined): UpdateRequests {
    const { grammar } = this.#init
    const known = [live, content].flatMap((key) => (key === undefined ? [] : (this.#requests.get(key) ?? [])))[0]
    if (grammar.rules.length === 0 || (known === undefined && content === undefined)) {
      return NO_REQUESTS
    }
    const found = known ?? requestsOf(grammar, content as ValidatedUpdate)
    const kept = live ?? content
    if (kept !== undefined) {
      this.#requests.set(kept, found)
    }
    return found
  }

  /** The requests of an update that are served: the first readable ones in canonical order, and external ones from the author only. */
  #select(requests: readonly EffectRequest[], fromAuthor: boolean): EffectRequest[] {
    const { limits, counters } = this.#init
    const selected: EffectRequest[] = []
    let external = 0
    let dropped = 0
    for (const request of requests) {
      const { effect } = request
      if (effect.external && !fromAuthor) {
        continue
      }
      const isOver =
        selected.length >= limits.effectsPerUpdate || (effect.external && external >= limits.externalPerUpdate)
      if (isOver) {
        dropped++
      } else if (request.read() !== undefined) {
        external += effect.external ? 1 : 0
        selected.push(request)
      }
    }
    counters.add('effects.dropped', dropped)
    return selected
  }

  /** Resolves when all are done, or the time for one effect is up. */
  async #settled(done: ReadonlyArray<Promise<void>>): Promise<void> {
    if (done.length > 0) {
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const cancel = this.#init.clock.after(this.#init.limits.effectTimeoutMs, resolve)
      await Promise.race([Promise.all(done), late])
      cancel()
    }
  }
}
