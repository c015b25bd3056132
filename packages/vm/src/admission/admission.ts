import { copyBytes, seqTime } from '@sr/ir'
import type { ValidatedUpdate } from '@sr/ir/validate'
import type { Node } from '@sr/xr'
import { touchesFacts } from '../facts.ts'
import { VmError } from '../errors.ts'
import type { MachineLimits } from '../limits.ts'
import { recordId, recordKey } from '../records/record-id.ts'
import { type DocumentView, type LiveUpdate, merge, type RecordState, show } from '../records/record-state.ts'
import type { Records } from '../records/records.ts'
import type { UsageTracker } from '../records/usage-tracker.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import type { DecodedUpdate, EncodedUpdate, ParsedUpdate, UpdateCodec } from './codec-port.ts'
import { mapErrors } from './map-errors.ts'
import { costOf, type QuotaDemand, replacesAll } from './quota.ts'
import type { Receipt, UnsignedUpdate } from './receipt.ts'
import type { Stamp } from './stamper.ts'
import {
  assertValid,
  validate,
  validateHead,
  validateKey,
  validateLifetime,
  validateQuota,
  validateUpdateBytes,
  validateTtl,
  validateWriter,
} from './validate.ts'

/** What admission works with. */
export interface AdmissionInit {
  readonly self: string
  readonly limits: MachineLimits
  readonly codec: UpdateCodec
  readonly stamp: Stamp
  readonly records: Records
  readonly usage: UsageTracker
  readonly time: EffectiveTime
  /** whether an update requests an effect that a restart resumes */
  readonly isResumed: (content: ValidatedUpdate) => boolean
}

/** An update that was stored, or found to be a duplicate. */
export interface AcceptedUpdate {
  /** of the record */
  readonly id: string
  readonly writer: string
  /** undefined for a duplicate that was recognised by its hash alone */
  readonly update: DecodedUpdate | undefined
  /** undefined when it is not live: everything in it is overwritten */
  readonly live: LiveUpdate | undefined
  readonly receipt: Omit<Receipt, 'problems' | 'effects'>
}

/** A statement that this machine makes in its own document. */
export interface OwnStatement {
  readonly body: Node
  /** the writer whose quota pays */
  readonly chargedTo: string
  /** when it expires, given the machine's time; both milliseconds since 1970 */
  readonly expires: (now: number) => number
}

/** Decodes, validates, merges and stores updates: one at a time per record, each whole or not at all. */
export class Admission {
  readonly #init: AdmissionInit

  constructor(init: AdmissionInit) {
    this.#init = init
  }

