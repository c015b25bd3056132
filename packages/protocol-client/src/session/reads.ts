import {
  type DocumentView,
  type GetOptions,
  keyBytes,
  ProtocolError,
  type RecordUpdates,
  type RecordView,
  type ServedRow,
} from '@sr/protocol'
import { type Got, type GetRequest, peerIdText, type QueryRequest, readGot, readRows } from '@sr/protocol/messages'
import { type Dict, isKind, joinPieces, type Node, type Path, XrError } from '@sr/xr'
import type { CallOptions, Calls } from './calls.ts'
import { detailsFrom, nodeFrom, rowFrom } from './from-answer.ts'
import { PieceJoiner } from './piece-joiner.ts'
import { pathOf, writersOf } from './to-request.ts'

/** Most bytes of an answer in all its pages, unless a caller sets another limit: 250 documents of the largest size are 64 MiB. */
const MAX_BYTES: number = 16 * 1024 * 1024

type Reading = Omit<GetOptions, 'signal'>

/** The documents of a record; with `at` what stands there. */
export async function readView<D extends Node = Dict>(
  calls: Calls,
  key: Uint8Array | string,
  at: Path | undefined,
  { writers, have, maxBytes = MAX_BYTES, limits, onUnreadable = rejectDocument, signal }: GetOptions = {},
): Promise<RecordView<D>> {
  const documents = new Map<string, DocumentView<D>>()
  const joiner = new PieceJoiner(maxBytes)
  const unreadable = new Set<string>()
  const request: GetRequest = { op: 'get', key: keyBytes(key), writers: writersOf(writers), at: pathOf(at), have }
  const ownLimits = limits && { ...limits }
  const first = await readPages(calls, request, { signal }, ({ documents: pieces = [] }) => {
    for (const piece of pieces) {
      const writer = peerIdText(piece.writer)
      if (unreadable.has(writer)) {
        continue
      }
      try {
        const joined = joiner.take(piece, (one) => documentFrom(one, at, ownLimits))
        if (joined !== undefined) {
          documents.set(writer, { document: joined.node as D, ...detailsFrom(joined.last) })
        }
      } catch (err) {
        if (!(err instanceof XrError)) {
          throw err
        }
        unreadable.add(writer)
        joiner.clear()
        onUnreadable(writer, err)
      }
    }
  })
  return { ...first, documents }
}

function documentFrom(piece: Parameters<typeof nodeFrom>[0], at: Path | undefined, limits: Reading['limits']): Node {
  const node = nodeFrom(piece, limits)
  if (at === undefined && !isKind(node, 'dict')) {
    throw new XrError('XR_KIND', 'expected a Dict as document')
  }
  return node
}

/** The signed updates of a record. */
export async function readUpdates(
  calls: Calls,
  key: Uint8Array | string,
  { writers, have, maxBytes = MAX_BYTES, signal }: Omit<GetOptions, 'limits' | 'onUnreadable'> = {},
): Promise<RecordUpdates> {
  const updates: Uint8Array[] = []
  let bytes = 0
  const request: GetRequest = { op: 'get', key: keyBytes(key), as: 'updates', writers: writersOf(writers), have }
  const first = await readPages(calls, request, { signal }, ({ updates: page = [] }) => {
    for (const update of page) {
      bytes += update.length
      if (bytes > maxBytes) {
        const detail = { limit: 'maxBytes', max: maxBytes, got: bytes }
        throw new ProtocolError('PROTOCOL_TOO_LARGE', `an answer is limited to ${maxBytes} bytes`, detail)
      }
      updates.push(update.slice())
    }
  })
  return { ...first, updates }
}

/**
 * Reads all pages. Returns what the first one says: a reader that goes on from its revision, by `have` or a watch, misses no change
 * that was made between the pages.
 */
async function readPages(
  calls: Calls,
  request: GetRequest,
  options: CallOptions,
  take: (page: Got) => void,
): Promise<Pick<RecordUpdates, 'revision' | 'unchanged' | 'partial'>> {
  const as = request.as ?? 'view'
  const first = readGot((await calls.ask(request, options)).message, as)
  let page = first
  let partial = page.partial
  take(page)
  while (page.after !== undefined) {
    const next: GetRequest = { ...request, have: undefined, after: page.after.slice() }
    page = readGot((await calls.ask(next, options)).message, as)
    partial ||= page.partial
    take(page)
  }
  const unchanged = first.documents === undefined && first.updates === undefined
  return { revision: copyRevision(first.revision), unchanged, partial }
}

/** The epoch is a view of what was received. */
export function copyRevision({ epoch, counter }: Got['revision']): Got['revision'] {
  return { epoch: epoch.slice(), counter }
}

/** The rows of a query, page by page. A container that was cut between pages is one row. */
export async function* readQuery(
  calls: Calls,
  request: QueryRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServedRow, undefined> {
  let after: Uint8Array | undefined
  let pieces: Node[] = []
  do {
    const page = readRows((await calls.ask({ ...request, after }, { signal })).message)
    after = page.after?.slice()
    for (const item of page.rows) {
      const row = rowFrom(item)
      pieces.push(row.node)
      if (!row.goesOn) {
        yield pieces.length === 1 ? row : { ...row, node: joinPieces(pieces) as Node }
        pieces = []
      }
    }
  } while (after !== undefined)
  return undefined
}

/** The default of `onUnreadable`: the call fails, since no document is left out silently. */
function rejectDocument(writer: string, error: XrError): never {
  throw error.with(
    { path: [writer, ...(error.path ?? [])] },
    `the document of ${writer} cannot be read: ${error.message}; pass onUnreadable to have those of the others`,
  )
}
