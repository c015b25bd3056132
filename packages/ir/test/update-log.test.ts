import { describe, expect, it } from '@jest/globals'
import { from } from '@sr/xr'
import fc from 'fast-check'
import { UpdateLog } from '../src/document/update-log.ts'
import { LiveUpdate } from '../src/document/state.ts'
import { compareStamps } from '../src/index.ts'
import { failureOf, runs } from './runs.ts'

function liveUpdate(n: number, end: number): LiveUpdate {
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

// thousands of updates, so that chunks fill, split and merge
const numbers = fc.uniqueArray(fc.nat(100_000), { minLength: 1, maxLength: 3000, size: 'max' })
const share = fc.double({ min: 0, max: 1, noNaN: true })

describe('UpdateLog', () => {
  it('finds, counts and lists updates in stamp order, in whatever order they are inserted and removed', () => {
    expect(
      failureOf(
        fc.property(numbers, fc.boolean(), share, (picked, inOrder, part) => {
          const log = new UpdateLog()
          const all = (inOrder ? picked.toSorted((a, b) => a - b) : picked).map((n) => liveUpdate(n, n % 1000))
          for (const one of all) log.insert(one)
          const cut = Math.floor(all.length * part)
          const [gone, left] = [all.slice(0, cut), all.slice(cut)]
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

  it('returns the latest retain, the next end and the ended updates', () => {
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
            const all = picked.map((n) => liveUpdate(n, n % 1000))
            for (const one of all) log.insert(one)
            for (const one of all.slice(0, Math.floor(all.length * part))) log.remove(one)
            const left = all.slice(Math.floor(all.length * part))
            expect(log.retain).toBe(Math.max(0, ...left.map(({ retain }) => retain)))
            const pastRetain = new Set<LiveUpdate>()
            for (const now of times.toSorted((a, b) => a - b)) {
              const ends = left.flatMap((one) => [
                one.pending > 0 ? one.expires : Infinity,
                pastRetain.has(one) ? Infinity : one.retain,
              ])
              expect(log.next(now)).toBe(Math.min(Infinity, ...ends.filter((end) => end > now)))
              const ended = log.ended(now)
              expect(ended).toEqual(
                left
                  .filter(
                    (one) => (one.pending > 0 && one.expires <= now) || (!pastRetain.has(one) && one.retain <= now),
                  )
                  .sort(compareStamps),
              )
              for (const one of ended) {
                one.pending = 0
                if (one.retain <= now) {
                  pastRetain.add(one)
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

  it.each([true, false])('reads a bounded part of the log at each instant; next is called: %p', (asks) => {
    let reads = 0
    class Counted extends LiveUpdate {
      override get retain(): number {
        reads++
        return super.retain
      }
    }
    const log = new UpdateLog()
    const many = 20_000
    for (let n = 0; n < many; n++) {
      const update = new Counted({ seq: n, hash: '0'.repeat(64), expires: n, retain: 10 * many, body: from({}) })
      update.pending = 1
      log.insert(update)
    }
    for (let now = 0; now < many; now += 20) {
      // next also before anything that has ended is pruned
      const before = reads
      const next = now + 1 < many ? now + 1 : 10 * many
      const asked = asks ? [log.next(now), log.next(now), log.next(now + 0.5)] : []
      expect(asked.every((found) => found === next)).toBe(true)
      if (now % 100 === 0) for (const update of log.ended(now)) update.pending = 0
      expect(reads - before).toBeLessThan(30 * 256)
    }
  })
})
