import type { View } from '@sr/ir'
import { yieldToEventLoop } from '@sr/runtime'
import type { Node, Path } from '@sr/xr'
import { ANY, DEEP, type Selector } from '@sr/xr/selector'
import { encode } from '@sr/xr/dag-cbor'
import { recordId } from '../records/record-id.ts'
import type { DocumentView, RecordSnapshot } from '../records/document-view.ts'
import type { RecordLoader } from '../records/record-loader.ts'
import type { Records } from '../records/records.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import { isSameEpoch, type Revision } from '../watch/revision.ts'
import { type Cursor, cursorCheck, decodeCursor, encodeCursor } from './cursor.ts'
import { cutDocument } from './cut-document.ts'
import { MAX_STEPS_OF_PAGE, PAGE_BYTES, PAGE_ROWS } from './page-limits.ts'
import { type Row, selectRows } from './select-rows.ts'

/** Parts of a document visited before other work of the process runs: about 5 ms. */
const SLICE_STEPS = 2000

/** Bytes of a document in a page besides its tree, at most: peer id, flags, two times, heads. */
const DOCUMENT_HEAD_BYTES = 96

/** What `get` reads. */
export interface GetOptions {
  /** only these writers; default: all */
  readonly writers?: readonly string[]
  /** the revision that the caller has; what has not changed since is not returned again */
  readonly have?: Revision
  readonly signal?: AbortSignal
}

/** What a record shows at one revision. It is shared between callers: do not write to it. */
export interface RecordView {
  readonly revision: Revision
  /** by writer, without anything expired; empty when there is no such record */
  readonly documents: ReadonlyMap<string, DocumentView>
  /** whether the record has not changed since `have`; then `documents` is empty */
  readonly unchanged: boolean
}

/** What all pages have in common. */
interface PageRequest {
  /** only these writers; default: all */
  readonly writers?: readonly string[]
  /** most bytes of a page, from 1,024; default 65,536. One value that is larger is a page by itself */
  readonly maxBytes?: number
  /** the cursor of the page before; default: from the beginning */
  readonly after?: Uint8Array
  readonly signal?: AbortSignal
}

/** What `getPage` reads. */
export interface PageOptions extends PageRequest {
  /** only what stands at this path of Dict keys; writers of whom nothing stands there are left out. Default: whole documents */
  readonly at?: Path
  /** the revision that the caller has: what has not changed since is not returned again */
  readonly have?: Revision
}

/** One writer's document in a page, or a piece of it. */
export interface PagedDocument {
  readonly writer: string
  /** the writer's highest seq in the record */
  readonly seq: number
  readonly signed: boolean
  readonly forked: boolean
  /** whether the next page has more of it; pieces join by `joinPieces` of `@sr/xr` */
  readonly goesOn: boolean
  /** when it shows something else by expiry, and when the last of it ends, milliseconds since 1970 */
  readonly next: number
  readonly ends: number
  readonly node: Node
}

/** A page of a record. */
export interface Page {
  readonly revision: Revision
  /** whether the record has not changed since `have`; then there are no documents */
  readonly unchanged: boolean
  /** by writer, in the order of their ids */
  readonly documents: readonly PagedDocument[]
  /** where the next page begins; undefined after the last one */
  readonly after: Uint8Array | undefined
}

/** What `getUpdates` reads. */
export interface UpdatesOptions extends PageRequest {
  readonly have?: Revision
}

/** A page of the updates of a record. */
export interface UpdatesPage {
  readonly revision: Revision
  readonly unchanged: boolean
  /** verbatim, in the order of their hashes */
  readonly updates: readonly Uint8Array[]
  readonly after: Uint8Array | undefined
}

/** What `query` reads. */
export interface QueryOptions extends PageRequest {
  /** only predicates of these tags; default: every kind of node */
  readonly tags?: readonly string[]
  /** most rows; default and at most 500 */
  readonly limit?: number
}

/** One result of a query. */
export interface QueryRow extends Row {
  readonly writer: string
  readonly signed: boolean
  readonly forked: boolean
}

