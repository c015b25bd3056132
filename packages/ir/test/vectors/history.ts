/** What a writer says: second, life in seconds, body as text, and what is not as usual. */
export type Said = readonly [at: number, life: number, body: string, unusual?: Unusual]

export interface Unusual {
  /** microseconds beyond the second */
  readonly micros?: number
  /** first digits of the hash, which decide between equal seqs; without, the place in the history */
  readonly hash?: string
  /** seconds that retain lies beyond what the promise asks */
  readonly beyond?: number
  /** second of a retain that breaks the promise */
  readonly lie?: number
}

/** A name, what one writer says under one key, and why that is a case. */
export type History = readonly [name: string, said: readonly Said[], why?: string]
