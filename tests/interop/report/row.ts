import type { RecordPairing } from '../record/peer.ts'
import type { Part } from './parts.ts'
import { type Pair, PAIRINGS, type PairOptions, type Pairing, type Harness, startPair } from '../peers/harness.ts'

/**
 * Who is compared with whom: a pairing of client and server; a client with a server that follows a
 * script, on a bare peer of the Go stack; our codec with Go's; our server and client with what was
 * recorded. `v1` is the Go peer of `/smart-record/1.0.0`.
 */
export type Direction =
  | Pairing
  | RecordPairing
  | 'vectors → v1'
  | 'Go → script'
  | 'ours → script'
  | 'codec'
  | 'codec of records'
  | 'replay'

/** One thing to be seen. */
export interface Row {
  readonly name: string
  readonly direction: Direction
  /** what Go with Go comes to; of rows with v1, what PROTOCOL.md specifies */
  readonly wanted: string
  /** waits for the clock, and so begins first and runs beside the others */
  readonly waits: boolean
  /** What was seen, in words that are the same at every run. */
  run(harness: Harness): Promise<string>
}

/** The program of Go that a direction needs; none when it can be seen without Go. */
export function needs(direction: Direction): Part | undefined {
  if (direction === 'replay') {
    return undefined
  }
  if (direction.includes('v1')) {
    return 'v1'
  }
  return direction === 'codec of records' || direction.split(' → ').includes('Go') ? 'record' : 'stack'
}

/** What a scenario may be told. */
export interface ScenarioOptions {
  /** the pairings it makes sense for; default all */
  only?: readonly Pairing[]
  waits?: boolean
  /** a server and clients of its own, made so */
  own?: PairOptions
}

/** The same story once for every pairing. Each has a key of its own, its name. */
export function scenario(
  name: string,
  wanted: string,
  run: (pair: Pair, key: string) => Promise<string>,
  options: ScenarioOptions = {},
): Row[] {
  const { only = PAIRINGS, waits = false, own } = options
  return only.map((pairing) => ({
    name,
    direction: pairing,
    wanted,
    waits,
    async run(harness) {
      const pair = own === undefined ? await harness.pair(pairing) : await startPair(pairing, own)
      try {
        return pair.names.in(await run(pair, name))
      } finally {
        if (own !== undefined) {
          await pair.close()
        }
      }
    },
  }))
}

/** The pairings that send frames made by hand. */
export const RAW: readonly Pairing[] = ['raw → Go', 'raw → ours']

/** The pairings in which Go's own client takes part. */
export const GO_CLIENT: readonly Pairing[] = ['Go → Go', 'Go → ours']
