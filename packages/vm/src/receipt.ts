import type { Dict, Node } from '@sr/xr'

/** An update as it comes in over the old protocol, or from code on the same machine: no signature, relative life. */
export interface UnsignedUpdate {
  readonly key: Uint8Array
  readonly writer: string
  readonly body: Node
  /** whole seconds from now, up to `limits.maxTtl`; 0 counts as 1 */
  readonly ttl: number
  /** network address the writer handed it in from, when known: effects that dial compare with it */
  readonly observed?: string
  /** whether the author handed it in on its own connection */
  readonly firsthand?: boolean
}

/** How verbatim bytes are handed in. */
export interface HandIn {
  readonly signal?: AbortSignal
  /** network address the update came from */
  readonly observed?: string
  /** whether the author handed it in on its own connection */
  readonly firsthand?: boolean
}

/** A smart tag that could not be read. It stays a predicate. */
export interface Problem {
  readonly path: readonly Node[]
  readonly tag: string
  readonly message: string
}

/** What the machine says of an accepted update. */
export interface Receipt {
  /** stored; or held already, which is also said of an update that tells nothing new */
  readonly status: 'stored' | 'held'
  /** whether it changed anything a reader or a later merge can see */
  readonly changed: boolean
  readonly hash: string
  /** the writer's highest seq in that record */
  readonly seq: number
  /** its verbatim bytes */
  readonly bytes: number
  readonly expires: number
  readonly retain: number
  /** a contradicting update of the same seq is held */
  readonly forked: boolean
  /** smart tags that could not be read, with their paths */
  readonly problems: readonly Problem[]
  /** settles when the prompt effects this update asked for have answered or their time is up; never rejects */
  readonly effects: Promise<void>
}

/** One writer's document as it shows now. */
export interface View {
  readonly document: Dict
  /** every update behind it carries its author's signature */
  readonly signed: boolean
  /** next change by expiry, milliseconds */
  readonly next: number | undefined
}
