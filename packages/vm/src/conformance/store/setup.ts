import type { MaybePromise, Store, StoreEntry, StoreIndex, StoreRef } from '../../store/store.ts'
import type { Case, Supports } from '../case.ts'

/**
 * What a store may or may not have; a setup declares it in `supports`.
 *
 * - `persistent`: `reopen` returns a store with what was committed
 * - `atomic`: a batch is whole also when the process ends in the middle; needs `crashAfter`
 * - `durable`: what was committed survives a loss of power; needs `losePower`
 * - `damage`: entries have checksums; needs `damage`
 * - `check`: the store has `check`
 */
export type StoreNeed = 'persistent' | 'atomic' | 'durable' | 'damage' | 'check'

/** What `storeCases` need of the store that is tested. */
export interface StoreSetup extends Supports<StoreNeed> {
  /** A new, empty store that is not open. */
  create(): MaybePromise<Store>
  /** A store over what a closed store kept: the same object, or another one for the same place. */
  reopen(closed: Store): MaybePromise<Store>
  /** Makes an open store fail at its write number `writes`, from 0, and at all after it, as if the process ended there. */
  crashAfter?(open: Store, writes: number): MaybePromise<void>
  /** Ends an open store as a loss of power does. */
  losePower?(open: Store): MaybePromise<void>
  /** Changes a byte of an update of a closed store. */
  damage?(closed: Store, ref: StoreRef): MaybePromise<void>
}

/** A case of `storeCases`. */
export type StoreCase = Case<StoreSetup, StoreNeed>

/** A case over a new, open store. */
export function given(name: string, check: (store: Store) => Promise<void>): StoreCase {
  return {
    name: `a store: ${name}`,
    async run(setup) {
      const store = await setup.create()
      await store.open()
      try {
        await check(store)
      } finally {
        await store.close()
      }
    },
  }
}

/** The entry number `n` of a record. */
export function entryOf(record: string, n: number, change: Partial<StoreEntry> = {}): StoreEntry {
  return {
    record,
    hash: n.toString(16).padStart(64, '0'),
    retain: 1000 + n,
    writer: 'ann',
    chargedTo: 'ann',
    cost: 600,
    resumed: n % 2 === 0,
    signed: n % 3 === 0,
    local: n % 5 === 0,
    bytes: Uint8Array.of(n & 0xff, 1, 2),
    ...change,
  }
}

export function refOf({ record, hash, retain }: StoreRef): StoreRef {
  return { record, hash, retain }
}

export function indexOf(index: StoreIndex): StoreIndex {
  const { record, hash, retain, writer, chargedTo, cost, resumed, signed, local } = index
  return { record, hash, retain, writer, chargedTo, cost, resumed, signed, local }
}

/** Entries in the order of their hashes, as JSON can compare them. */
export function plain(entries: readonly StoreEntry[]): unknown[] {
  return entries
    .map((one) => ({ ...indexOf(one), bytes: Array.from(one.bytes) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
}

/** The order of the index. */
export function compareRefs(a: StoreRef, b: StoreRef): number {
  return a.retain - b.retain || compareText(a.record, b.record) || compareText(a.hash, b.hash)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** More than any case puts. */
const ALL = 10_000

export async function contents(store: Store): Promise<StoreIndex[]> {
  return (await store.index({ limit: ALL })).map(indexOf)
}

/** All that can be asked about some records and writers, as JSON can compare it. */
export async function stateOf(store: Store, records: readonly string[], writers: readonly string[]): Promise<unknown> {
  const usage = []
  for (const writer of writers) {
    const { bytes, records: count } = await store.usage(writer)
    usage.push([writer, bytes, count])
  }
  const read = []
  for (const record of records) {
    read.push([record, plain((await store.read(record)).entries)])
  }
  const { entries, bytes, documents } = await store.totals()
  const index = await contents(store)
  const due = (await store.due({ until: Number.MAX_SAFE_INTEGER, limit: ALL })).map(({ record, retain }) => [
    record,
    retain,
  ])
  return { index, read, due, resumed: await store.resumed({ limit: ALL }), usage, totals: [entries, bytes, documents] }
}

/** Whole numbers below a bound, the same for the same seed: mulberry32. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
