import { CborReader, type CborValue } from '@sr/xr/cbor'
import { decode as decodeNode } from '@sr/xr/dag-cbor'
import { ProtocolError } from '../errors.ts'
import { RETRYABLE_BIT, statusOfCode } from '../status-codes.ts'
import type {
  Cause,
  ChangeItem,
  DocumentItem,
  EventItem,
  ExplainedItem,
  Part,
  RowItem,
  ServerInfo,
  UpdateResult,
} from './answer.ts'
import {
  ANSWER,
  CAUSES,
  DOCUMENT_FLAGS,
  MAX_REQUEST_ID,
  MEMBER,
  PART,
  PART_KINDS,
  RESET_REASONS,
  RESULT_FLAGS,
  TAG_STATUSES,
} from './constants.ts'
import type { Revision } from './request.ts'
import { bytes, integer, list, malformed, map, text } from './values.ts'

/** Items of a message: 262,144 cost about 10 ms. */
const ANSWER_LIMITS = { depth: 16, items: 262_144 } as const

/**
 * What a server sent: an answer, a part, or a refusal. All readers of this file are lenient: they ignore further elements of lists
 * and unknown keys of maps, which later servers may add. All throw ProtocolError `PROTOCOL_PROTO` for what they cannot read.
 */
export interface ServerMessage {
  /** 0 for a message about the stream */
  readonly id: number
  readonly type: 'answer' | 'part' | 'refusal'
  /** of a refusal */
  readonly code: number
  readonly rest: readonly CborValue[]
}

export function readServerMessage(message: Uint8Array): ServerMessage {
  const [id, code, ...rest] = list(readValue(message))
  const number = integer(code)
  const type = number === ANSWER ? 'answer' : number === PART ? 'part' : 'refusal'
  return { id: integer(id, 0, MAX_REQUEST_ID), type, code: number, rest }
}

