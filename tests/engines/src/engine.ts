/** A write of one key: its new value, or undefined to remove it. */
export type Write = readonly [key: string, value: Uint8Array | undefined]

/** Bounds of a range, both exclusive. */
export interface Range {
  readonly gt: string
  readonly lt: string
  /** pairs at most; all of them without it */
  readonly limit?: number
}

/** An ordered map of ASCII keys to bytes on disk: what the three engines have in common. */
export interface Engine {
  open(): Promise<void>
  /** Values in the order of the keys, undefined for a key that does not exist. */
  getMany(keys: readonly string[]): Promise<Array<Uint8Array | undefined>>
  /** Pairs in the order of their keys. */
  range(range: Range): Promise<Array<[key: string, value: Uint8Array]>>
  /** Writes all or none, in the order of the array; on disk when it resolves if the engine is durable. */
  write(writes: readonly Write[]): Promise<void>
  close(): Promise<void>
}

export interface EngineOptions {
  /** folder of the engine's files; created if it does not exist */
  readonly folder: string
  /** whether `write` resolves after fsync */
  readonly durable: boolean
}
