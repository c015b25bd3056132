import { Dict, equal, from, isKind, type Node, Predicate } from '@sr/xr'

// The load of the suites: writers × records streams. A stream is the updates of one writer in one record, one after the other, so that what the
// record shows of that writer tells exactly which of them were applied.

export const WRITERS = 8
export const RECORDS = 4

/** Updates of a stream that are live at once: each overwrites the one this many before it. */
const SLOTS = 6

/** Every update with such a number says the whole document anew, so that all before it are dropped in its batch. */
const RESET_EVERY = 41

/** One writer's updates in one record. */
export interface Stream {
  readonly writer: number
  readonly record: number
}

export const STREAMS: readonly Stream[] = Array.from({ length: WRITERS * RECORDS }, (_, n) => ({
  writer: n % WRITERS,
  record: Math.floor(n / WRITERS),
}))

export function keyOf(record: number): Uint8Array {
  return new TextEncoder().encode(`record-${record}`)
}

/** The pairs of update `n`: three keys that show the same number, so that a part of the update can be told from all of it. */
function pairs(n: number, bytes: number): Array<readonly [string, Node]> {
  const slot = n % SLOTS
  // from one page of the database to several
  const text = `${n}:`.padEnd(1 + (((n * 2654435761) >>> 0) % bytes), 'x')
  return [
    [`a${slot}`, BigInt(n)],
    [`b${slot}`, from({ n, text })],
    [`c${slot}`, BigInt(n)],
  ]
}

/** The body of update `n`, with a text of up to `bytes`. */
export function bodyOf(n: number, bytes: number): Node {
  const body = from(new Map(pairs(n, bytes)))
  return n % RESET_EVERY === 0 ? new Predicate('$set', [body]) : body
}

/** What a stream shows after update `n`; -1: nothing yet. */
function shownAfter(n: number, bytes: number): Dict {
  const first = n - (n % RESET_EVERY)
  const all = new Map<string, Node>()
  for (let one = Math.max(first, n - SLOTS + 1); one <= n; one++) {
    for (const [key, value] of pairs(one, bytes)) all.set(key, value)
  }
  return Dict.from(all)
}

/** Which update a document shows the state after; -1 for no document, `half` when it is the state after none. */
export function lastApplied(document: Dict | undefined, bytes: number): number | 'half' {
  if (document === undefined) return -1
  const numbers = [...document.values()].filter((value) => isKind(value, 'int')).map(Number)
  const last = Math.max(...numbers)
  return last >= 0 && equal(document, shownAfter(last, bytes)) ? last : 'half'
}

/** Whether some update, of those up to `last`, wrote what stands under each key of a document. */
export function isWritten(document: Dict, last: number, bytes: number): boolean {
  return [...document].every(([key, value]) => {
    for (let n = last; n >= 0; n--) {
      if (pairs(n, bytes).some(([name, written]) => name === key && equal(written, value))) return true
    }
    return false
  })
}
