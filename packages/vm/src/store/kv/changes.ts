import type { StoreBatch, StoreEntry, StoreRef, UsageChange } from '../store.ts'
import type { Change, Draft } from './draft.ts'
import { intactIndex } from './draft.ts'
import type { EngineWrite } from './engine.ts'
import { assertRef, entryKey, indexKey, quarantineKey, resumedKey, TIME_KEY, TOTALS_KEY, usageKey } from './keys.ts'
import { encodeEntry, encodeNumbers, encodeText } from './value.ts'

const ONE_LESS = { entries: -1, bytes: 0, documents: 0 }

interface EncodedPut {
  readonly ref: StoreRef
  readonly key: string
  readonly value: Uint8Array
  readonly indexKey: string
  readonly indexValue: Uint8Array
  readonly resumed: boolean
}

/**
 * A batch of the machine. Everything is copied.
 *
 * @throws StoreError `STORE_FAILED` when a record, a hash or a `retain` is not what a store accepts
 */
export function batchChange({ put, drop, usage }: StoreBatch): Change {
  const drops = drop.map(copyRef)
  const puts = put.map(encodePut)
  const charges = usage.map(({ writer, bytes, records }): UsageChange => ({ writer, bytes, records }))
  const step = charges.reduce(
    (sum, { bytes, records }) => ({ bytes: sum.bytes + bytes, documents: sum.documents + records }),
    { bytes: 0, documents: 0 },
  )
  return {
    reads: [
      ...drops.map(entryKey),
      ...puts.map(({ key }) => key),
      ...charges.map(({ writer }) => usageKey(writer)),
      TOTALS_KEY,
    ],
    count: drops.length + puts.length + charges.length,
    bytes: puts.reduce((sum, { value }) => sum + value.length, 0),
    apply(draft) {
      const removed = drops.filter((ref) => draft.remove(ref, ref.retain) !== undefined).length
      const added = puts.filter((one) => applyPut(draft, one)).length
      for (const change of charges) {
        draft.addUsage(change)
      }
      draft.addTotals({ entries: added - removed, ...step })
    },
  }
}

function copyRef({ record, hash, retain }: StoreRef): StoreRef {
  const ref = { record, hash, retain }
  assertRef(ref)
  return ref
}

function encodePut(entry: StoreEntry): EncodedPut {
  const ref = copyRef(entry)
  const [key, index] = [entryKey(ref), indexKey(ref)]
  return {
    ref,
    key,
    value: encodeEntry(key, entry, entry.bytes),
    indexKey: index,
    indexValue: encodeEntry(index, entry),
    resumed: entry.resumed,
  }
}

/** Returns whether the update is new. */
function applyPut(draft: Draft, { ref, key, value, indexKey: index, indexValue, resumed }: EncodedPut): boolean {
  const before = draft.remove(ref, ref.retain)
  draft.set(key, value)
  draft.set(index, indexValue)
  if (resumed) {
    draft.set(resumedKey(ref), new Uint8Array(0))
  }
  return before === undefined
}

/** Moves an update to the quarantine; `ref.retain` says which entry of the index is its own. */
export function quarantineChange(ref: StoreRef, reason: string): Change {
  const id = copyRef(ref)
  return {
    reads: [entryKey(id), TOTALS_KEY],
    count: 1,
    bytes: 0,
    apply(draft) {
      const value = draft.remove(id, id.retain)
      if (value !== undefined) {
        const key = quarantineKey(id)
        draft.set(key, encodeText(key, reason, value))
        draft.addTotals(ONE_LESS)
      }
    },
  }
}

/** Writes an entry of the index again from its update, or removes it where no intact update has it. */
export function reindexChange(ref: StoreRef): Change {
  const [key, index] = [entryKey(ref), indexKey(ref)]
  return {
    reads: [key],
    count: 1,
    bytes: 0,
    apply(draft) {
      const value = draft.get(key)
      const found = value === undefined ? undefined : intactIndex(key, value)
      draft.set(index, found?.retain === ref.retain ? encodeEntry(index, found) : undefined)
    },
  }
}

/** Saves the confirmed time, milliseconds since 1970. */
export function timeChange(ms: number): Change {
  return {
    reads: [],
    count: 1,
    bytes: 0,
    apply(draft) {
      draft.set(TIME_KEY, encodeNumbers(TIME_KEY, [ms]))
    },
  }
}

/** Writes keys as they are. */
export function rawChange(writes: readonly EngineWrite[]): Change {
  return {
    reads: [],
    count: writes.length,
    bytes: writes.reduce((sum, [, value]) => sum + (value?.length ?? 0), 0),
    apply(draft) {
      for (const [key, value] of writes) {
        draft.set(key, value)
      }
    },
  }
}
