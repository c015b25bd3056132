import type { MaybePromise } from '../store.ts'

/** A write of one key: its new value, or undefined to remove it. */
export type EngineWrite = readonly [key: string, value: Uint8Array | undefined]

/** A key and its value. */
export type EnginePair = readonly [key: string, value: Uint8Array]

/** Bounds of a range, both exclusive. */
export interface EngineRange {
  readonly gt: string
  readonly lt: string
  /** number of pairs at most; all of them without it */
  readonly limit?: number
}

/**
 * An ordered map of ASCII keys to bytes: all that `kvStore` requires of a database.
 *
 * - Keys are ordered by their characters. A key has at most 1,730 characters, all of them printable ASCII.
 * - The caller does not write to arrays that it passed or received; the engine does not write to arrays that it returned.
 * - After a `write` has resolved, reads return what it wrote.
 * - Only one `write` is under way at a time; reads may be under way meanwhile.
 * - An error with a `code` that a store may have (`STORE_FULL`, for example) is passed on; the store derives the code of others.
 */
export interface Engine {
  /** whether a `write` has its effect whole or not at all, also when the process ends meanwhile; if not, that holds per key */
  readonly atomic: boolean
  /** whether a `write` that has resolved survives a loss of power */
  readonly durable: boolean
  open(): MaybePromise<void>
  /** Values in the order of the keys, undefined for a key that does not exist. */
  getMany(keys: readonly string[]): MaybePromise<ReadonlyArray<Uint8Array | undefined>>
  /** Pairs in the order of their keys. */
  range(range: EngineRange): MaybePromise<readonly EnginePair[]>
  /** Writes distinct keys. */
  write(writes: readonly EngineWrite[]): MaybePromise<void>
  close(): MaybePromise<void>
}