/** A page of the results of a query. */
export interface QueryPage {
  readonly revision: Revision
  /** by writer, in the order of their ids, and in canonical order */
  readonly rows: readonly QueryRow[]
  /** where the next page begins, which may have no rows; undefined when everything was read */
  readonly after: Uint8Array | undefined
}

/** One writer's document at the instant of a read. It does not change any more. */
interface ReadDocument {
  readonly writer: string
  readonly seq: number
  readonly signed: boolean
  readonly forked: boolean
  readonly view: View
}

interface ReadRecord {
  readonly revision: Revision
  readonly documents: readonly ReadDocument[]
}

/** Reads records in pages. A page is made of one instant; what lives through all pages of a read comes exactly once. */
export class Reads {
  readonly #records: Records
  readonly #loader: RecordLoader
  readonly #time: EffectiveTime

  constructor(records: Records, loader: RecordLoader, time: EffectiveTime) {
    this.#records = records
    this.#loader = loader
    this.#time = time
  }

  /** A page of what a record shows. */
  async page(key: Uint8Array, options: PageOptions): Promise<Page> {
    const { writers, at = [], have, maxBytes = PAGE_BYTES, after, signal } = options
    const check = cursorCheck(key, ['page', encodePath(at), writers === undefined ? null : [...writers].sort()])
    const cursor = after === undefined ? undefined : decodeCursor(after, check)
    const { revision, documents } = await this.#read(key, writers, signal)
    if (after === undefined && have !== undefined && isUnchanged(have, revision)) {
      return { revision, unchanged: true, documents: [], after: undefined }
    }
    const page: PagedDocument[] = []
    const end = (at?: Cursor): Page => {
      return {
        revision,
        unchanged: false,
        documents: page,
        after: at === undefined ? undefined : encodeCursor(at, check),
      }
    }
    let left = maxBytes
    for (const { writer, seq, signed, forked, view } of from(documents, cursor)) {
      if (page.length > 0 && left < DOCUMENT_HEAD_BYTES) {
        return end({ writer, position: undefined, inside: undefined })
      }
      const position = cursor?.writer === writer ? cursor.position : undefined
      const piece = cutDocument(view, {
        at,
        maxBytes: Math.max(1, left - DOCUMENT_HEAD_BYTES),
        after: position,
        budget: SLICE_STEPS,
      })
      if (piece?.node === undefined) {
        continue
      }
      const bytes = encode(piece.node).length + DOCUMENT_HEAD_BYTES
      if (page.length > 0 && bytes > left) {
        return end({ writer, position, inside: undefined })
      }
      const { node, next, ends } = piece
      left -= bytes
      page.push({ writer, seq, signed, forked, goesOn: piece.after !== undefined, next, ends, node })
      if (piece.after !== undefined) {
        return end({ writer, position: piece.after, inside: undefined })
      }
      await yieldToEventLoop()
      signal?.throwIfAborted()
    }
    return end()
  }

