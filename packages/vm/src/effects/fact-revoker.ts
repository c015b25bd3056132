import { remove } from '@sr/ir'
import { yieldToEventLoop } from '@sr/runtime'
import { isKind, key, type Predicate } from '@sr/xr'
import type { OwnStatement } from '../admission/admission.ts'
import type { Counters } from '../counters.ts'
import type { DocumentView } from '../records/document-view.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import { factBody, FACTS } from '../facts.ts'
import type { RecordAccess } from './record-access.ts'
import type { ShownRequests } from './shown-requests.ts'

/** Facts revoked before the record's lock is released. */
const BATCH_SIZE = 64

/** What a revoker works with. */
export interface FactRevokerInit {
  readonly self: string
  readonly time: EffectiveTime
  readonly counters: Counters
  readonly shown: ShownRequests
  readonly writeOwn: RecordAccess['writeOwn']
  /** whether the grammar of this machine has an effect for a tag; facts on other requests are left to expire */
  readonly hasEffect: (tag: string) => boolean
  /** Tells the queue that a fact is revoked; returns the writer that paid for it, when known. */
  readonly onRevoked: (record: string, requestId: string, now: number) => string | undefined
}

/** Revokes the facts that no statement requests any more. */
export class FactRevoker {
  readonly #init: FactRevokerInit
  /** record that is checked → whether it changed since the check began */
  readonly #checking = new Map<string, boolean>()

  constructor(init: FactRevokerInit) {
    this.#init = init
  }

  /** Checks a record that has changed. One check per record runs at a time; it repeats when the record changes meanwhile. Never rejects. */
  async check(record: string): Promise<void> {
    const { counters, writeOwn } = this.#init
    if (this.#checking.has(record)) {
      this.#checking.set(record, true)
      return
    }
    try {
      for (let more = true; more;) {
        this.#checking.set(record, false)
        const revoked = await writeOwn(record, (views) => this.#revocations(record, views))
        counters.add('facts.revoked', revoked)
        more = revoked === BATCH_SIZE || this.#checking.get(record) === true
        if (more) {
          await yieldToEventLoop()
        }
      }
    } catch {
      counters.add('facts.failed')
    } finally {
      this.#checking.delete(record)
    }
  }

  #revocations(record: string, views: ReadonlyMap<string, DocumentView>): OwnStatement[] {
    const { self, time, onRevoked } = this.#init
    const { now, confirmed } = time.read()
    // nothing is stored while the clock is unconfirmed
    const facts = confirmed ? this.#unrequested(views) : []
    return facts.slice(0, BATCH_SIZE).map((request) => ({
      body: factBody(request, remove()),
      chargedTo: onRevoked(record, key(request), now) ?? self,
      // a removal shows nothing, so it may expire soon; it is retained as long as the rest of the document
      expires: (createdAt) => createdAt + 1000,
    }))
  }

  #unrequested(views: ReadonlyMap<string, DocumentView>): Predicate[] {
    const { self, shown, hasEffect } = this.#init
    const facts = views.get(self)?.document.get(FACTS)
    if (facts === undefined || !isKind(facts, 'dict')) {
      return []
    }
    const requested = shown.all(views)
    return [...facts.keys()].filter(
      (request): request is Predicate =>
        isKind(request, 'predicate') && hasEffect(request.tag) && !requested.some((ids) => ids.has(key(request))),
    )
  }
}
