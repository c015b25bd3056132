import { type CborValue, encode } from '@sr/xr/cbor'
import { OPS } from './constants.ts'

/** A state of a server: `epoch` is new at every start, 8 bytes; `counter` rises with every change. */
export interface Revision {
  readonly epoch: Uint8Array
  readonly counter: number
}

/** A signed update, from any author. */
export interface SignedItem {
  /** the verbatim envelope */
  readonly signed: Uint8Array
  /** the writer's highest seq that the server must have in the record, 0 for none; else it refuses */
  readonly ifSeq?: number | undefined
}

/** An update of the peer that sends it; the server stamps it. */
export interface OwnItem {
  readonly key: Uint8Array
  /** dag-cbor of the body */
  readonly body: Uint8Array
  /** life, whole seconds */
  readonly ttl: number
  readonly ifSeq?: number | undefined
}

export type UpdateItem = SignedItem | OwnItem

/** A step of a selector: dag-cbor of a key; 0 any key or member; 1 any number of steps. */
export type WireStep = Uint8Array | 0 | 1

/** Options that several requests have. Peers are peer ids in bytes, paths are dag-cbor of their keys. */
interface Selection {
  readonly key: Uint8Array
  readonly writers?: readonly Uint8Array[] | undefined
}

interface Paged {
  readonly maxBytes?: number | undefined
  readonly after?: Uint8Array | undefined
  /** time for the answer, milliseconds */
  readonly timeoutMs?: number | undefined
}

export interface UpdateRequest {
  readonly op: 'update'
  readonly items: readonly UpdateItem[]
  readonly timeoutMs?: number | undefined
}

export interface GetRequest extends Selection, Paged {
  readonly op: 'get'
  readonly as?: 'view' | 'updates' | undefined
  readonly at?: readonly Uint8Array[] | undefined
  readonly have?: Revision | undefined
}

export interface QueryRequest extends Selection, Paged {
  readonly op: 'query'
  readonly steps: readonly WireStep[]
  readonly tags?: readonly string[] | undefined
  readonly limit?: number | undefined
}

export interface WatchRequest extends Selection {
  readonly op: 'watch'
  /** bytes that the server may send at first */
  readonly credit: number
  readonly as?: 'view' | 'updates' | undefined
  readonly at?: readonly Uint8Array[] | undefined
  readonly from?: Revision | undefined
  readonly renewed?: boolean | undefined
}

export interface ExplainRequest {
  readonly op: 'explain'
  readonly item: UpdateItem
}

export interface InfoRequest {
  readonly op: 'info'
}

export interface PingRequest {
  readonly op: 'ping'
}

/** Ends the request with the same id. */
export interface CancelControl {
  readonly op: 'cancel'
}

/** Lets the watch with the same id send more bytes; 0 asks for a marker. */
export interface CreditControl {
  readonly op: 'credit'
  readonly bytes: number
}

/** What a client sends. */
export type Request =
  | UpdateRequest
  | GetRequest
  | QueryRequest
  | WatchRequest
  | ExplainRequest
  | InfoRequest
  | PingRequest
  | CancelControl
  | CreditControl

/**
 * The message of a request.
 *
 * @throws XrError `XR_INT`, `XR_VALUE` for a number that is no integer within ±(2^53 - 1), or a text with lone surrogates
 * @example
 * ```ts
 * import { encodeRequest } from '@sr/protocol/messages'
 *
 * const bytes = encodeRequest(2, { op: 'get', key: new TextEncoder().encode('lobby') })
 * console.log(String(bytes)) // 131,2,2,69,108,111,98,98,121
 * ```
 */
export function encodeRequest(id: number, request: Request): Uint8Array<ArrayBuffer> {
  const options = optionsOf(request)
  return encode([id, OPS[request.op], ...argumentsOf(request), ...(options.size > 0 ? [options] : [])])
}

function argumentsOf(request: Request): CborValue[] {
  switch (request.op) {
    case 'update':
      return [request.items.map(itemValue)]
    case 'get':
      return [request.key]
    case 'query':
      return [request.key, request.steps]
    case 'watch':
      return [request.key, request.credit]
    case 'explain':
      return [itemValue(request.item)]
    case 'credit':
      return [request.bytes]
    case 'info':
    case 'ping':
    case 'cancel':
      return []
  }
}

function itemValue(item: UpdateItem): CborValue {
  const ifSeq = item.ifSeq === undefined ? [] : [item.ifSeq]
  if ('signed' in item) {
    return ifSeq.length === 0 ? item.signed : [item.signed, ...ifSeq]
  }
  return [item.key, item.body, item.ttl, ...ifSeq]
}

/** The options by their names on the wire. */
function optionsOf(request: Request): ReadonlyMap<string, CborValue> {
  switch (request.op) {
    case 'update':
      return given({ ms: request.timeoutMs })
    case 'get':
      return given({
        ...pageOptions(request),
        as: asValue(request.as),
        at: request.at,
        have: request.have && revisionValue(request.have),
      })
    case 'query':
      return given({ ...pageOptions(request), n: request.limit, tags: request.tags })
    case 'watch':
      return given({
        w: request.writers,
        as: asValue(request.as),
        at: request.at,
        from: request.from && revisionValue(request.from),
        renewed: request.renewed === true ? true : undefined,
      })
    default:
      return NONE
  }
}

const NONE: ReadonlyMap<string, CborValue> = new Map()

function pageOptions({
  writers,
  maxBytes,
  after,
  timeoutMs,
}: Selection & Paged): Record<string, CborValue | undefined> {
  return { w: writers, max: maxBytes, after, ms: timeoutMs }
}

function asValue(as: 'view' | 'updates' | undefined): number | undefined {
  return as === 'updates' ? 1 : undefined
}

export function revisionValue({ epoch, counter }: Revision): CborValue {
  return [epoch, counter]
}

function given(options: Record<string, CborValue | undefined>): ReadonlyMap<string, CborValue> {
  const map = new Map<string, CborValue>()
  for (const name in options) {
    const value = options[name]
    if (value !== undefined) {
      map.set(name, value)
    }
  }
  return map
}
