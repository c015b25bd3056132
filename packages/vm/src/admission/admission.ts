import { copyBytes, seqTime } from '@sr/ir'
import type { EventLoopBudget } from '@sr/runtime'
import type { ValidatedUpdate } from '@sr/ir/validate'
import type { Node } from '@sr/xr'
import { VmError } from '../errors.ts'
import { touchesFacts } from '../facts.ts'
import type { MachineLimits } from '../limits.ts'
import { recordId, recordKey } from '../records/record-id.ts'
import { type LiveUpdate, merge, type RecordState } from '../records/record-state.ts'
import type { Records } from '../records/records.ts'
import type { DocumentView } from '../records/document-view.ts'
import type { UsageTracker } from '../records/usage-tracker.ts'
import { isPromise } from '../store/store-calls.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import type { DecodedUpdate, EncodedUpdate, ParsedUpdate, UpdateCodec } from './codec-port.ts'
import { BYTES_PER_SLOT, costOf } from './cost.ts'
import { demandOf } from './demand.ts'
import { mapErrors } from './map-errors.ts'
import { type Meter, priceOf } from './meter.ts'
import type { Receipt, SubmitOptions, UnsignedUpdate, Via } from './receipt.ts'
import type { Stamp } from './stamper.ts'
import {
  assertValid,
  validate,
  validateHead,
  validateIfSeq,
  validateKey,
  validateLifetime,
  validateQuota,
  validateSeq,
  validateTtl,
  validateUpdateBytes,
  validateWriter,
} from './validate.ts'

/** Verbatim bytes from which on an update has a turn of the event loop for itself: it takes milliseconds. */
const LONG_UPDATE_BYTES = 16 * 1024

/** What admission works with. */
export interface AdmissionInit {
  readonly self: string
  readonly limits: MachineLimits
  readonly codec: UpdateCodec
  readonly stamp: Stamp
  readonly records: Records
  readonly usage: UsageTracker
  readonly time: EffectiveTime
  /** what may be done in one turn of the event loop, in slots */
  readonly budget: EventLoopBudget
  readonly meter: Meter | undefined
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
  /** whether it stays on this machine; default: if all that this machine states in the record does */
  readonly local?: boolean
  /** when it expires, given the machine's time; both milliseconds since 1970 */
  readonly expires: (now: number) => number
}

