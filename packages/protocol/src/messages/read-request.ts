import { CborReader, type CborValue, CBOR_LIMITS } from '@sr/xr/cbor'
import { overLimit, ProtocolError } from '../errors.ts'
import { MAX_KEY_BYTES } from '../limits.ts'
import {
  MAX_CURSOR_BYTES,
  MAX_ITEMS,
  MAX_PAGE_BYTES,
  MAX_PEER_BYTES,
  MAX_REQUEST_ID,
  MAX_REQUEST_MS,
  MAX_ROWS,
  MAX_TAGS,
  MAX_WRITERS,
  MIN_CREDIT_BYTES,
  MIN_PAGE_BYTES,
  MIN_PEER_BYTES,
  OPS,
} from './constants.ts'
import type { Request, Revision, UpdateItem, WireStep } from './request.ts'
import { bool, bytes, integer, list, malformed, text } from './values.ts'

/** A request whose id and operation are known. */
export interface RequestHead {
  readonly id: number
  /** number of the operation, which may be unknown */
  readonly op: number
  /** what stands behind it */
  readonly rest: readonly CborValue[]
}

/**
 * Reads the message of a request: canonical CBOR, a list that begins with an id and an operation.
 *
 * @throws ProtocolError `PROTOCOL_PROTO`, after which the stream ends, since the refusal would have no id
 */
export function readRequestHead(message: Uint8Array): RequestHead {
  const [id, op, ...rest] = list(readValue(message))
  return { id: integer(id, 1, MAX_REQUEST_ID), op: integer(op, 0, Number.MAX_SAFE_INTEGER), rest }
}