function readValue(message: Uint8Array): CborValue {
  try {
    const reader = new CborReader(message, ANSWER_LIMITS)
    const value = reader.value()
    reader.end()
    return value
  } catch (cause) {
    throw new ProtocolError('PROTOCOL_PROTO', `a message must be canonical CBOR: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/** The results of an update. */
export function readUpdated({ rest }: ServerMessage): Array<UpdateResult | ProtocolError> {
  return list(rest[0]).map(readResult)
}

function readResult(value: CborValue | undefined): UpdateResult | ProtocolError {
  const [code, second, seq, counter, expires, charge, unread] = list(value)
  if (integer(code) !== ANSWER) {
    return readRefusal(integer(code), second)
  }
  const flags = integer(second)
  return {
    stored: (flags & RESULT_FLAGS.stored) !== 0,
    changed: (flags & RESULT_FLAGS.changed) !== 0,
    forked: (flags & RESULT_FLAGS.forked) !== 0,
    seq: integer(seq),
    counter: integer(counter),
    expires: integer(expires),
    charge: integer(charge),
    unread: Array.isArray(unread)
      ? unread.map((entry: CborValue) => {
          const [path, tag] = list(entry)
          return { path: readPath(path), tag: text(tag) }
        })
      : [],
  }
}

/** What a get found. */
export interface Got {
  readonly revision: Revision
  /** neither: nothing has changed since `have` */
  readonly documents?: readonly DocumentItem[]
  readonly updates?: readonly Uint8Array[]
  readonly after: Uint8Array | undefined
  /** whether the server does not have all of the record yet */
  readonly partial: boolean
}

export function readGot({ rest }: ServerMessage, as: 'view' | 'updates'): Got {
  const [revision, items, after, options] = rest
  const head = {
    revision: readRevision(revision),
    after: readCursor(after),
    partial: options instanceof Map && options.get('partial') === true,
  }
  if (items === null) {
    return head
  }
  return as === 'updates'
    ? { ...head, updates: list(items).map(bytes) }
    : { ...head, documents: list(items).map(readDocument) }
}

function readDocument(value: CborValue): DocumentItem {
  const [writer, flags, seq, next, ends, tree] = list(value)
  const bits = integer(flags)
  return {
    writer: bytes(writer),
    ...readFlags(bits),
    goesOn: (bits & DOCUMENT_FLAGS.goesOn) !== 0,
    seq: integer(seq),
    next: integer(next),
    ends: integer(ends),
    tree: bytes(tree),
  }
}

/** What a query found. */
export interface Rows {
  readonly revision: Revision
  readonly rows: readonly RowItem[]
  readonly after: Uint8Array | undefined
}

export function readRows({ rest: [revision, rows, after] }: ServerMessage): Rows {
  return { revision: readRevision(revision), rows: list(rows).map(readRow), after: readCursor(after) }
}

function readRow(value: CborValue): RowItem {
  const [writer, flags, path, node, expires] = list(value)
  const bits = integer(flags)
  return {
    writer: bytes(writer),
    ...readFlags(bits),
    isMember: (bits & DOCUMENT_FLAGS.member) !== 0,
    goesOn: (bits & DOCUMENT_FLAGS.goesOn) !== 0,
    path: readPath(path),
    node: bytes(node),
    expires: integer(expires),
  }
}

export function readExplained({ rest }: ServerMessage): Omit<ExplainedItem, 'result'> & {
  readonly result: UpdateResult | ProtocolError
} {
  const explained = map(rest[0])
  const price = explained.get('price')
  const tags = explained.get('tags')
  return {
    result: readResult(explained.get('result')),
    price: price === undefined ? 0 : integer(price),
    tags:
      tags === undefined
        ? []
        : list(tags).map((entry) => {
            const [path, tag, status] = list(entry)
            return { path: readPath(path), tag: text(tag), status: TAG_STATUSES[integer(status)] ?? 'unknown' }
          }),
  }
}

export function readInformed({ rest }: ServerMessage): ServerInfo {
  const info = map(rest[0])
  return {
    version: text(info.get('v')),
    self: bytes(info.get('id')),
    network: text(info.get('net')),
    now: integer(info.get('now')),
    epoch: bytes(info.get('epoch')),
    merge: text(info.get('merge')),
    can: list(info.get('can')).map(text),
    limits: readNumbers(info.get('limits')),
    tags: list(info.get('tags')).map((entry) => {
      const [tag, costs] = list(entry)
      return [text(tag), readNumbers(costs)] as const
    }),
    you: readNumbers(info.get('you')),
  }
}

function readNumbers(value: CborValue | undefined): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  for (const [name, number] of map(value)) {
    if (typeof number === 'number') {
      numbers.set(name, number)
    }
  }
  return numbers
}

export function readPong({ rest }: ServerMessage): number {
  return integer(rest[0])
}

/** A part of a watch; undefined for a kind that this version does not know. */
export function readPart({ rest }: ServerMessage): Part | undefined {
  const [kind, second, third] = rest
  switch (integer(kind)) {
    case PART_KINDS.snapshot:
      return { kind: 'snapshot', documents: list(second).map(readDocument) }
    case PART_KINDS.marker:
      return { kind: 'marker', revision: readRevision(second) }
    case PART_KINDS.changes:
      return { kind: 'changes', counter: integer(second), changes: list(third).map(readChange) }
    case PART_KINDS.gap:
      return { kind: 'gap', counter: integer(second) }
    case PART_KINDS.reset:
      return { kind: 'reset', epoch: bytes(second), why: RESET_REASONS[integer(third)] ?? 'unknown-epoch' }
    case PART_KINDS.updates:
      return { kind: 'updates', counter: integer(second), updates: list(third).map(bytes) }
    default:
      return undefined
  }
}

function readChange(value: CborValue): ChangeItem {
  const [writer, flags, seq, next, ends, events] = list(value)
  return {
    writer: bytes(writer),
    ...readFlags(integer(flags)),
    seq: integer(seq),
    next: integer(next),
    ends: integer(ends),
    events: list(events).map(readEvent),
  }
}

function readEvent(event: CborValue): EventItem {
  const [cause, path, value, expires] = list(event)
  const bits = integer(cause, 0, 7)
  return {
    cause: CAUSES[bits & 3] as Cause,
    isMember: (bits & MEMBER) !== 0,
    path: readPath(path),
    value: value === null ? undefined : bytes(value),
    expires: expires === null ? undefined : integer(expires),
  }
}

/**
 * The error that a refusal is for the caller: its code is the status. One that this version does not know is `E_INTERNAL`, and
 * `retryable` by its bit.
 */
export function readRefusal(code: number, detail: CborValue | undefined): ProtocolError {
  const known = statusOfCode(code)
  const given = detail instanceof Map ? (detail as ReadonlyMap<string, CborValue>) : new Map<string, CborValue>()
  const number = (name: string): number | undefined => {
    const value = given.get(name)
    return typeof value === 'number' ? value : undefined
  }
  const string = (name: string): string | undefined => {
    const value = given.get(name)
    return typeof value === 'string' ? value : undefined
  }
  const [limit, max, got] = [string('limit'), number('max'), number('got')]
  const what =
    limit === undefined
      ? ''
      : `: ${limit}${max === undefined ? '' : ` is limited to ${max}`}${got === undefined ? '' : `, got ${got}`}`
  const applied = number('applied')
  const at = given.get('at')
  return new ProtocolError(known ?? 'E_INTERNAL', `the server refused with ${known ?? `status ${code}`}${what}`, {
    retryable: (code & RETRYABLE_BIT) !== 0,
    applied: applied === 1 ? 'yes' : applied === 2 ? 'unknown' : 'no',
    ...present({
      limit,
      max,
      got,
      waitMs: number('wait'),
      now: number('now'),
      seq: number('seq'),
      price: number('price'),
      subject: string('name'),
    }),
    ...(Array.isArray(at)
      ? { path: at.filter((step) => step instanceof Uint8Array).map((step) => decodeNode(step)) }
      : {}),
  })
}

function present<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}

/** The highest id that the server has taken up or will, of a message about the stream. */
export function readLast({ rest: [detail] }: ServerMessage): number | undefined {
  const last = detail instanceof Map ? (detail as ReadonlyMap<string, CborValue>).get('last') : undefined
  return typeof last === 'number' ? last : undefined
}

function readFlags(bits: number): { signed: boolean; forked: boolean } {
  return { signed: (bits & DOCUMENT_FLAGS.signed) !== 0, forked: (bits & DOCUMENT_FLAGS.forked) !== 0 }
}

function readRevision(value: CborValue | undefined): Revision {
  const [epoch, counter] = list(value)
  const found = { epoch: bytes(epoch), counter: integer(counter) }
  if (found.epoch.length !== 8) {
    throw malformed('an epoch of 8 bytes', epoch)
  }
  return found
}

function readCursor(value: CborValue | undefined): Uint8Array | undefined {
  return value === null || value === undefined ? undefined : bytes(value)
}

function readPath(value: CborValue | undefined): readonly Uint8Array[] {
  return list(value).map(bytes)
}
