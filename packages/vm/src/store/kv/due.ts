import type { DuePage, DueRecord, StoreIndex } from '../store.ts'
import { intactIndex } from './draft.ts'
import type { Engine, EnginePair } from './engine.ts'
import { indexPlace, parseKey } from './keys.ts'
import { ENTRY_PAGE, PAGE } from './scan.ts'

/** Records whose updates are read at once. */
const AT_ONCE = 16

/**
 * The records with something to expire. `onOrphan` receives an entry of the index whose update does not exist.
 */
export async function findDue(
  engine: Engine,
  { after, until, limit }: DuePage,
  onOrphan: (ref: { record: string; hash: string; retain: number }) => void,
): Promise<DueRecord[]> {
  const found: DueRecord[] = []
  const visited = new Set<string>()
  const lt = indexPlace(Math.floor(until) + 1)
  let gt = after === undefined ? 'x/' : `${indexPlace(after.retain)}/${after.record}0`
  for (;;) {
    const page = await engine.range({ gt, lt, limit: Math.min(PAGE, Math.max(AT_ONCE, limit)) })
    // the index is by retain, so that the first entry of a record has its earliest
    const first = page.flatMap(([key]) => {
      const ref = parseKey(key)
      const isNew = ref !== undefined && !visited.has(ref.record)
      return isNew && visited.add(ref.record) ? [ref] : []
    })
    for (let n = 0; n < first.length; n += AT_ONCE) {
      const some = await Promise.all(
        first.slice(n, n + AT_ONCE).map(async (ref) => {
          const state = await recordState(engine, ref.record, { from: ref.retain, until })
          if (state === 'none') {
            onOrphan(ref)
          }
          return state === 'none' || state === 'earlier' ? [] : [{ record: ref.record, retain: ref.retain, ...state }]
        }),
      )
      found.push(...some.flat())
      if (found.length >= limit) {
        return found.slice(0, limit)
      }
    }
    const last = page.at(-1)
    if (last === undefined) {
      return found
    }
    gt = last[0]
  }
}

/**
 * All updates of a record if they are due; `earlier` when one has a `retain` before `from`, so that its place in the order is
 * before. A damaged update counts as one that may remain, so that the record is read and the damage reported.
 */
async function recordState(
  engine: Engine,
  record: string,
  { from, until }: { readonly from: number; readonly until: number },
): Promise<'none' | 'earlier' | { readonly entries: readonly StoreIndex[] | undefined }> {
  const all: StoreIndex[] = []
  let [count, isDue] = [0, true]
  let gt = `e/${record}/`
  for (;;) {
    const page = await engine.range({ gt, lt: `e/${record}0`, limit: ENTRY_PAGE })
    for (const [key, value] of page) {
      const index = intactIndex(key, value)
      if (index !== undefined && index.retain < from) {
        return 'earlier'
      }
      isDue &&= index !== undefined && index.retain <= until
      if (isDue && index !== undefined) {
        all.push(index)
      }
    }
    count += page.length
    if (page.length < ENTRY_PAGE) {
      return count === 0 ? 'none' : { entries: isDue ? all : undefined }
    }
    gt = (page.at(-1) as EnginePair)[0]
  }
}