function readValue(message: Uint8Array): CborValue {
  try {
    const reader = new CborReader(message, CBOR_LIMITS)
    const value = reader.value()
    reader.end()
    return value
  } catch (cause) {
    throw new ProtocolError('PROTOCOL_PROTO', `a message must be canonical CBOR: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/**
 * The request behind a head. Strict: an element too many, an unknown option or a value out of range is refused.
 *
 * @throws ProtocolError `PROTOCOL_PROTO`, `PROTOCOL_TYPE` for an unknown operation, `PROTOCOL_UNSUPPORTED` for an unknown option,
 *   `PROTOCOL_KEY`
 */
export function readRequest({ op, rest }: RequestHead): Request {
  switch (op) {
    case OPS.update: {
      const { ms } = options(rest, 1, ['ms'])
      return { op: 'update', items: some(rest[0], MAX_ITEMS).map(readItem), timeoutMs: time(ms) }
    }
    case OPS.get: {
      const { w, as, at, ms, max, have, after } = options(rest, 1, ['w', 'as', 'at', 'ms', 'max', 'have', 'after'])
      return {
        op: 'get',
        key: readKey(rest[0]),
        ...page(w, ms, max, after),
        ...form(as, { at }),
        have: have === undefined ? undefined : readRevision(have),
      }
    }
    case OPS.query: {
      const { n, w, ms, max, tags, after } = options(rest, 2, ['n', 'w', 'ms', 'max', 'tags', 'after'])
      return {
        op: 'query',
        key: readKey(rest[0]),
        steps: list(rest[1]).map(readStep),
        ...page(w, ms, max, after),
        tags: tags === undefined ? undefined : some(tags, MAX_TAGS).map(text),
        limit: n === undefined ? undefined : integer(n, 1, MAX_ROWS),
      }
    }
    case OPS.watch: {
      const { w, as, at, from, renewed } = options(rest, 2, ['w', 'as', 'at', 'from', 'renewed'])
      return {
        op: 'watch',
        key: readKey(rest[0]),
        credit: integer(rest[1], 0, Number.MAX_SAFE_INTEGER),
        writers: readWriters(w),
        ...form(as, { at, renewed }),
        from: from === undefined ? undefined : readRevision(from),
        renewed: renewed === undefined ? undefined : isTrue(renewed),
      }
    }
    case OPS.explain:
      return exactly(rest, 1, { op: 'explain', item: readItem(rest[0]) })
    case OPS.info:
      return exactly(rest, 0, { op: 'info' })
    case OPS.ping:
      return exactly(rest, 0, { op: 'ping' })
    case OPS.cancel:
      return exactly(rest, 0, { op: 'cancel' })
    case OPS.credit:
      return exactly(rest, 1, { op: 'credit', bytes: readCredit(rest[0]) })
    default:
      throw new ProtocolError('PROTOCOL_TYPE', `unknown operation ${op}`, { subject: String(op) })
  }
}

function exactly<R extends Request>(rest: readonly CborValue[], count: number, request: R): R {
  if (rest.length !== count) {
    throw malformed(`${count} elements`, rest.length)
  }
  return request
}

type Options<Name extends string> = Partial<Record<Name, CborValue>>

/** The options behind `count` arguments. */
function options<Name extends string>(
  rest: readonly CborValue[],
  count: number,
  names: readonly Name[],
): Options<Name> {
  if (rest.length < count || rest.length > count + 1) {
    throw malformed(`${count} elements and options`, rest.length)
  }
  const given = rest[count]
  if (given === undefined) {
    return {}
  }
  if (!(given instanceof Map)) {
    throw malformed('a map of options', given)
  }
  const found: Options<Name> = {}
  for (const [name, value] of given as ReadonlyMap<Name, CborValue>) {
    if (!names.includes(name)) {
      throw new ProtocolError('PROTOCOL_UNSUPPORTED', `unknown option ${JSON.stringify(name)}`, { subject: name })
    }
    found[name] = value
  }
  return found
}

function page(
  w: CborValue | undefined,
  ms: CborValue | undefined,
  max: CborValue | undefined,
  after: CborValue | undefined,
): {
  writers: readonly Uint8Array[] | undefined
  timeoutMs: number | undefined
  maxBytes: number | undefined
  after: Uint8Array | undefined
} {
  const cursor = after === undefined ? undefined : bytes(after)
  if (cursor !== undefined && cursor.length > MAX_CURSOR_BYTES) {
    throw overLimit('PROTOCOL_PROTO', 'cursor', MAX_CURSOR_BYTES, cursor.length)
  }
  return {
    writers: readWriters(w),
    timeoutMs: time(ms),
    maxBytes: max === undefined ? undefined : integer(max, MIN_PAGE_BYTES, MAX_PAGE_BYTES),
    after: cursor,
  }
}

function readItem(value: CborValue | undefined): UpdateItem {
  if (value instanceof Uint8Array) {
    return { signed: value }
  }
  const [first, ...others] = list(value)
  if (others.length < 2) {
    if (others.length === 0) {
      throw malformed('bytes, or a list of 2 to 4', value)
    }
    return { signed: bytes(first), ifSeq: seq(others[0]) }
  }
  if (others.length > 3) {
    throw malformed('an item of 2 to 4 elements', others.length + 1)
  }
  const [body, ttl, ifSeq] = others
  return {
    key: readKey(first),
    body: bytes(body),
    ttl: integer(ttl, 0, Number.MAX_SAFE_INTEGER),
    ifSeq: ifSeq === undefined ? undefined : seq(ifSeq),
  }
}

function readKey(value: CborValue | undefined): Uint8Array {
  const key = bytes(value)
  if (key.length < 1 || key.length > MAX_KEY_BYTES) {
    throw overLimit('PROTOCOL_KEY', 'key', MAX_KEY_BYTES, key.length)
  }
  return key
}

function readStep(value: CborValue): WireStep {
  return value === 0 || value === 1 ? value : bytes(value)
}

function readWriters(value: CborValue | undefined): readonly Uint8Array[] | undefined {
  return value === undefined ? undefined : some(value, MAX_WRITERS).map(readPeer)
}

function readPeer(value: CborValue): Uint8Array {
  const peer = bytes(value)
  if (peer.length < MIN_PEER_BYTES || peer.length > MAX_PEER_BYTES) {
    throw malformed(`a peer id of ${MIN_PEER_BYTES} to ${MAX_PEER_BYTES} bytes`, peer)
  }
  return peer
}

/** View or updates, and the options that only views have. */
function form(
  as: CborValue | undefined,
  ofViews: { readonly at: CborValue | undefined; readonly renewed?: CborValue | undefined },
): { as: 'view' | 'updates' | undefined; at: readonly Uint8Array[] | undefined } {
  const wanted = readAs(as)
  if (wanted === 'updates') {
    for (const [name, value] of Object.entries(ofViews)) {
      if (value !== undefined) {
        throw new ProtocolError('PROTOCOL_UNSUPPORTED', `updates are not read with ${name}`, { subject: name })
      }
    }
  }
  return { as: wanted, at: ofViews.at === undefined ? undefined : list(ofViews.at).map(bytes) }
}

function readAs(value: CborValue | undefined): 'view' | 'updates' | undefined {
  return value === undefined ? undefined : integer(value, 0, 1) === 1 ? 'updates' : 'view'
}

function readRevision(value: CborValue): Revision {
  const [epoch, counter, ...others] = list(value)
  if (others.length > 0 || bytes(epoch).length !== 8) {
    throw malformed('an epoch of 8 bytes and a counter', value)
  }
  return { epoch: bytes(epoch), counter: integer(counter, 0, Number.MAX_SAFE_INTEGER) }
}

function readCredit(value: CborValue | undefined): number {
  const credit = integer(value, 0, Number.MAX_SAFE_INTEGER)
  if (credit > 0 && credit < MIN_CREDIT_BYTES) {
    throw malformed(`0, or ${MIN_CREDIT_BYTES} and more`, credit)
  }
  return credit
}

function isTrue(value: CborValue): true {
  if (!bool(value)) {
    throw malformed('true', value)
  }
  return true
}

function seq(value: CborValue | undefined): number {
  return integer(value, 0, Number.MAX_SAFE_INTEGER)
}

function time(value: CborValue | undefined): number | undefined {
  return value === undefined ? undefined : integer(value, 1, MAX_REQUEST_MS)
}

function some(value: CborValue | undefined, max: number): readonly CborValue[] {
  const items = list(value)
  if (items.length < 1 || items.length > max) {
    throw new ProtocolError('PROTOCOL_PROTO', `expected 1 to ${max} items, got ${items.length}`, {
      limit: 'items',
      max,
      got: items.length,
    })
  }
  return items
}
