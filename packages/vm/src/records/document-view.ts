import type { Dict } from '@sr/xr'
import { encode } from '@sr/xr/dag-cbor'
import type { Revision } from '../watch/revision.ts'

/** One writer's document as it shows at one instant. It is shared: what is read of it must not be written to. */
export class DocumentView {
  readonly document: Dict
  /** the writer's highest seq in the record */
  readonly seq: number
  /** whether every update behind it carries its author's signature */
  readonly signed: boolean
  /** whether its writer contradicts itself: two live updates have the same seq */
  readonly forked: boolean
  /** when it shows something else by expiry, milliseconds since 1970; undefined when never */
  readonly next: number | undefined
  /** when the last of it ends, milliseconds since 1970 */
  readonly ends: number
  #bytes: Uint8Array | undefined

  constructor(
    document: Dict,
    next: number | undefined,
    { seq, signed, forked, ends }: Pick<DocumentView, 'seq' | 'signed' | 'forked' | 'ends'>,
  ) {
    this.document = document
    this.seq = seq
    this.signed = signed
    this.forked = forked
    this.next = next
    this.ends = ends
  }

  /** The document in natural dag-cbor, encoded once. */
  get bytes(): Uint8Array {
    return (this.#bytes ??= encode(this.document))
  }
}

/** What a record shows, at one revision of it. */
export interface RecordSnapshot {
  readonly revision: Revision
  /** by writer; without the writers of whom nothing shows */
  readonly documents: ReadonlyMap<string, DocumentView>
  /** the instant of the snapshot, and when it shows something else by expiry, milliseconds since 1970; Infinity when never */
  readonly since: number
  readonly until: number
}
