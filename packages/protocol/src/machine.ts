import type { Dict, Node, Path } from '@sr/xr'
import type { Selector } from '@sr/xr/selector'
import type { Revision } from './messages/request.ts'

/** One writer's document in a record, as it shows now. */
export interface ServedDocument {
  readonly document: Dict
  /** the writer's highest seq in the record */
  readonly seq: number
  /** whether every update behind it carries its author's signature */
  readonly signed: boolean
  /** whether its writer contradicts itself */
  readonly forked: boolean
  /** when it changes next by expiry, milliseconds since 1970; undefined when never */
  readonly next: number | undefined
  /** when the last of it ends, milliseconds since 1970 */
  readonly ends: number
}

/** How an update reached this server. */
export interface SubmitOptions {
  /** `author`: on the author's own connection; `peer`: from another peer; `own`: from code on this machine */
  readonly via?: 'author' | 'peer' | 'own'
  /** admits the update only if this is the highest seq of its writer in the record; 0: it has none there */
  readonly ifSeq?: number
  /** peer id of the peer that handed it in */
  readonly from?: string
  /** network address the update came from, when the transport knows it */
  readonly observedAddr?: string
  readonly signal?: AbortSignal
}

/** A predicate that the grammar claims and could not read. */
export interface ServedProblem {
  readonly path: Path
  readonly tag: string
}

/** What a machine answers to an accepted update, as far as protocols use it. */
export interface ServedReceipt {
  readonly status: 'stored' | 'duplicate'
  readonly changed: boolean
  /** whether the writer contradicts itself in this record */
  readonly forked: boolean
  /** the writer's highest seq in the record */
  readonly seq: number
  /** counter of the record's last change */
  readonly counter: number
  /** milliseconds since 1970 */
  readonly expires: number
  /** bytes that the writer is charged for it */
  readonly cost: number
  readonly problems: readonly ServedProblem[]
  /** settles when the blocking effects of the update have answered or their time is up; never rejects */
  readonly effects: Promise<void>
}

/** An update that the machine stamps. */
export interface ServedUpdate {
  readonly key: Uint8Array
  readonly writer: string
  readonly body: Node
  /** whole seconds */
  readonly ttl: number
}