  /** A page of the verbatim signed updates of a record that are live. */
  async updates(key: Uint8Array, options: UpdatesOptions): Promise<UpdatesPage> {
    const { writers, have, maxBytes = PAGE_BYTES, after, signal } = options
    const check = cursorCheck(key, ['updates', writers === undefined ? null : [...writers].sort()])
    const behind = after === undefined ? '' : decodeCursor(after, check).writer
    return await this.#records.useFor(signal, recordId(key), async (record) => {
      await this.#records.prepare(record)
      const { revision } = this.#records.snapshot(record)
      if (after === undefined && have !== undefined && isUnchanged(have, revision)) {
        return { revision, unchanged: true, updates: [], after: undefined }
      }
      const page = await this.#loader.signedUpdates(record, { writers, after: behind, maxBytes })
      const { updates, last, more } = page
      const cursor = more ? encodeCursor({ writer: last, position: undefined, inside: undefined }, check) : undefined
      return { revision, unchanged: false, updates, after: cursor }
    })
  }

  /** A page of the parts whose path matches a selector. */
  async query(key: Uint8Array, selector: Selector, options: QueryOptions): Promise<QueryPage> {
    const { writers, tags, limit = PAGE_ROWS, maxBytes = PAGE_BYTES, after, signal } = options
    const steps = selector.map((step) => (step === ANY ? 0 : step === DEEP ? 1 : encode(step)))
    const names = writers === undefined ? null : [...writers].sort()
    const check = cursorCheck(key, ['query', steps, names, tags === undefined ? null : [...tags].sort()])
    let cursor = after === undefined ? undefined : decodeCursor(after, check)
    const { revision, documents } = await this.#read(key, writers, signal)
    const rows: QueryRow[] = []
    const end = (at?: Cursor): QueryPage => {
      return { revision, rows, after: at === undefined ? undefined : encodeCursor(at, check) }
    }
    const most = Math.min(limit, PAGE_ROWS)
    let [budget, left] = [MAX_STEPS_OF_PAGE, maxBytes]
    for (const { writer, signed, forked, view } of from(documents, cursor)) {
      let position = cursor?.writer === writer && cursor.position !== undefined ? cursor : undefined
      do {
        if (rows.length >= most || budget <= 0 || left <= 0) {
          return end({ writer, position: position?.position, inside: position?.inside })
        }
        const page = selectRows(view, selector, {
          tags,
          budget: Math.min(budget, SLICE_STEPS),
          maxRows: most - rows.length,
          maxBytes: left,
          after:
            position?.position === undefined ? undefined : { position: position.position, inside: position.inside },
        })
        if (rows.length > 0 && page.bytes > left) {
          // the first row of a page always fits: it goes into the next one
          return end(position ?? { writer, position: undefined, inside: undefined })
        }
        rows.push(...page.rows.map((row) => ({ ...row, writer, signed, forked })))
        budget -= Math.max(1, page.steps)
        left -= page.bytes
        position = page.after === undefined ? undefined : { writer, inside: undefined, ...page.after }
        if (position !== undefined && page.steps < SLICE_STEPS) {
          return end(position)
        }
        await yieldToEventLoop()
        signal?.throwIfAborted()
      } while (position !== undefined)
      cursor = undefined
    }
    return end()
  }

  /** Views of the documents of a record, at one instant, in the order of their writers. */
  async #read(key: Uint8Array, writers: readonly string[] | undefined, signal?: AbortSignal): Promise<ReadRecord> {
    const isWanted = (writer: string): boolean => writers?.includes(writer) ?? true
    return await this.#records.useFor(signal, recordId(key), async (record) => {
      await this.#records.prepare(record)
      const { revision, documents: shown } = this.#records.snapshot(record)
      const { now } = this.#time.read()
      const documents: ReadDocument[] = []
      for (const [writer, { seq, signed, forked }] of shown) {
        const owner = isWanted(writer) ? record.documents.get(writer) : undefined
        if (owner !== undefined) {
          documents.push({ writer, seq, signed, forked, view: owner.document.view(now) })
        }
      }
      return { revision, documents: documents.sort((a, b) => (a.writer < b.writer ? -1 : 1)) }
    })
  }
}

/** The documents from the writer of a cursor on. */
function from(documents: readonly ReadDocument[], cursor: Cursor | undefined): readonly ReadDocument[] {
  return cursor === undefined ? documents : documents.filter(({ writer }) => writer >= cursor.writer)
}

function isUnchanged(have: Revision, revision: Revision): boolean {
  return isSameEpoch(have, revision) && have.counter >= revision.counter
}

function encodePath(path: Path): Uint8Array[] {
  return path.map((step) => encode(step))
}

/** A snapshot as `get` returns it. */
export function viewOf({ revision, documents }: RecordSnapshot, { writers, have }: GetOptions): RecordView {
  if (have !== undefined && isUnchanged(have, revision)) {
    return { revision, documents: new Map(), unchanged: true }
  }
  const wanted = writers?.flatMap((writer) => {
    const view = documents.get(writer)
    return view === undefined ? [] : [[writer, view] as const]
  })
  return { revision, documents: wanted === undefined ? documents : new Map(wanted), unchanged: false }
}
