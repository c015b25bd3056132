import { describe, expect, it } from '@jest/globals'
import { from } from '@sr/xr'
import fc from 'fast-check'
import { UpdateLog } from '../src/document/update-log.ts'
import { LiveUpdate } from '../src/document/state.ts'
import { compareStamps } from '../src/index.ts'
import { failureOf, runs } from './runs.ts'

function update(n: number, end: number): LiveUpdate {
  const update = new LiveUpdate({
    seq: n >> 1,
    hash: `${n & 1}`.padEnd(64, '0'),
    expires: end,
    retain: end + (n % 3),
    body: from({}),
  })
  update.pending = 1
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
        fc.property(numbers, fc.boolean(), share, (picked, compareMembers, part) => {
          const log = new UpdateLog()
          const all = (compareMembers ? picked.toSorted((a, b) => a - b) : picked).map((n) => update(n, n % 1000))
          for (const one of all) log.insert(one)
          const removeOlder = Math.floor(all.length * part)
          const [gone, left] = [all.slice(0, removeOlder), all.slice(removeOlder)]
          for (const one of gone) log.remove(one)
          for (const one of gone) log.remove(one)
          expect(log.size).toBe(left.length)
          expect([...log.hashes()]).toEqual(left.toSorted(compareStamps).map(({ hash }) => hash))
          expect(left.every((one) => log.find({ seq: one.seq, hash: one.hash }) === one)).toBe(true)
          expect(gone.some((one) => log.find(one) !== undefined)).toBe(false)
          expect(log.last).toBe(left.toSorted(compareStamps).at(-1))
          const seqs = new Map<number, number>()
          for (const { seq } of left) seqs.set(seq, (seqs.get(seq) ?? 0) + 1)
          for (const one of left) expect(log.hasFork(one)).toBe((seqs.get(one.seq) ?? 0) > 1)
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
            const log = new UpdateLog()
            const all = picked.map((n) => update(n, n % 1000))
            for (const one of all) log.insert(one)
            for (const one of all.slice(0, Math.floor(all.length * part))) log.remove(one)
            const left = all.slice(Math.floor(all.length * part))
            expect(log.retain).toBe(Math.max(0, ...left.map(({ retain }) => retain)))
            const over = new Set<LiveUpdate>()
            for (const now of times.toSorted((a, b) => a - b)) {
              const ends = left.flatMap((one) => [
                one.pending > 0 ? one.expires : Infinity,
                over.has(one) ? Infinity : one.retain,
              ])
              expect(log.next(now)).toBe(Math.min(Infinity, ...ends.filter((end) => end > now)))
              const ended = log.ended(now)
              expect(ended).toEqual(
                left
                  .filter((one) => (one.pending > 0 && one.expires <= now) || (!over.has(one) && one.retain <= now))
                  .sort(compareStamps),
              )
              for (const one of ended) {
                one.pending = 0
                if (one.retain <= now) {
                  over.add(one)
                  log.markPastRetain(one)
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
