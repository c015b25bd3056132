import { isKind, key, type Predicate } from '@sr/xr'
import type { OwnStatement } from '../admission/admission.ts'
import { yieldToEventLoop } from '../event-loop.ts'
import type { DocumentView } from '../records/record-state.ts'
import type { EffectParts, EffectService } from './effect-service.ts'
import { FACTS, withdrawalBody } from './facts.ts'
import type { Job } from './job.ts'

/** Facts taken back before others get at the record. */
const SLICE = 64

/** Takes back the facts that no statement asks for any more. It runs no effect, and tells nobody that the record has changed. */
export class Withdrawals {
  readonly #parts: EffectParts
  readonly #service: EffectService
  readonly #jobOf: (id: string) => Job | undefined
  /** records being looked at → whether they have changed meanwhile */
  readonly #looking = new Map<string, boolean>()

  /** `jobOf` knows the job of a record and a request: `record id, space, canonical key`. */
  constructor(parts: EffectParts, service: EffectService, jobOf: (id: string) => Job | undefined) {
    this.#parts = parts
    this.#service = service
    this.#jobOf = jobOf
  }

  /** A record has changed. Never rejects; however often it changes, it is looked at once at a time. */
  async look(record: string): Promise<void> {
    const { grammar, records, counters } = this.#parts
    if (grammar.rules.length === 0 || !records.hasOwn(record)) {
      return
    }
    if (this.#looking.has(record)) {
      this.#looking.set(record, true)
      return
    }
    try {
      for (let more = true; more;) {
        this.#looking.set(record, false)
        const gone = await records.writeOwn(record, (views) => this.#idle(record, views))
        counters.add('facts.withdrawn', gone)
        more = gone === SLICE || this.#looking.get(record) === true
        if (more) {
          await yieldToEventLoop()
        }
      }
    } catch {
      counters.add('facts.failed')
    } finally {
      this.#looking.delete(record)
    }
  }

  /** Facts that nobody's document asks for. Their verdicts stay good for whoever asks next. */
  #idle(record: string, views: ReadonlyMap<string, DocumentView>): OwnStatement[] {
    const { self, time } = this.#parts
    const { now, confirmed } = time.read()
    const facts = views.get(self)?.document.get(FACTS)
    const idle: OwnStatement[] = []
    // by a doubted clock nothing can be stated, and so nothing taken back
    if (!confirmed || facts === undefined || !isKind(facts, 'dict')) {
      return idle
    }
    const asked = this.#service.asked(views)
    for (const request of facts.keys()) {
      if (!isKind(request, 'predicate') || !this.#isOurs(request)) {
        continue
      }
      const id = key(request)
      if (!asked.some((requests) => requests.has(id))) {
        const job = this.#jobOf(`${record} ${id}`)
        if (job?.fact !== undefined) {
          job.fact = { ...job.fact, expires: now }
        }
        idle.push({
          body: withdrawalBody(request),
          chargedTo: job?.payer ?? self,
          expires: (createdAt) => createdAt + 1000,
        })
      }
      if (idle.length === SLICE) {
        break
      }
    }
    return idle
  }

  /** Whether this machine would answer the request: what another grammar once stated is left to end by itself. */
  #isOurs({ tag }: Predicate): boolean {
    return this.#parts.grammar.rule(tag)?.effect !== undefined
  }
}
