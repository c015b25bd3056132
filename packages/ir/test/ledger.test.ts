import { describe, expect, it } from '@jest/globals'
import { from } from '@sr/xr'
import fc from 'fast-check'
import { Ledger } from '../src/ledger.ts'
import { Held } from '../src/life.ts'
import { compareStamps } from '../src/index.ts'
import { failureOf, runs } from './runs.ts'

function held(n: number, end: number): Held {
  const update = new Held({
    seq: n >> 1,
    hash: `${n & 1}`.padEnd(64, '0'),
    expires: end,
    retain: end + (n % 3),
    body: from({}),
  })
  update.uses = 1
  update.refs = 1
  return update
}

// some thousand updates, so that chunks fill, split and merge
const numbers = fc.uniqueArray(fc.nat(100_000), { minLength: 1, maxLength: 3000, size: 'max' })
const share = fc.double({ min: 0, max: 1, noNaN: true })

describe('the updates of a document', () => {
  it('are found, counted and listed in the order of their stamps, whatever order they come and go in', () => {
    expect(
      failureOf(
        fc.property(numbers, fc.boolean(), share, (picked, inOrder, part) => {
          const ledger = new Ledger()
          const all = (inOrder ? picked.toSorted((a, b) => a - b) : picked).map((n) => held(n, n % 1000))
          for (const one of all) ledger.insert(one)
          const cut = Math.floor(all.length * part)
          const [gone, left] = [all.slice(0, cut), all.slice(cut)]
          for (const one of gone) ledger.remove(one)
          for (const one of gone) ledger.remove(one)
          expect(ledger.size).toBe(left.length)
          expect([...ledger.hashes()]).toEqual(left.toSorted(compareStamps).map(({ hash }) => hash))
          expect(left.every((one) => ledger.find({ seq: one.seq, hash: one.hash }) === one)).toBe(true)
          expect(gone.some((one) => ledger.find(one) !== undefined)).toBe(false)
          expect(ledger.last).toBe(left.toSorted(compareStamps).at(-1))
          const seqs = new Map<number, number>()
          for (const { seq } of left) seqs.set(seq, (seqs.get(seq) ?? 0) + 1)
          for (const one of left) expect(ledger.hasOther(one)).toBe((seqs.get(one.seq) ?? 0) > 1)
        }),
        runs(0.1),
      ),
    ).toBeUndefined()
  })

  it('know the latest retain, the next end and what has ended', () => {
    expect(
      failureOf(
        fc.property(
          numbers,
          share,
          fc.array(
            fc.nat(2400).map((half) => half / 2),
            { maxLength: 5 },
          ),
          (picked, part, times) => {
            const ledger = new Ledger()
            const all = picked.map((n) => held(n, n % 1000))
            for (const one of all) ledger.insert(one)
            for (const one of all.slice(0, Math.floor(all.length * part))) ledger.remove(one)
            const left = all.slice(Math.floor(all.length * part))
            expect(ledger.retain).toBe(Math.max(0, ...left.map(({ retain }) => retain)))
            const over = new Set<Held>()
            for (const now of times.toSorted((a, b) => a - b)) {
              const ends = left.flatMap((one) => [
                one.uses > 0 ? one.expires : Infinity,
                over.has(one) ? Infinity : one.retain,
              ])
              expect(ledger.next(now)).toBe(Math.min(Infinity, ...ends.filter((end) => end > now)))
              const ended = ledger.ended(now)
              expect(ended).toEqual(
                left
                  .filter((one) => (one.uses > 0 && one.expires <= now) || (!over.has(one) && one.retain <= now))
                  .sort(compareStamps),
              )
              for (const one of ended) {
                one.uses = 0
                if (one.retain <= now) {
                  over.add(one)
                  ledger.rest(one)
                }
              }
            }
          },
        ),
        runs(0.1),
      ),
    ).toBeUndefined()
  })
})