  /**
   * Admits verbatim bytes that their author signed. A duplicate is recognised before its signature is verified, unless
   * `needsContent` says that the caller needs what a live update contains.
   */
  async update(
    given: Uint8Array,
    signal: AbortSignal | undefined,
    needsContent: (live: LiveUpdate) => boolean,
  ): Promise<AcceptedUpdate> {
    const { codec, limits, records } = this.#init
    assertValid(validateUpdateBytes(given, limits))
    // a copy: the caller may write to its array as soon as the call has returned its promise
    const bytes = new Uint8Array(given)
    const parsed = await mapErrors(async () => await codec.parse(bytes))
    if (!parsed.signed) {
      throw new VmError('VM_SIG', 'the update has no signature; expected one by its writer')
    }
    const id = recordId(parsed.key)
    const duplicate = this.#findDuplicate(id, parsed, needsContent)
    if (duplicate !== undefined) {
      return duplicate
    }
    assertValid(this.#validateParsed(id, parsed))
    const decoded = await mapErrors(async () => await codec.verify(parsed, signal === undefined ? {} : { signal }))
    return await records.useFor(signal, id, async (record) => await this.#admit(record, decoded, parsed.writer, false))
  }

  /** Admits an update that is stamped and encoded here. */
  async updateUnsigned(update: UnsignedUpdate, signal: AbortSignal | undefined): Promise<AcceptedUpdate> {
    const { codec, limits, records, self, stamp } = this.#init
    const { writer, ttl } = update
    assertValid(validateKey(update.key) ?? validateTtl(ttl, limits) ?? validateWriter(writer, codec))
    // copies: the caller may write to its arrays as soon as the call has returned its promise
    const key = new Uint8Array(update.key)
    const body = await mapErrors(() => copyBytes(update.body))
    if (writer === self && touchesFacts(body)) {
      throw new VmError('VM_WRITER', 'the body writes facts, or replaces the document that has them; only effects may')
    }
    const expires = (now: number): number => now + Math.max(1, ttl) * 1000
    return await records.useFor(signal, recordId(key), async (record) => {
      const encoded = await stamp(record, { key, writer, body, expires })
      assertValid(validateUpdateBytes(encoded.bytes, limits))
      return await this.#admit(record, encoded, writer, true)
    })
  }

  /** Makes the statements that `choose` returns for what a record shows, with no other update in between. Returns their number. */
  async writeOwn(
    id: string,
    choose: (views: ReadonlyMap<string, DocumentView>) => readonly OwnStatement[],
  ): Promise<number> {
    const { records, self, stamp, time } = this.#init
    const key = recordKey(id)
    return await records.use(id, async (record) => {
      const statements = choose(show(record, time.read().now))
      for (const { body, chargedTo, expires } of statements) {
        const encoded = await stamp(record, { key, writer: self, body, expires })
        await this.#admit(record, encoded, chargedTo, true)
      }
      return statements.length
    })
  }

  async #admit(
    record: RecordState,
    { update, bytes }: EncodedUpdate,
    chargedTo: string,
    stamped: boolean,
  ): Promise<AcceptedUpdate> {
    const { limits, self, time, usage, records } = this.#init
    const { writer, hash, seq, expires, retain, content } = update
    const instant = time.read()
    const cost = costOf(bytes.length, content.nodes, content.objects)
    if (record.documents.get(writer)?.live.has(hash) !== true) {
      const request = { head: update, content, stamped, demand: demandOf(record, update, cost, self) }
      const used = writer === self ? undefined : usage.usage(writer)
      assertValid(validate(request, { instant, limits, usage: used, total: usage.total }))
    }
    const merged = merge(record, update)
    const resumed = this.#init.isResumed(content)
    const entry = { record: record.id, hash, retain, writer, chargedTo, cost, resumed, bytes }
    const stored = await records.store(record, merged, entry, instant.now)
    const { owner, applied } = merged
    return {
      id: record.id,
      writer,
      update,
      live: owner.live.get(hash),
      receipt: {
        status: stored ? 'stored' : 'duplicate',
        changed: applied.changed,
        hash,
        seq: owner.live.size === 0 ? seq : owner.document.seq,
        bytes: bytes.length,
        expires,
        retain,
        forked: applied.forked,
      },
    }
  }

  /** The answer to an update that is stored already, under a signature that was verified then. */
  #findDuplicate(
    id: string,
    { writer, hash, expires, retain, bytes }: ParsedUpdate,
    needsContent: (live: LiveUpdate) => boolean,
  ): AcceptedUpdate | undefined {
    const owner = this.#init.records.peek(id)?.documents.get(writer)
    const live = owner?.live.get(hash)
    // a stored update without a signature was never verified; whether a fork is still live only a merge tells
    if (owner === undefined || live?.signed !== true || owner.forked || needsContent(live)) {
      return undefined
    }
    const receipt = { hash, seq: owner.document.seq, bytes: bytes.length, expires, retain, forked: false }
    return { id, writer, update: undefined, live, receipt: { status: 'duplicate', changed: false, ...receipt } }
  }

  /** Returns an error if the head and the size of an update suffice to refuse it; then its signature need not be verified. */
  #validateParsed(id: string, parsed: ParsedUpdate): VmError | undefined {
    const { limits, self, time, usage } = this.#init
    const { writer, seq, expires, bytes } = parsed
    const used = usage.usage(writer)
    const newcomer = !usage.has(writer, id)
    // the body may only remove, and may replace all that its writer has here
    const demand = { cost: costOf(bytes.length, 1, 1), freed: newcomer ? 0 : used.bytes, removesOnly: true, newcomer }
    return (
      validateHead(parsed, false, time.read()) ??
      // a `$ttl` in the body may last beyond `expires`
      (expires > seqTime(seq) ? validateLifetime(parsed, expires, seqTime(seq), limits) : undefined) ??
      (writer === self ? undefined : validateQuota({ ...demand, writers: 0, slots: 0 }, used, usage.total, limits))
    )
  }
}

function demandOf(
  record: RecordState,
  { writer, seq, content }: DecodedUpdate,
  cost: number,
  self: string,
): QuotaDemand {
  const owner = record.documents.get(writer)
  const replaces = replacesAll(content.body)
  const replaced = owner === undefined || !replaces ? [] : [...owner.live.values()].filter((live) => live.seq < seq)
  return {
    cost,
    freed: replaced.reduce((sum, live) => sum + live.cost, 0),
    removesOnly: content.removesOnly,
    newcomer: owner === undefined,
    writers: record.documents.size - (record.documents.has(self) ? 1 : 0),
    slots: content.nodes + (replaces ? 0 : (owner?.document.slots ?? 0)),
  }
}
