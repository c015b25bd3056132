import type { TagProblem } from '@sr/ir'
import type { Node } from '@sr/xr'

/** An update without a seq and a signature: from the old protocol, or from code on this machine. The call copies it. */
export interface UnsignedUpdate {
  readonly key: Uint8Array
  /** peer id as text (base58btc) */
  readonly writer: string
  /** kept as it is, keys in this order */
  readonly body: Node
  /** whole seconds from now, up to `limits.maxTtl`; 0 counts as 1 */
  readonly ttl: number
}

/** `author`: on the author's own connection; `peer`: from another peer; `own`: from code on this machine. */
export type Via = 'author' | 'peer' | 'own'

/** How an update reached this machine. */
export interface SubmitOptions {
  /** Effects that act on the outside run for `author` only. Default: `peer`, and `own` for `updateUnsigned`. */
  readonly via?: Via
  /** admits the update only if this is the highest seq of its writer in the record: 0 for none; else `VM_STALE` */
  readonly ifSeq?: number
  /** peer id of the peer that handed it in, when known */
  readonly from?: string
  /** network address it came from, when known: effects that dial compare the requested address with it */
  readonly observedAddr?: string
  readonly signal?: AbortSignal
}

/** What the machine tells of an accepted update. */
export interface Receipt {
  /** `stored`, or `duplicate` when the update is stored already or everything in it is overwritten */
  readonly status: 'stored' | 'duplicate'
  /** whether it changed anything that a reader or a later merge can see */
  readonly changed: boolean
  readonly hash: string
  /** the writer's highest seq in that record */
  readonly seq: number
  /** the machine's counter when what the record shows changed last; a revision of the record with the machine's epoch */
  readonly counter: number
  /** number of its verbatim bytes */
  readonly bytes: number
  /** bytes that its writer is charged for it until `retain`; 0 for a duplicate */
  readonly cost: number
  /** what the meter asks for it; 0 without a meter and for a duplicate */
  readonly price: number
  readonly expires: number
  readonly retain: number
  /** whether another live update of the writer had the same seq, even if this one made it unneeded: a contradiction */
  readonly forked: boolean
  /** predicates that the grammar claims and could not read, with their paths; they stay predicates */
  readonly problems: readonly TagProblem[]
  /** resolves when the blocking effects that this update requests have answered or their time is up; never rejects */
  readonly effects: Promise<void>
}
