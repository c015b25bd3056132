import type { Dict, Node, Predicate } from '@sr/xr'

/** What an effect may see: read-only, all writers of the record, and nothing of the machine. */
export interface EffectContext {
  /** the record's key */
  readonly key: Uint8Array
  /** peer id of the writer whose statement asks */
  readonly writer: string
  /** milliseconds since 1970, by the machine's effective clock, when the run began */
  readonly now: number
  /** the record as it shows: writer → document */
  readonly record: ReadonlyMap<string, Dict>
  /** peer id of the serving machine */
  readonly self: string
  /** network address the asking writer was last seen at, when the transport knows it */
  readonly observed: string | undefined
  /** aborted when the statement is gone, the machine closes or the time is up */
  readonly signal: AbortSignal
}

/** Bytes of a verdict in natural dag-cbor, at most: it is charged to who asked before it is known. */
export const MAX_VERDICT_BYTES = 1024

/** Nodes of a verdict, at most, as the limits of `@sr/xr` count them; for the same reason. */
export const MAX_VERDICT_NODES = 32

/** The outcome of an effect: a fact that the server states in its own document. */
export interface Verdict {
  /** no operator in it; at most `MAX_VERDICT_BYTES` and `MAX_VERDICT_NODES` */
  readonly value: Node
  /** life of the fact, seconds; cut to the life of the statement that asked */
  readonly ttl: number
}

/**
 * What a smart tag asks of the server that holds it. The contract between the two:
 *
 * - It **sees** its context and the ports it was built with. The context is a picture of one instant; what changes later is not in it.
 * - It **runs** after the statement is stored and acknowledged, outside every lock; once per request (the predicate) and record,
 *   however many writers ask. It runs **again** when its fact ends while somebody still asks, and with `onChange` when the record
 *   changes. It must bear being run twice, and being run for nothing.
 * - It **answers** with a verdict, which becomes a fact: `facts = { request = verdict }` in the server's own document, or with
 *   undefined, which is a refusal by policy and leaves no trace.
 * - It is **cancelled** by `signal`. When that says its time is up, it has half a second for a last word; what it answers
 *   later, or after it was called off, is thrown away.
 * - When it **throws**, there is no fact; the machine counts it and goes on. When it **hangs**, the machine gives it up after a
 *   time. When it **floods**, the machine bounds how many run at once, how often they act on the outside, and what the facts
 *   weigh: that is charged to the writer who asked, before the effect runs.
 */
export interface Effect<T> {
  /**
   * Whether it acts on the outside (dials, say). Such effects run only for an update its author
   * handed in on its own connection, and are not resumed by a restart.
   */
  readonly external: boolean
  /**
   * Whether a legacy (0.0.1) UPDATE may wait for it, at most 5 s, before it is answered.
   */
  readonly blocking?: boolean
  /**
   * Whether its verdict depends on the record, so that it is run again when that changes: a notary's
   * or a jury's does. Facts are no change of the record in this sense.
   */
  readonly onChange?: boolean
  /** undefined: refused by policy, which is never a fact. */
  run(value: T, context: EffectContext): Promise<Verdict | undefined>
}

/** The meaning of one or more tags. Law: `format(parse(p))` equals `p` for every `p` that parses. */
export interface TagRule<T> {
  /** the tags this rule claims */
  readonly tags: readonly string[]
  /**
   * Reads a predicate of one of the tags. Depends on nothing else.
   *
   * @throws Error when the predicate is malformed; its message is reported with the path
   */
  parse(predicate: Predicate): T
  format(value: T): Predicate
  readonly effect?: Effect<T>
}
