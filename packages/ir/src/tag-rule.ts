import type { Dict, Node, Predicate } from '@sr/xr'

/** What an effect may see: read-only, all writers of the record, and nothing of the machine. */
export interface EffectContext {
  /** the record's key */
  readonly key: Uint8Array
  /** peer id of the writer whose statement asks */
  readonly writer: string
  /** milliseconds since 1970, by the machine's effective clock */
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

/** The outcome of an effect: a fact that the server states in its own document. */
export interface Verdict {
  readonly verdict: Node
  /** life of the fact, seconds; cut to the life of the statement that asked */
  readonly ttl: number
}

/** What a smart tag asks of the server that holds it. */
export interface Effect<T> {
  /**
   * Whether it acts on the outside (dials, say). Such effects run only for an update its author
   * handed in on its own connection, and are not resumed by a restart.
   */
  readonly outside: boolean
  /**
   * Whether a legacy (0.0.1) UPDATE may wait for it, at most 5 s, before it is answered.
   */
  readonly prompt?: boolean
  /** undefined: refused by policy, which is never a fact. */
  run (value: T, context: EffectContext): Promise<Verdict | undefined>
}

/** The meaning of one or more tags. Law: `express(parse(p))` equals `p` for every `p` that parses. */
export interface TagRule<T> {
  /** the tags this rule claims */
  readonly tags: readonly string[]
  /**
   * @throws Error when the predicate is malformed; its message is reported with the path
   */
  parse (predicate: Predicate): T
  express (value: T): Predicate
  readonly effect?: Effect<T>
}
