import { type CborValue, encode } from '@sr/xr/cbor'
import { encode as encodeNode } from '@sr/xr/dag-cbor'
import type { Refusal } from '../status.ts'
import { STATUS_CODES, type Status } from '../status-codes.ts'
import type { TagStatus } from '../machine.ts'
import {
  ANSWER,
  CAUSES,
  DOCUMENT_FLAGS,
  MEMBER,
  PART,
  PART_KINDS,
  RESET_REASONS,
  RESULT_FLAGS,
  TAG_STATUSES,
} from './constants.ts'
import { type Revision, revisionValue } from './request.ts'

/** A predicate that a grammar claims and could not read. */
export interface UnreadTag {
  /** dag-cbor of the keys from the document */
  readonly path: readonly Uint8Array[]
  readonly tag: string
}

/** What became of an update. */
export interface UpdateResult {
  /** false: the server had it already, which is a success, too */
  readonly stored: boolean
  /** whether it changed what the record shows */
  readonly changed: boolean
  /** whether its writer contradicts itself in this record */
  readonly forked: boolean
  /** the writer's highest seq in the record */
  readonly seq: number
  /** counter of the record's last change */
  readonly counter: number
  /** when the update expires, milliseconds since 1970 */
  readonly expires: number
  /** bytes that the writer is charged for it */
  readonly charge: number
  readonly unread?: readonly UnreadTag[]
}

/** One writer's document in an answer or part, or a piece of it. */
export interface DocumentItem {
  /** peer id in bytes */
  readonly writer: Uint8Array
  readonly signed: boolean
  readonly forked: boolean
  /** whether the next page or part has more of it */
  readonly goesOn: boolean
  readonly seq: number
  readonly next: number
  readonly ends: number
  /** dag-cbor of what shows */
  readonly tree: Uint8Array
}

/** One result of a query. */
export interface RowItem {
  readonly writer: Uint8Array
  readonly signed: boolean
  readonly forked: boolean
  /** whether `node` is a member of the List at `path` */
  readonly isMember: boolean
  /** whether its container does not fit into the page, and the next page has more of it */
  readonly goesOn: boolean
  readonly path: readonly Uint8Array[]
  readonly node: Uint8Array
  readonly expires: number
}

export type Cause = (typeof CAUSES)[number]

/** One change of what a document shows. */
export interface EventItem {
  readonly cause: Cause
  readonly isMember: boolean
  readonly path: readonly Uint8Array[]
  readonly value: Uint8Array | undefined
  readonly expires: number | undefined
}

/** What changed in one writer's document. */
export interface ChangeItem {
  readonly writer: Uint8Array
  readonly signed: boolean
  readonly forked: boolean
  readonly seq: number
  readonly next: number
  readonly ends: number
  readonly events: readonly EventItem[]
}

export type ResetReason = (typeof RESET_REASONS)[number]

/** A part of a watch. */
export type Part =
  | { readonly kind: 'snapshot'; readonly documents: readonly DocumentItem[] }
  | { readonly kind: 'marker'; readonly revision: Revision }
  | { readonly kind: 'changes'; readonly counter: number; readonly changes: readonly ChangeItem[] }
  | { readonly kind: 'gap'; readonly counter: number }
  | { readonly kind: 'reset'; readonly epoch: Uint8Array; readonly why: ResetReason }
  | { readonly kind: 'updates'; readonly counter: number; readonly updates: readonly Uint8Array[] }

/** What a refusal says besides what every {@link Refusal} does. */
export interface RefusalExtra {
  /** the server's time, milliseconds since 1970 */
  readonly now?: number | undefined
  /** the highest id that the server has taken up or will */
  readonly last?: number | undefined
}

/** What a server tells about itself. */
export interface ServerInfo {
  readonly version: string
  readonly self: Uint8Array
  readonly network: string
  readonly now: number
  readonly epoch: Uint8Array
  /** version of the merge */
  readonly merge: string
  /** names of what it can do beyond update, get, info, ping and cancel */
  readonly can: readonly string[]
  readonly limits: ReadonlyMap<string, number>
  /** tags that its grammar reads, with what each costs */
  readonly tags: ReadonlyArray<readonly [tag: string, costs: ReadonlyMap<string, number>]>
  /** what the asking peer may use and uses */
  readonly you: ReadonlyMap<string, number>
}

