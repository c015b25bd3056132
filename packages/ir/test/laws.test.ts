import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createDocument, type Document, type Update, validateUpdate } from '../src/index.ts'
import { anyHistory, history, instants, risingHistory } from './arbitrary.ts'
import { bytesOf, documentOf, liveOf, stateOf } from './replica.ts'
import { failureOf, runs } from './runs.ts'

/** Merges two documents as replicas do: one applies the live updates of the other. */
function join(a: Document, b: Document, updates: readonly Update[]): Document {
  return documentOf([...liveOf(a, updates), ...liveOf(b, updates)])
}

const some = fc.array(fc.nat(8), { maxLength: 8 })
const pick = (updates: readonly Update[], indexes: readonly number[]): Update[] =>
  indexes.map((i) => updates[i % updates.length] as Update)

describe('join', () => {
  it('gives the same for the same updates, in any order and however often', () => {
    expect(
      failureOf(
        fc.property(anyHistory, fc.array(fc.nat(1000)), some, (updates, keys, again) => {
          const times = instants(updates)
          const shuffled = updates
            .map((update, i) => ({ update, key: keys[i] ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ update }) => update)
          const expected = stateOf(documentOf(updates), times)
          expect(stateOf(documentOf([...shuffled, ...pick(updates, again)]), times)).toEqual(expected)
          expect(stateOf(documentOf([...pick(updates, again), ...shuffled]), times)).toEqual(expected)
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('is commutative', () => {
    expect(
      failureOf(
        fc.property(anyHistory, some, some, (updates, left, right) => {
          const times = instants(updates)
          const a = documentOf(pick(updates, left))
          const b = documentOf(pick(updates, right))
          expect(stateOf(join(a, b, updates), times)).toEqual(stateOf(join(b, a, updates), times))
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('is associative', () => {
    expect(
      failureOf(
        fc.property(anyHistory, some, some, some, (updates, one, two, three) => {
          const times = instants(updates)
          const [a, b, c] = [one, two, three].map((indexes) => documentOf(pick(updates, indexes))) as [
            Document,
            Document,
            Document,
          ]
          expect(stateOf(join(join(a, b, updates), c, updates), times)).toEqual(
            stateOf(join(a, join(b, c, updates), updates), times),
          )
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('is idempotent', () => {
    expect(
      failureOf(
        fc.property(anyHistory, (updates) => {
          const times = instants(updates)
          const document = documentOf(updates)
          const before = stateOf(document, times)
          expect(stateOf(join(document, document, updates), times)).toEqual(before)
          for (const update of updates) document.apply(validateUpdate(update))
          expect(stateOf(document, times)).toEqual(before)
        }),
        runs(),
      ),
    ).toBeUndefined()
  })
})

describe('prune', () => {
  const instant = fc.integer({ min: 0, max: 45 }).map((second) => second * 1000)

  it('keeps what shows from then on', () => {
    expect(
      failureOf(
        fc.property(history, instant, (updates, now) => {
          const times = instants(updates)
          const document = documentOf(updates)
          const before = stateOf(document, times, now).shows
          document.prune(now)
          expect(stateOf(document, times, now).shows).toEqual(before)
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('twice is once, and earlier first changes nothing', () => {
    expect(
      failureOf(
        fc.property(history, instant, instant, (updates, a, b) => {
          const [first, then] = a < b ? [a, b] : [b, a]
          const times = instants(updates)
          const once = documentOf(updates)
          once.prune(then)
          const twice = documentOf(updates)
          twice.prune(first)
          twice.prune(then)
          expect(stateOf(twice, times, then)).toEqual(stateOf(once, times, then))
          expect(twice.prune(then)).toEqual([])
          expect(stateOf(twice, times, then)).toEqual(stateOf(once, times, then))
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  function bothWays(
    updates: readonly Update[],
    left: readonly number[],
    right: readonly number[],
    now: number,
  ): [Document, Document] {
    const joined = join(documentOf(pick(updates, left)), documentOf(pick(updates, right)), updates)
    joined.prune(now)
    const a = documentOf(pick(updates, left))
    const b = documentOf(pick(updates, right))
    a.prune(now)
    b.prune(now)
    for (const update of liveOf(b, updates)) a.apply(validateUpdate(update))
    a.prune(now)
    return [joined, a]
  }

  it('of a join is the join of what is pruned, pruned', () => {
    expect(
      failureOf(
        fc.property(risingHistory, some, some, instant, (updates, left, right, now) => {
          const times = instants(updates)
          const [joined, pruned] = bothWays(updates, left, right, now)
          expect(stateOf(pruned, times, now)).toEqual(stateOf(joined, times, now))
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  // Where retain falls from one update to the next, replicas may keep tombstones for different times.
  it('of a join shows what the join of what is pruned shows, however retain rises and falls', () => {
    expect(
      failureOf(
        fc.property(history, some, some, instant, (updates, left, right, now) => {
          const times = instants(updates)
          const [joined, pruned] = bothWays(updates, left, right, now)
          expect(stateOf(pruned, times, now).shows).toEqual(stateOf(joined, times, now).shows)
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('returns the hashes that live() names no longer, each once', () => {
    expect(
      failureOf(
        fc.property(history, fc.array(instant, { maxLength: 4 }), (updates, times) => {
          const document = createDocument()
          const needed = new Set<string>()
          for (const update of updates) {
            const { dropped, duplicate, changed } = document.apply(validateUpdate(update))
            if (!duplicate) needed.add(update.hash)
            for (const hash of dropped) expect(needed.delete(hash)).toBe(true)
            expect(changed).toBe(needed.has(update.hash) && !duplicate)
          }
          for (const now of times.toSorted((a, b) => a - b)) {
            for (const hash of document.prune(now)) expect(needed.delete(hash)).toBe(true)
          }
          expect([...document.live()].sort()).toEqual([...needed].sort())
        }),
        runs(),
      ),
    ).toBeUndefined()
  })
})

describe('time', () => {
  it('only takes away: what does not show will not show again', () => {
    expect(
      failureOf(
        fc.property(history, fc.boolean(), (updates, pruned) => {
          const document = documentOf(updates)
          const gone = new Set<string>()
          let shown = new Set<string>()
          for (const now of instants(updates)) {
            if (pruned) document.prune(now)
            const paths = new Set(pathsIn(document, now))
            for (const path of shown) {
              if (!paths.has(path)) gone.add(path)
            }
            for (const path of paths) expect(gone.has(path)).toBe(false)
            shown = paths
          }
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('leaves nothing after the last retain', () => {
    expect(
      failureOf(
        fc.property(history, (updates) => {
          const document = documentOf(updates)
          const end = document.retain
          expect(end).toBe(Math.max(0, ...liveOf(document, updates).map(({ retain }) => retain)))
          document.prune(end)
          expect([
            document.slots,
            document.updates,
            document.seq,
            document.retain,
            document.next(0),
            document.show(0),
          ]).toEqual([0, 0, 0, 0, undefined, undefined])
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('until next(): nothing shows otherwise and nothing can be forgotten', () => {
    expect(
      failureOf(
        fc.property(history, (updates) => {
          const document = documentOf(updates)
          const times = instants(updates)
          let now = 0
          for (let round = 0; round < 200; round++) {
            document.prune(now)
            const next = document.next(now)
            const still = documentOf(updates)
            still.prune(now)
            for (const t of times.filter((t) => t > now && t < (next ?? Infinity))) {
              expect(bytesOf(document.show(t))).toBe(bytesOf(document.show(now)))
              expect(still.prune(t)).toEqual([])
              expect(still.slots).toBe(document.slots)
            }
            if (next === undefined) break
            expect(next).toBeGreaterThan(now)
            now = next
          }
          expect(document.next(now)).toBeUndefined()
          expect(document.slots).toBe(0)
        }),
        runs(0.3),
      ),
    ).toBeUndefined()
  })
})

/** All shown paths and members, as text. */
function pathsIn(document: Document, now: number): string[] {
  const paths: string[] = []
  const visit = (node: unknown, path: string): void => {
    paths.push(path)
    if (typeof node !== 'object' || node === null || !('byKey' in node)) {
      paths[paths.length - 1] = `${path}=${bytesOf(node as string)}`
      return
    }
    for (const [id, value] of (node as { byKey: () => Map<string, unknown> }).byKey()) {
      visit(value, `${path}/${id.length}:${id}`)
    }
  }
  const tree = document.show(now)
  if (tree !== undefined) visit(tree, '')
  return paths
}
