import {
  copyBytes,
  MAX_RETAIN_MS,
  MAX_VERDICT_BYTES,
  MAX_VERDICT_NODES,
  SET,
  validateUpdate,
  type Verdict,
} from '@sr/ir'
import { type Node, Predicate, size } from '@sr/xr'
import { costOf } from '../admission/cost.ts'
import { exceededQuota } from '../admission/quota.ts'
import type { Counter, Counters } from '../counters.ts'
import type { MachineLimits } from '../limits.ts'
import { recordKey } from '../records/record-id.ts'
import type { DocumentView } from '../records/document-view.ts'
import type { UsageTracker } from '../records/usage-tracker.ts'
import type { Usage } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import { EffectRate } from './effect-rate.ts'
import { runEffect } from './effect-run.ts'
import { factBody } from '../facts.ts'
import { extendsFact, type QueueEntry, type Requester, validFact } from './queue-entry.ts'
import type { RecordAccess } from './record-access.ts'
import type { EffectRequest } from './requests.ts'
import type { ShownRequests } from './shown-requests.ts'

/** Bytes around the body of an update: signature, public key, the other fields. */
const ENVELOPE_BYTES = 1024

/** What is counted when this machine is why there is no verdict. */
const OWN_REASONS: ReadonlySet<Counter> = new Set<Counter>([
  'effects.rate',
  'effects.quota',
  'effects.failed',
  'effects.timeout',
  'facts.failed',
])

/** What a runner works with. */
export interface EffectRunnerInit {
  readonly self: string
  readonly limits: MachineLimits
  readonly clock: Clock
  readonly time: EffectiveTime
  readonly usage: UsageTracker
  readonly counters: Counters
  readonly records: Pick<RecordAccess, 'show' | 'writeOwn'>
  readonly shown: ShownRequests
}

/** Serves one requester: reserves quota for a fact, runs the effect, states the fact. */
export class EffectRunner {
  readonly #init: EffectRunnerInit
  readonly #rate: EffectRate
  #closed = false

  constructor(init: EffectRunnerInit) {
    const { limits, clock } = init
    this.#init = init
    this.#rate = new EffectRate(limits.externalPerMinute, limits.externalPerMinutePerWriter, clock.monotonic())
  }

  /** Starts no effect and states no fact from now on. */
  close(): void {
    this.#closed = true
  }

  /**
   * Serves a requester if its document still shows the request. A valid verdict is stated again without a run. Returns
   * whether there is no verdict for a reason of this machine, so that the requester is to be served again later.
   */
  async serve(entry: QueueEntry, requester: Requester): Promise<boolean> {
    const counter = await this.#serve(entry, requester)
    this.#init.counters.add(counter)
    return OWN_REASONS.has(counter)
  }