/** How an update is admitted. */
interface Terms {
  readonly chargedTo: string
  /** whether this machine made the seq */
  readonly stamped: boolean
  readonly local: boolean
  readonly via: Via
  readonly ifSeq: number | undefined
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
    { signal, ifSeq, via = 'peer' }: SubmitOptions,
    needsContent: (live: LiveUpdate) => boolean,
  ): Promise<AcceptedUpdate> {
    const { records } = this.#init
    const parsed = await this.parse(given, ifSeq)
    const id = recordId(parsed.key)
    const known = records.peek(id) ?? (await records.useFor(signal, id, (record) => record))
    assertValid(validateHead(parsed, false, this.#init.time.read()))
    const duplicate = findDuplicate(known, parsed, needsContent)
    if (duplicate !== undefined) {
      return duplicate
    }
    const decoded = await this.verify(known, parsed, signal)
    const terms = { chargedTo: parsed.writer, stamped: false, local: false, via, ifSeq }
    return await records.useFor(signal, id, async (record) => await this.#admit(record, decoded, terms))
  }

  /** Admits an update that is stamped and encoded here. */
  async updateUnsigned(update: UnsignedUpdate, { signal, ifSeq, via = 'own' }: SubmitOptions): Promise<AcceptedUpdate> {
    const { records } = this.#init
    const { key, encode } = await this.draft(update, ifSeq)
    return await records.useFor(signal, recordId(key), async (record) => {
      const encoded = await encode(record)
      if (isLong(encoded)) {
        await this.#turn(encoded)
      }
      const { writer, signed } = encoded.update
      const terms = { chargedTo: writer, stamped: true, local: !signed, via, ifSeq }
      return await this.#admit(record, encoded, terms)
    })
  }

  /** Makes the statements that `choose` returns for what a record shows, with no other update in between. Returns their number. */
  async writeOwn(
    id: string,
    choose: (views: ReadonlyMap<string, DocumentView>) => readonly OwnStatement[],
  ): Promise<number> {
    const { records, self, stamp } = this.#init
    const key = recordKey(id)
    return await records.use(id, async (record) => {
      await records.prepare(record)
      const statements = choose(records.snapshot(record).documents)
      for (const { body, chargedTo, local = isLocal(record, self), expires } of statements) {
        const encoded = await stamp(record, { key, writer: self, body, expires })
        const stays = local || !encoded.update.signed
        await this.#admit(record, encoded, { chargedTo, stamped: true, local: stays, via: 'own', ifSeq: undefined })
      }
      return statements.length
    })
  }

  /** Reads the head of the bytes of a signed update. */
  async parse(given: Uint8Array, ifSeq: number | undefined): Promise<ParsedUpdate> {
    const { codec, limits } = this.#init
    assertValid(validateUpdateBytes(given, limits) ?? validateIfSeq(ifSeq))
    // a copy: the caller may write to its array as soon as the call has returned its promise
    const bytes = new Uint8Array(given)
    const parsed = await mapErrors(() => codec.parse(bytes))
    if (!parsed.signed) {
      throw new VmError('VM_SIG', 'the update has no signature; expected one by its writer')
    }
    return parsed
  }

  /** Checks what the head of an update suffices to refuse, then decodes the body and verifies the signature. */
  async verify(record: RecordState, parsed: ParsedUpdate, signal: AbortSignal | undefined): Promise<EncodedUpdate> {
    const { codec } = this.#init
    assertValid(await this.#validateParsed(record, parsed))
    if (isLong(parsed)) {
      await this.#turn(parsed)
    }
    return await mapErrors(() => codec.verify(parsed, signal === undefined ? {} : { signal }))
  }

  /** Checks an update without a seq; returns its key and what encodes it for a record. */
  async draft(
    { key: givenKey, writer, body: givenBody, ttl }: UnsignedUpdate,
    ifSeq: number | undefined,
  ): Promise<{ readonly key: Uint8Array; readonly encode: (record: RecordState) => Promise<EncodedUpdate> }> {
    const { codec, limits, self, stamp } = this.#init
    assertValid(
      validateKey(givenKey) ?? validateTtl(ttl, limits) ?? validateWriter(writer, codec) ?? validateIfSeq(ifSeq),
    )
    // copies: the caller may write to its arrays as soon as the call has returned its promise
    const key = new Uint8Array(givenKey)
    const body = await mapErrors(() => copyBytes(givenBody))
    if (writer === self && touchesFacts(body)) {
      throw new VmError('VM_WRITER', 'the body writes facts, or replaces the document that has them; only effects may')
    }
    const expires = (now: number): number => now + Math.max(1, ttl) * 1000
    return {
      key,
      async encode(record) {
        const encoded = await stamp(record, { key, writer, body, expires })
        assertValid(validateUpdateBytes(encoded.bytes, limits))
        return encoded
      },
    }
  }

  /**
   * Validates an update for a record; returns what it is charged and its price. `reserve` is called in the same turn as the quotas are
   * compared, so that concurrent updates cannot exceed them together.
   */
  async judge(
    record: RecordState,
    { update, bytes }: EncodedUpdate,
    { stamped, ifSeq }: Pick<Terms, 'stamped' | 'ifSeq'>,
    reserve: (bytes: number, records: number) => void = () => {},
  ): Promise<{ readonly cost: number; readonly price: number }> {
    const { limits, self, time, usage, meter } = this.#init
    const { writer, hash, content, retain } = update
    const owner = record.documents.get(writer)
    const cost = costOf(bytes.length, content.nodes, content.objects)
    if (owner?.live.has(hash) === true) {
      return { cost, price: 0 }
    }
    assertValid(validateSeq(owner?.document.seq ?? 0, ifSeq))
    const demand = demandOf(record, update, cost, this.#init)
    let used = writer === self ? undefined : usage.usage(writer)
    if (isPromise(used)) {
      const loaded = await used
      used = usage.known(writer) ?? loaded
    }
    const instant = time.read()
    const request = { head: update, content, stamped, demand }
    assertValid(validate(request, { instant, limits, usage: used, total: usage.total }))
    reserve(cost, demand.newcomer ? 1 : 0)
    const lifetimeMs = retain - instant.now
    if (meter === undefined || writer === self) {
      return { cost, price: 0 }
    }
    const price = await priceOf(meter, { writer, cost, lifetimeMs, update })
    assertValid(validateHead(update, stamped, time.read())) // time has passed
    return { cost, price }
  }

  /** Waits until a long update may be decoded or merged. */
  async #turn({ bytes: { length } }: Pick<EncodedUpdate, 'bytes'>): Promise<void> {
    await this.#init.budget.take(length / BYTES_PER_SLOT)
  }

  async #admit(record: RecordState, encoded: EncodedUpdate, terms: Terms): Promise<AcceptedUpdate> {
    const { records, usage } = this.#init
    const { update, bytes } = encoded
    const { writer, hash, seq, expires, retain, content, signed } = update
    const { chargedTo, local, via } = terms
    let release = (): void => {}
    const reserve = (reserved: number, documents: number): void => {
      usage.reserve(chargedTo, reserved, documents)
      release = () => {
        usage.reserve(chargedTo, -reserved, -documents)
        release = () => {}
      }
    }
    let judged: { readonly cost: number; readonly price: number }
    try {
      judged = await this.judge(record, encoded, terms, reserve)
    } catch (err) {
      release()
      throw err
    }
    const { cost, price } = judged
    records.noticeExpiry(record)
    const merged = merge(record, update)
    const resumed = this.#init.isResumed(content)
    const entry = { record: record.id, hash, retain, writer, chargedTo, cost, resumed, signed, local, bytes }
    // the commit counts the update from its first turn on
    const storing = records.store(record, merged, entry, via)
    release()
    const stored = await storing
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
        counter: record.counter,
        bytes: bytes.length,
        cost: stored ? cost : 0,
        price: stored ? price : 0,
        expires,
        retain,
        forked: applied.forked,
      },
    }
  }

  /** Returns an error if the head and the size of an update suffice to refuse it; then its signature need not be verified. */
  async #validateParsed(record: RecordState, parsed: ParsedUpdate): Promise<VmError | undefined> {
    const { limits, self, time, usage } = this.#init
    const { writer, seq, expires, bytes } = parsed
    const early =
      validateHead(parsed, false, time.read()) ??
      // a `$ttl` in the body may last beyond `expires`
      (expires > seqTime(seq) ? validateLifetime(parsed, expires, seqTime(seq), limits) : undefined)
    if (early !== undefined || writer === self) {
      return early
    }
    const used = await usage.usage(writer)
    // the body may only remove, and may replace all that its writer has here
    const cost = costOf(bytes.length, 1, 1)
    const none = { writers: 0, ownBytes: 0, othersExcess: 0, slots: 0 }
    const newcomer = !record.documents.has(writer)
    const demand = { cost, freed: newcomer ? 0 : used.bytes, removesOnly: true, newcomer, ...none }
    return validateQuota(demand, used, usage.total, limits)
  }
}

function isLong({ bytes }: Pick<EncodedUpdate, 'bytes'>): boolean {
  return bytes.length > LONG_UPDATE_BYTES
}

/** Whether all that a writer states in a record stays on this machine. */
function isLocal({ documents }: RecordState, writer: string): boolean {
  return [...(documents.get(writer)?.live.values() ?? [])].every(({ local }) => local)
}

/** The answer to an update that is stored already, under a signature that was verified then. */
function findDuplicate(
  record: RecordState,
  { writer, hash, expires, retain, bytes }: ParsedUpdate,
  needsContent: (live: LiveUpdate) => boolean,
): AcceptedUpdate | undefined {
  const owner = record.documents.get(writer)
  const live = owner?.live.get(hash)
  // a stored update without a signature was never verified; whether a fork is still live only a merge tells
  if (owner === undefined || live?.signed !== true || owner.forked || needsContent(live)) {
    return undefined
  }
  const { seq } = owner.document
  const receipt = { hash, seq, counter: record.counter, bytes: bytes.length, expires, retain, forked: false }
  const duplicate = { status: 'duplicate', changed: false, cost: 0, price: 0 } as const
  return { id: record.id, writer, update: undefined, live, receipt: { ...duplicate, ...receipt } }
}