/** What an update would come to. */
export interface ExplainedItem {
  readonly result: UpdateResult | Refusal
  readonly price: number
  readonly tags: ReadonlyArray<{
    readonly path: readonly Uint8Array[]
    readonly tag: string
    readonly status: TagStatus
  }>
}

/** The answer to an update: one result for each item, in order. */
export function encodeUpdated(
  id: number,
  results: ReadonlyArray<UpdateResult | Refusal>,
  extra?: RefusalExtra,
): Uint8Array {
  return encode([id, ANSWER, results.map((result) => resultValue(result, extra))])
}

function resultValue(result: UpdateResult | Refusal, extra?: RefusalExtra): CborValue {
  if ('status' in result) {
    return [STATUS_CODES[result.status], detailValue(result, extra)]
  }
  const { stored, changed, forked, seq, counter, expires, charge, unread = [] } = result
  const flags =
    (stored ? RESULT_FLAGS.stored : 0) | (changed ? RESULT_FLAGS.changed : 0) | (forked ? RESULT_FLAGS.forked : 0)
  return [
    ANSWER,
    flags,
    seq,
    counter,
    expires,
    charge,
    ...(unread.length > 0 ? [unread.map(({ path, tag }): CborValue => [path, tag])] : []),
  ]
}

/** The answer to a get: documents or updates, or neither when nothing has changed since the revision that the client has. */
export function encodeGot(
  id: number,
  revision: Revision,
  content: { readonly documents: readonly DocumentItem[] } | { readonly updates: readonly Uint8Array[] } | undefined,
  after: Uint8Array | undefined,
): Uint8Array {
  return answerMessage(id, encodeGotShared(revision, content, after))
}

/** The same without its id: a record that has not changed is sent in the same bytes to every client. */
export function encodeGotShared(
  revision: Revision,
  content: { readonly documents: readonly DocumentItem[] } | { readonly updates: readonly Uint8Array[] } | undefined,
  after: Uint8Array | undefined,
): SharedMessage {
  const items =
    content === undefined ? null : 'documents' in content ? content.documents.map(documentValue) : content.updates
  return shared([revisionValue(revision), items, after ?? null])
}

/** The answer to a query. */
export function encodeRows(
  id: number,
  revision: Revision,
  rows: readonly RowItem[],
  after: Uint8Array | undefined,
): Uint8Array {
  return encode([id, ANSWER, revisionValue(revision), rows.map(rowValue), after ?? null])
}

/** The answer to an explain. */
export function encodeExplained(id: number, { result, price, tags }: ExplainedItem, extra?: RefusalExtra): Uint8Array {
  const explained = new Map<string, CborValue>([['result', resultValue(result, extra)]])
  if (!('status' in result)) {
    explained.set('price', price)
  }
  if (tags.length > 0) {
    explained.set(
      'tags',
      tags.map(({ path, tag, status }): CborValue => [path, tag, TAG_STATUSES.indexOf(status)]),
    )
  }
  return encode([id, ANSWER, explained])
}

/** The answer to an info. */
export function encodeInformed(id: number, info: ServerInfo): Uint8Array {
  const { version, self, network, now, epoch, merge, can, limits, tags, you } = info
  const entries: ReadonlyArray<readonly [string, CborValue]> = [
    ['v', version],
    ['id', self],
    ['net', network],
    ['now', now],
    ['epoch', epoch],
    ['merge', merge],
    ['can', can],
    ['limits', limits],
    ['tags', tags],
    ['you', you],
  ]
  return encode([id, ANSWER, new Map(entries)])
}

/** The answer to a ping. */
export function encodePong(id: number, now: number): Uint8Array {
  return encode([id, ANSWER, now])
}

/** The end of a request that failed, and with id 0 of the stream. */
export function encodeRefusal(id: number, refusal: Refusal, extra?: RefusalExtra): Uint8Array {
  return encode([id, STATUS_CODES[refusal.status], detailValue(refusal, extra)])
}

/** A message without its id: watches with equal options send the same bytes behind their own ids. */
export interface SharedMessage {
  /** number of items of the message, with id and type */
  readonly items: number
  /** the encoded items behind id and type */
  readonly bytes: Uint8Array
}

