import type { ServedDocument, ServedMachine } from '@sr/protocol'
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
import { documentItem, named, rowItem } from './wire-items.ts'

type Documents = ReadonlyMap<string, ServedDocument>

/** Answers with a whole record. A record that has not changed is the same Map, so that it is encoded once; `null`: it does not fit a page. */
const WHOLE = new WeakMap<Documents, SharedMessage | null>()

/** Bytes of a document in a page besides its tree: peer id, flags, seq, two times, heads. */
const HEAD_BYTES = 96

/** The message that answers a get. */
export async function answerGet(
  machine: ServedMachine,
  id: number,
  request: GetRequest,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { key, as, have } = request
  if (as !== 'updates' && isWhole(request)) {
    const { revision, documents } = await machine.get(key)
    if (have !== undefined && isUnchanged(have, revision)) {
      return encodeGot(id, revision, undefined, undefined)
    }
    const message = wholeRecord(revision, documents)
    if (message !== null) {
      return answerMessage(id, message)
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
    const page = await (machine.getUpdates as NonNullable<ServedMachine['getUpdates']>)(key, options)
    const content = page.unchanged ? undefined : { updates: page.updates }
    return encodeGot(id, page.revision, content, page.after)
  }
  const page = await (machine.getPage as NonNullable<ServedMachine['getPage']>)(key, {
    ...options,
    at: readPath(request.at),
  })
  const content = page.unchanged ? undefined : { documents: named(page.documents, documentItem) }
  return encodeGot(id, page.revision, content, page.after)
}

/** Whether a get is for all documents from the beginning, in pages of the default size or larger ones. */
function isWhole({ writers, at, after, maxBytes = PAGE_BYTES }: GetRequest): boolean {
  return writers === undefined && after === undefined && (at === undefined || at.length === 0) && maxBytes >= PAGE_BYTES
}

function isUnchanged(have: Revision, revision: Revision): boolean {
  return have.counter >= revision.counter && have.epoch.every((byte, i) => byte === revision.epoch[i])
}

function wholeRecord(revision: Revision, documents: Documents): SharedMessage | null {
  let message = WHOLE.get(documents)
  if (message === undefined) {
    message = fitsPage(documents) ? encodeGotShared(revision, { documents: items(documents) }, undefined) : null
    WHOLE.set(documents, message)
  }
  return message
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
  machine: ServedMachine,
  id: number,
  request: QueryRequest,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { key, steps, tags, limit, maxBytes = PAGE_BYTES, after } = request
  const options = { ...selection(request), tags, limit, maxBytes, after, signal }
  const page = await (machine.query as NonNullable<ServedMachine['query']>)(key, steps.map(readStep), options)
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