interface PageRequest {
  readonly writers?: readonly string[] | undefined
  readonly maxBytes?: number | undefined
  readonly after?: Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a document says of itself wherever it is sent. `next` and `ends`: when the first and the last of what shows ends. */
interface Shown {
  readonly writer: string
  readonly seq: number
  readonly signed: boolean
  readonly forked: boolean
  readonly next: number
  readonly ends: number
}

/** One writer's document in a page or snapshot, or a piece of it. */
export interface ServedPiece extends Shown {
  readonly node: Node
}

/** A page of a record. */
export interface ServedPage {
  readonly revision: Revision
  readonly unchanged: boolean
  readonly documents: ReadonlyArray<ServedPiece & { readonly goesOn: boolean }>
  readonly after: Uint8Array | undefined
}

/** A page of the verbatim signed updates behind a record. */
export interface ServedUpdatesPage {
  readonly revision: Revision
  readonly unchanged: boolean
  readonly updates: readonly Uint8Array[]
  readonly after: Uint8Array | undefined
}

/** One result of a query. */
export interface ServedRow {
  readonly writer: string
  readonly signed: boolean
  readonly forked: boolean
  readonly path: Path
  readonly isMember: boolean
  /** whether its container does not fit into the page, and the next page has more of it */
  readonly goesOn: boolean
  readonly node: Node
  readonly expires: number
}

/** A page of the results of a query. */
export interface ServedQueryPage {
  readonly revision: Revision
  readonly rows: readonly ServedRow[]
  readonly after: Uint8Array | undefined
}

/** One change of what a document shows. */
export interface ServedEvent {
  readonly cause: 'set' | 'removed' | 'expired' | 'renewed'
  readonly path: Path
  readonly isMember: boolean
  /** what shows now; undefined for `removed` and `expired` */
  readonly value: Node | undefined
  /** what showed before, where the sender knows it; always for a List member that is gone */
  readonly old?: Node | undefined
  /** when the new value ends, milliseconds since 1970 */
  readonly expires: number
}

/** What changed in one writer's document. */
export interface ServedChanges extends Shown {
  readonly events: readonly ServedEvent[]
}

/** A part of a watch. Parts that are the same object may be encoded once. */
export type ServedPart =
  | { readonly kind: 'snapshot'; readonly documents: readonly ServedPiece[] }
  | { readonly kind: 'marker'; readonly revision: Revision }
  | { readonly kind: 'changes'; readonly counter: number; readonly documents: readonly ServedChanges[] }
  | { readonly kind: 'gap'; readonly counter: number }
  | { readonly kind: 'reset'; readonly epoch: Uint8Array; readonly why: 'unknown-epoch' | 'too-old' | 'too-large' }
  | { readonly kind: 'updates'; readonly counter: number; readonly updates: readonly Uint8Array[] }

/** A watch: an iterator over its parts, in order. It is pulled, and `return` ends it. */
export interface ServedWatch extends AsyncIterableIterator<ServedPart, undefined> {
  /** Asks for a marker after the changes so far. */
  mark(): void
  return(): Promise<IteratorResult<ServedPart, undefined>>
}

/** What a grammar says about a predicate. */
export type TagStatus = 'understood' | 'malformed' | 'unknown'

/** What an update would come to. */
export interface ServedExplanation {
  readonly receipt: Omit<ServedReceipt, 'problems' | 'effects'> & { readonly price: number }
  readonly tags: ReadonlyArray<{ readonly path: Path; readonly tag: string; readonly status: TagStatus }>
  readonly problems: readonly ServedProblem[]
}

/** What a machine tells about itself. */
export interface ServedInfo {
  readonly revision: Revision
  readonly merge: string
  readonly limits: object
  readonly tags: readonly string[]
}

/**
 * The part of a machine (`@sr/vm`) that protocols call. Structural: any object with these members will do. A server without one of
 * the optional members does not offer what needs it.
 */
export interface ServedMachine {
  /** the serving peer's id */
  readonly self: string
  /** whether calls are served now; absent when the machine does not tell */
  readonly running?: boolean
  /** `maxTtl`: longest life granted, seconds */
  readonly limits: { readonly maxTtl: number }
  get(
    key: Uint8Array,
    options?: { signal?: AbortSignal },
  ): Promise<{ readonly revision: Revision; readonly documents: ReadonlyMap<string, ServedDocument> }>
  updateUnsigned(update: ServedUpdate, options?: SubmitOptions): Promise<ServedReceipt>
  update(bytes: Uint8Array, options?: SubmitOptions): Promise<ServedReceipt>
  getPage?(
    key: Uint8Array,
    options?: PageRequest & { at?: Path | undefined; have?: Revision | undefined },
  ): Promise<ServedPage>
  getUpdates?(key: Uint8Array, options?: PageRequest & { have?: Revision | undefined }): Promise<ServedUpdatesPage>
  query?(
    key: Uint8Array,
    selector: Selector,
    options?: PageRequest & { tags?: readonly string[] | undefined; limit?: number | undefined },
  ): Promise<ServedQueryPage>
  watch?(
    key: Uint8Array,
    options?: {
      writers?: readonly string[] | undefined
      at?: Path | undefined
      as?: 'view' | 'updates' | undefined
      renewed?: boolean | undefined
      from?: Revision | undefined
      signal?: AbortSignal
    },
  ): Promise<ServedWatch>
  explain?(update: Uint8Array | ServedUpdate, options?: SubmitOptions): Promise<ServedExplanation>
  info?(): Promise<ServedInfo>
  /** What a writer is charged for now. */
  usage?(writer: string): Promise<{ readonly bytes: number; readonly records: number }>
  /** The machine's time, milliseconds since 1970. */
  time?(): { readonly now: number }
}
