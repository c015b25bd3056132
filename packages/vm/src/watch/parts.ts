import type { Node, Path } from '@sr/xr'
import type { Revision } from './revision.ts'

/** One writer's document in a snapshot. */
export interface WatchedDocument {
  readonly writer: string
  /** the writer's highest seq in the record */
  readonly seq: number
  /** whether every update behind it carries its author's signature */
  readonly signed: boolean
  /** whether its writer contradicts itself */
  readonly forked: boolean
  /** when it shows something else by expiry, and when the last of it ends, milliseconds since 1970 */
  readonly next: number
  readonly ends: number
  /** the document, or what stands at the watched path */
  readonly node: Node
}

/** One change of what a document shows. */
export interface WatchEvent {
  /** `renewed`: stated again, with another expiry */
  readonly cause: 'set' | 'removed' | 'expired' | 'renewed'
  /** Dict keys from the document, or from the watched path; for a List member, the path of the List */
  readonly path: Path
  /** whether `value` and `old` are a member of the List at `path` */
  readonly isMember: boolean
  /** what shows now; undefined for `removed` and `expired` */
  readonly value: Node | undefined
  /** what showed before; undefined when nothing did */
  readonly old: Node | undefined
  /** when the new value ends; for `removed` and `expired`, when the old one would have ended; milliseconds since 1970 */
  readonly expires: number
}

/** Documents of a record, at the start of a watch and after a reset. */
export interface SnapshotPart {
  readonly kind: 'snapshot'
  readonly documents: readonly WatchedDocument[]
}

/** The parts before this one lead to this revision. */
export interface MarkerPart {
  readonly kind: 'marker'
  readonly revision: Revision
}

/** What changed in one writer's document. */
export interface DocumentChanges {
  readonly writer: string
  /** the writer's highest seq in the record */
  readonly seq: number
  readonly signed: boolean
  readonly forked: boolean
  /** when the document shows something else by expiry, and when the last of it ends; 0 when nothing shows */
  readonly next: number
  readonly ends: number
  readonly events: readonly WatchEvent[]
}

/**
 * What changed: in one document, or after a gap in several. The record is then in its state at this counter. All watchers with
 * the same writers and path receive the same object.
 */
export interface ChangesPart {
  readonly kind: 'changes'
  readonly counter: number
  readonly documents: readonly DocumentChanges[]
}

/** Changes were left out: the next part leads to the state at this counter in one step. */
export interface GapPart {
  readonly kind: 'gap'
  readonly counter: number
}

/** The parts before this one are void: a snapshot follows. */
export interface ResetPart {
  readonly kind: 'reset'
  readonly epoch: Uint8Array
  /** the revision is of another run of the machine; too many changes since; or too large a difference */
  readonly why: 'unknown-epoch' | 'too-old' | 'too-large'
}

/** Verbatim signed updates, in place of snapshots and changes. */
export interface UpdatesPart {
  readonly kind: 'updates'
  readonly counter: number
  readonly updates: readonly Uint8Array[]
}

/** What a watcher receives, in order. */
export type WatchPart = SnapshotPart | MarkerPart | ChangesPart | GapPart | ResetPart | UpdatesPart

/** What to watch. */
export interface WatchOptions {
  /** only these writers; default: all */
  readonly writers?: readonly string[]
  /** only what stands at this path of Dict keys; default: whole documents */
  readonly at?: Path
  /** `view`: documents and changes; `updates`: the verbatim signed updates behind them. Default: `view` */
  readonly as?: 'view' | 'updates'
  /** whether to send values that were stated again with another expiry; default: no */
  readonly renewed?: boolean
  /** the last revision received, exclusive; default: begin with a snapshot */
  readonly from?: Revision
  /** ends the watch with its reason */
  readonly signal?: AbortSignal
}
