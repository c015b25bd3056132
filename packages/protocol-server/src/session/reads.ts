import { ProtocolError, type ServeContext, type ServedDocument, type ServedMachine } from '@sr/protocol'
import {
  answerMessage,
  encodeGot,
  encodeGotShared,
  encodeRows,
  type GetRequest,
  PAGE_BYTES,
  peerIdText,
  type QueryRequest,
  type Revision,
  type SharedMessage,
  type WireStep,
} from '@sr/protocol/messages'
import { fits, type Path } from '@sr/xr'
import { decode } from '@sr/xr/dag-cbor'
import { ANY, DEEP, type SelectorStep } from '@sr/xr/selector'
import { documentItem, named, rowItem, unnamed } from './wire-items.ts'

type Documents = ReadonlyMap<string, ServedDocument>

/** An encoded record, and how many of its documents are left out. */
interface Whole {
  readonly message: SharedMessage
  readonly unnamed: number
}

/** Answers with a whole record. A record that has not changed is the same Map, so that it is encoded once; `null`: it does not fit a page. */
const WHOLE = new WeakMap<Documents, Whole | null>()

/** Bytes of a document in a page besides its tree: peer id, flags, seq, two times, heads. */
const HEAD_BYTES = 96

/** What a read works with. */
export type ReadContext = Pick<ServeContext, 'machine' | 'account'>

/** The message that answers a get. */
export async function answerGet(
  context: ReadContext,
  id: number,
  request: GetRequest,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { machine } = context
  const { key, as, have } = request
  if (as !== 'updates' && isWhole(request)) {
    const { revision, documents } = await machine.get(key)
    if (have !== undefined && isUnchanged(have, revision)) {
      return encodeGot(id, revision, undefined, undefined)
    }
    const whole = wholeRecord(revision, documents)
    if (whole !== null) {
      countUnnamed(context, whole.unnamed)
      return answerMessage(id, whole.message)
    }
  }
  const options = {
    ...selection(request),
    have,
    maxBytes: request.maxBytes ?? PAGE_BYTES,
    after: request.after,
    signal,
  }
  if (as === 'updates') {
    if (machine.getUpdates === undefined) {
      throw unsupported('as')
    }
    const page = await machine.getUpdates(key, options)
    const content = page.unchanged ? undefined : { updates: page.updates }
    return encodeGot(id, page.revision, content, page.after)
  }
  if (machine.getPage === undefined) {
    throw unsupported('pages')
  }
  const page = await machine.getPage(key, { ...options, at: readPath(request.at) })
  countUnnamed(context, unnamed(page.documents))
  const content = page.unchanged ? undefined : { documents: named(page.documents, documentItem) }
  return encodeGot(id, page.revision, content, page.after)
}

function unsupported(subject: string): ProtocolError {
  return new ProtocolError('PROTOCOL_UNSUPPORTED', `this server reads whole records only, not by ${subject}`, {
    subject,
  })
}

/** Counts documents, changes and rows that are left out, since messages cannot name their writers. */
export function countUnnamed({ account }: Pick<ServeContext, 'account'>, count: number): void {
  if (count > 0) {
    account.count('unnamed', count)
  }
}

/** Whether a get is for all documents from the beginning, in pages of the default size or larger ones. */
function isWhole({ writers, at, after, maxBytes = PAGE_BYTES }: GetRequest): boolean {
  return writers === undefined && after === undefined && (at === undefined || at.length === 0) && maxBytes >= PAGE_BYTES
}

function isUnchanged(have: Revision, revision: Revision): boolean {
  return have.counter >= revision.counter && have.epoch.every((byte, i) => byte === revision.epoch[i])
}

function wholeRecord(revision: Revision, documents: Documents): Whole | null {
  let whole = WHOLE.get(documents)
  if (whole === undefined) {
    whole = fitsPage(documents) ? encodeWhole(revision, documents) : null
    WHOLE.set(documents, whole)
  }
  return whole
}

function encodeWhole(revision: Revision, documents: Documents): Whole {
  const named = items(documents)
  return {
    message: encodeGotShared(revision, { documents: named }, undefined),
    unnamed: documents.size - named.length,
  }
}

function fitsPage(documents: Documents): boolean {
  let left = PAGE_BYTES
  for (const { document } of documents.values()) {
    left -= (left < HEAD_BYTES ? undefined : fits(document, left - HEAD_BYTES)) ?? Infinity
    left -= HEAD_BYTES
    if (left < 0) {
      return false
    }
  }
  return true
}

function items(documents: Documents): NonNullable<ReturnType<typeof documentItem>>[] {
  return [...documents]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([writer, { document, seq, signed, forked, next, ends }]) => {
      return documentItem({ writer, seq, signed, forked, next: next ?? ends, ends, node: document }) ?? []
    })
}

/** The message that answers a query. */
export async function answerQuery(
  context: ReadContext,
  id: number,
  request: QueryRequest,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { key, steps, tags, limit, maxBytes = PAGE_BYTES, after } = request
  const options = { ...selection(request), tags, limit, maxBytes, after, signal }
  const { machine } = context
  const page = await (machine.query as NonNullable<ServedMachine['query']>)(key, steps.map(readStep), options)
  countUnnamed(context, unnamed(page.rows))
  return encodeRows(id, page.revision, named(page.rows, rowItem), page.after)
}

function readStep(step: WireStep): SelectorStep {
  return step === 0 ? ANY : step === 1 ? DEEP : decode(step)
}

/** The writers of a read as the machine names them. */
export function selection({ writers }: { readonly writers?: readonly Uint8Array[] | undefined }): {
  readonly writers: readonly string[] | undefined
} {
  return { writers: writers?.map((writer) => peerIdText(writer)) }
}

/** @throws XrError for a key that is no dag-cbor of the data model */
export function readPath(path: readonly Uint8Array[] | undefined): Path | undefined {
  return path?.map((key) => decode(key))
}
