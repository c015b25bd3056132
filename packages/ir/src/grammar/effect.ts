import type { Dict, Node } from '@sr/xr'

/** What an effect may read: all writers of the record, read-only, and nothing of the machine. */
export interface EffectContext {
  /** the record's key */
  readonly key: Uint8Array
  /** peer id of the writer whose statement requests the effect */
  readonly writer: string
  /** milliseconds since 1970, by the machine's effective clock, when the run began */
  readonly now: number
  /** the shown record: writer → document */
  readonly record: ReadonlyMap<string, Dict>
  /** peer id of the serving machine */
  readonly self: string
  /** network address of the requesting writer as last observed, when the transport knows it */
  readonly observed: string | undefined
  /** aborted when the statement is gone or expired, the machine closes or the time limit is reached */
  readonly signal: AbortSignal
  /**
   * Charges one external action to the rates of the machine. An external effect calls it right before it acts, after its
   * own policy and what it remembers, so that a request that is refused costs nothing.
   *
   * @throws when the rates do not allow it now; the effect lets the error pass, and the machine runs it again later
   */
  readonly permit: () => void
}

/** Maximum size of a verdict, bytes of natural dag-cbor: the requesting writer is charged before the verdict is known. */
export const MAX_VERDICT_BYTES = 1024

/** Maximum number of nodes of a verdict, as the limits of `@sr/xr` count them; for the same reason. */
export const MAX_VERDICT_NODES = 32

/** The result of an effect: a fact that the server states in its own document. */
export interface Verdict {
  /** contains no operator; at most `MAX_VERDICT_BYTES` and `MAX_VERDICT_NODES` */
  readonly value: Node
  /** lifetime of the fact, seconds; limited to that of the requesting statement */
  readonly ttl: number
}

/**
 * What a tag requests from the server that stores it. The contract between effect and machine:
 *
 * - **Input**: its context and the ports it was built with. The context is a snapshot of one instant.
 * - **Run**: after the statement is stored and acknowledged, outside every lock; once per request (the predicate) and
 *   record, however many writers request it. It runs **again** when its fact expires while a request remains, and with
 *   `onChange` when the record changes. It must tolerate a second run, and a run whose result is not used.
 * - **Result**: a verdict, which becomes a fact `facts = { request = verdict }` in the server's own document; or
 *   undefined, a refusal by policy that leaves no trace.
 * - **Observation**: a verdict states what the other side did: an answer, a refusal, or silence for a time that the effect
 *   measures itself from the moment it acted. Waiting, limits, aborts and failures on this side are no verdict: then it throws.
 * - **Cancellation**: by `signal`; a result after it aborted is discarded.
 * - **Failure**: when it throws, or gives no result within the time limit, there is no fact. The machine counts that and
 *   runs it again later, at growing intervals, while a statement requests it. The machine limits concurrent runs and the
 *   rate of external actions (`permit`). The requesting writer is charged for the weight of the facts before the effect runs.
 */
export interface Effect<T> {
  /**
   * Whether it acts on other systems (dials, for example). Such an effect runs only for an update that its author
   * submitted on its own connection, and is not resumed after a restart; others are.
   */
  readonly external: boolean
  /** Whether a legacy (0.0.1) UPDATE may wait for it, at most 5 s, before its response. */
  readonly blocking?: boolean
  /**
   * Whether its verdict depends on the record, so that it runs again when the record changes; for example that of a
   * notary or a jury. Facts are not a change of the record in this sense.
   */
  readonly onChange?: boolean
  /** Returns undefined for a refusal by policy, which never becomes a fact. */
  run(value: T, context: EffectContext): Promise<Verdict | undefined>
}
