import { describe, expect, it } from '@jest/globals'
import { from, print, type Node } from '@sr/xr'
import fc from 'fast-check'
import {
  compareStamps,
  createDocument,
  remove,
  seqTime,
  type Document,
  type Update,
  validateUpdate,
} from '../src/index.ts'
import { anyHistory, brokenHistory, history, instants, latestExpiry } from './arbitrary.ts'
import { interpret, showAt } from './oracle.ts'
import { bytesOf, documentOf } from './replica.ts'
import { failureOf, runs } from './runs.ts'

/** A replica that applies the updates in some order, prunes by its own clock, and refuses updates past their retain. */
function replica(updates: readonly Update[], order: readonly number[], prunes: readonly boolean[]): Document {
  const document = createDocument()
  const queue = updates.map((update, i) => ({ update, at: order[i] ?? 0 })).sort((a, b) => a.at - b.at)
  queue.forEach(({ update, at }, i) => {
    if (update.retain > at) document.apply(validateUpdate(update))
    if (prunes[i] === true) document.prune(at)
  })
  return document
}

const order = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 9, maxLength: 9 })
const prunes = fc.array(fc.boolean(), { minLength: 9, maxLength: 9 })

describe('a writer who keeps the promise', () => {
  it('shows the same on every replica, for any times of delivery and pruning', () => {
    expect(
      failureOf(
        fc.property(history, order, prunes, order, prunes, (updates, orderA, prunesA, orderB, prunesB) => {
          const a = replica(updates, orderA, prunesA)
          const b = replica(updates, orderB, prunesB)
          const from = Math.max(...orderA, ...orderB)
          const tree = interpret(updates)
          for (const t of instants(updates).filter((t) => t >= from)) {
            expect([bytesOf(a.show(t)), bytesOf(b.show(t))]).toEqual(Array(2).fill(bytesOf(showAt(tree, t))))
          }
        }),
        runs(),
      ),
    ).toBeUndefined()
  })
})

describe('a writer who remembers by the document', () => {
  it('keeps the promise, whenever it prunes', () => {
    expect(
      failureOf(
        fc.property(brokenHistory, prunes, (drafts, prunes) => {
          const document = createDocument()
          let horizon = 0
          drafts.toSorted(compareStamps).forEach((draft, i) => {
            const latest = latestExpiry(draft)
            const retain = Math.max(document.retain, latest)
            horizon = Math.max(horizon, latest)
            const now = seqTime(draft.seq)
            // a value that expired before this update needs no tombstone
            expect(retain).toBeGreaterThanOrEqual(horizon > now ? horizon : latest)
            document.apply(validateUpdate({ ...draft, retain }))
            if (prunes[i] === true) document.prune(now)
          })
        }),
        runs(),
      ),
    ).toBeUndefined()
  })
})

describe('a writer who breaks the promise', () => {
  const lie: Update[] = [
    { seq: 1_000_000, hash: '01'.repeat(32), expires: 100_000, retain: 100_000, body: from({ nick: 'old' }) },
    // it promises that nothing it replaces expires after 10 s, which is false
    { seq: 2_000_000, hash: '02'.repeat(32), expires: 10_000, retain: 10_000, body: from({ nick: remove() }) },
  ]
  const shown = (document: Document, now: number): Node => document.show(now) ?? 'nothing'

  it('may show the removed value again where the removal was dropped before the value arrived', () => {
    const prompt = documentOf(lie)
    prompt.prune(10_000)
    const late = documentOf(lie.slice(1))
    late.prune(10_000)
    late.apply(validateUpdate(lie[0] as Update))
    expect(print(shown(late, 50_000))).toBe('{nick="old"}')
    expect(shown(prompt, 50_000)).toBe('nothing')
    // the difference ends at the older expiry
    expect([shown(late, 100_000), shown(prompt, 100_000)]).toEqual(['nothing', 'nothing'])
  })

  it('shows the same everywhere as long as nothing is pruned', () => {
    expect(
      failureOf(
        fc.property(brokenHistory, (updates) => {
          const document = documentOf(updates)
          const tree = interpret(updates)
          for (const t of instants(updates)) expect(bytesOf(document.show(t))).toBe(bytesOf(showAt(tree, t)))
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('shows the same everywhere again once the last expiry has passed: nothing', () => {
    expect(
      failureOf(
        fc.property(anyHistory, order, prunes, (updates, order, prunes) => {
          const document = replica(updates, order, prunes)
          const end = Math.max(...updates.map(latestExpiry))
          expect(document.show(end)).toBeUndefined()
          document.prune(Math.max(...updates.map(({ retain }) => retain)))
          expect([document.slots, [...document.live()]]).toEqual([0, []])
        }),
        runs(),
      ),
    ).toBeUndefined()
  })
})