function shared(values: readonly CborValue[]): SharedMessage {
  // without the head of the list, which is one byte for up to 23 items
  return { items: values.length + 2, bytes: encode(values).subarray(1) }
}

export function encodePart(part: Part): SharedMessage {
  return shared(partValues(part))
}

/** The message of a part. */
export function partMessage(id: number, message: SharedMessage): Uint8Array {
  return withId(id, PART, message)
}

/** The message of an answer. */
export function answerMessage(id: number, message: SharedMessage): Uint8Array {
  return withId(id, ANSWER, message)
}

function withId(id: number, type: number, { items, bytes }: SharedMessage): Uint8Array {
  const head = encode([id, type])
  const message = new Uint8Array(head.length + bytes.length)
  message.set(head)
  message[0] = 0x80 | items
  message.set(bytes, head.length)
  return message
}

function partValues(part: Part): CborValue[] {
  const kind = PART_KINDS[part.kind]
  switch (part.kind) {
    case 'snapshot':
      return [kind, part.documents.map(documentValue)]
    case 'marker':
      return [kind, revisionValue(part.revision)]
    case 'changes':
      return [kind, part.counter, part.changes.map(changeValue)]
    case 'gap':
      return [kind, part.counter]
    case 'reset':
      return [kind, part.epoch, RESET_REASONS.indexOf(part.why)]
    case 'updates':
      return [kind, part.counter, part.updates]
  }
}

function documentValue({ writer, signed, forked, goesOn, seq, next, ends, tree }: DocumentItem): CborValue {
  return [writer, documentFlags({ signed, forked, goesOn }), seq, next, ends, tree]
}

function rowValue({ writer, signed, forked, isMember, goesOn, path, node, expires }: RowItem): CborValue {
  return [writer, documentFlags({ signed, forked, isMember, goesOn }), path, node, expires]
}

function changeValue({ writer, signed, forked, seq, next, ends, events }: ChangeItem): CborValue {
  return [writer, documentFlags({ signed, forked }), seq, next, ends, events.map(eventValue)]
}

function eventValue({ cause, isMember, path, value, expires }: EventItem): CborValue {
  return [CAUSES.indexOf(cause) | (isMember ? MEMBER : 0), path, value ?? null, expires ?? null]
}

function documentFlags(of: { signed: boolean; forked: boolean; goesOn?: boolean; isMember?: boolean }): number {
  return (
    (of.signed ? DOCUMENT_FLAGS.signed : 0) |
    (of.forked ? DOCUMENT_FLAGS.forked : 0) |
    (of.goesOn === true ? DOCUMENT_FLAGS.goesOn : 0) |
    (of.isMember === true ? DOCUMENT_FLAGS.member : 0)
  )
}

const SPECIAL: ReadonlySet<Status> = new Set<Status>(['E_STALE', 'E_EXPIRED', 'E_CLOCK', 'E_PRICE'])

const APPLIED = { no: undefined, yes: 1, unknown: 2 } as const

function detailValue(refusal: Refusal, { now, last }: RefusalExtra = {}): CborValue {
  const { path, waitMs, seq, price, subject, applied } = refusal
  // these have a detail of their own in place of a limit
  const isSpecial = SPECIAL.has(refusal.status)
  const { limit, max, got } = isSpecial ? ({} as Partial<Refusal>) : refusal
  const detail = new Map<string, CborValue>()
  const set = (name: string, value: CborValue | undefined): void => {
    if (value !== undefined) {
      detail.set(name, value)
    }
  }
  set(
    'at',
    path?.map((step) => encodeNode(step)),
  )
  set('limit', limit)
  set('max', toUint(max))
  set('got', toUint(got))
  set('wait', toUint(waitMs))
  set('seq', seq)
  set('price', toUint(price))
  set('name', subject)
  set('applied', APPLIED[applied])
  set('last', last)
  set('now', refusal.status === 'E_CLOCK' || refusal.status === 'E_EXPIRED' ? now : undefined)
  return detail
}

/** Numbers of other layers may be fractions, or beyond what an integer on the wire holds. */
function toUint(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value)
    ? undefined
    : Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.ceil(value)))
}