  /** Returns what is to be counted. */
  async #serve(entry: QueueEntry, requester: Requester): Promise<Counter> {
    const { records, counters, time, usage, shown } = this.#init
    const { writer, expires } = requester
    // nothing is awaited between the check of the statement and the run
    const used = await usage.usage(writer)
    const views = await records.show(entry.record)
    const { now } = time.read()
    if (this.#closed || expires <= now || !shown.has(views, writer, entry.request.id)) {
      return 'effects.cancelled'
    }
    entry.served.set(writer, requester)
    const fact = validFact(entry, now)
    if (fact !== undefined && !extendsFact(requester, fact)) {
      return 'effects.cached'
    }
    if (fact !== undefined) {
      counters.add('effects.cached')
    }
    const maxNodes = factNodes(entry.request, true) + MAX_VERDICT_NODES
    const cost = this.#reserve(entry, writer, maxNodes, used)
    if (cost === undefined) {
      return 'effects.quota'
    }
    try {
      return fact === undefined
        ? await this.#run(entry, requester, views, maxNodes)
        : await this.#state(entry, requester, fact.verdict, fact.until)
    } finally {
      usage.reserve(writer, -cost)
    }
  }

  async #run(
    entry: QueueEntry,
    requester: Requester,
    views: ReadonlyMap<string, DocumentView>,
    maxNodes: number,
  ): Promise<Counter> {
    const { self, limits, clock, time, counters } = this.#init
    const { effect, read } = entry.request
    const { writer, observedAddr: observed, expires } = requester
    const input = read()
    if (input === undefined) {
      return 'effects.declined'
    }
    const { now } = time.read()
    const record = new Map(Array.from(views, ([name, { document }]) => [name, document]))
    const context = { key: recordKey(entry.record), writer, observed, self, now, record }
    const take = (): boolean => this.#rate.take(writer, clock.monotonic())
    const { outcome, stop } = runEffect(effect, input.value, context, { clock, ms: limits.effectTimeoutMs, take })
    // the end of a statement withdraws its request; it is no limit on how long the other side may take
    const cancelEnd = clock.after(Math.max(0, expires - now), stop)
    entry.current = { writer, stop }
    if (effect.onChange === true) {
      const others = [...views].filter(([name]) => name !== self)
      entry.outdatedAt = Math.min(Infinity, ...others.map(([, { next = Infinity }]) => next))
    }
    counters.add('effects.run')
    const ended = await outcome.finally(cancelEnd)
    if (typeof ended === 'string') {
      return `effects.${ended}`
    }
    const { value: verdict, ttl } = ended.verdict
    return isValidVerdict(ended.verdict) && factNodes(entry.request, verdict) < maxNodes
      ? await this.#state(entry, requester, copyBytes(verdict), time.read().now + ttl * 1000)
      : 'effects.failed'
  }

  /** Writes a verdict into the machine's own document, until it ends or the statement of the requester expires. */
  async #state(entry: QueueEntry, requester: Requester, verdict: Node, until: number): Promise<Counter> {
    const { records, time, shown } = this.#init
    const { writer, fromAuthor, expires: end } = requester
    if (this.#closed) {
      return 'effects.cancelled'
    }
    const { fact, chargedTo, request } = entry
    const expires = Math.floor(Math.min(until, end))
    const stated = { fact: { verdict, createdAt: time.read().now, until, expires }, chargedTo: writer }
    const statement = {
      body: factBody(request.predicate, new Predicate(SET, [verdict])),
      chargedTo: writer,
      local: !fromAuthor,
      expires: () => expires,
    }
    try {
      const written = await records.writeOwn(entry.record, (views) => {
        if (!shown.has(views, writer, request.id)) {
          return []
        }
        Object.assign(entry, stated) // before the lock is released: the next holder of the lock may revoke it
        return [statement]
      })
      return written > 0 ? 'facts.stated' : 'effects.cancelled'
    } catch {
      Object.assign(entry, { fact, chargedTo })
      return 'facts.failed'
    }
  }

  /** Charges a writer for the largest fact; returns the cost, or undefined when it would exceed a quota. */
  #reserve({ record, request }: QueueEntry, writer: string, nodes: number, used: Usage): number | undefined {
    const { usage, limits } = this.#init
    const bytes = size(request.predicate) + recordKey(record).length + MAX_VERDICT_BYTES + ENVELOPE_BYTES
    const cost = costOf(bytes, nodes, nodes)
    const none = { freed: 0, writers: 0, ownBytes: 0, othersExcess: 0, slots: 0 }
    const demand = { cost, removesOnly: false, newcomer: false, ...none }
    if (exceededQuota(demand, used, usage.total, limits) !== undefined) {
      return undefined
    }
    usage.reserve(writer, cost)
    return cost
  }
}

function isValidVerdict({ value, ttl }: Verdict): boolean {
  return ttl > 0 && Number.isFinite(ttl) && size(value) <= MAX_VERDICT_BYTES
}

/**
 * Number of nodes of a fact. The verdict is counted as an argument, where no operator is allowed: an operator in it
 * could outlive or revoke the fact.
 *
 * @throws IrError for a verdict with an operator in it
 */
function factNodes({ predicate }: EffectRequest, verdict: Node): number {
  const body = factBody(predicate, new Predicate(SET, [new Predicate('', [verdict])]))
  return validateUpdate({ seq: 0, hash: '0'.repeat(64), expires: 0, retain: MAX_RETAIN_MS, body }).nodes
}
