import { describe, expect, it } from '@jest/globals'
import { from } from '@sr/xr'
import fc from 'fast-check'
import { LiveUpdate, type TtlExpiry } from '../src/document/state.ts'
import { TtlExpiries } from '../src/document/ttl-expiries.ts'
import { failureOf, runs } from './runs.ts'

const update = { seq: 0, hash: '0'.repeat(64), expires: 0, retain: 100, body: from({}) }

type Step = { query: number } | { release: number } | { add: number }

describe('TtlExpiries', () => {
  it('has one expiry per end and returns the next pending end and the pending ends that passed', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ query: fc.integer({ min: -1, max: 21 }) }),
        fc.record({ release: fc.nat(20) }),
        fc.record({ add: fc.integer({ min: 1, max: 20 }) }),
      ),
      { maxLength: 30 },
    )
    expect(
      failureOf(
        fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 12 }), steps, (ends, steps: Step[]) => {
          const expiries = new TtlExpiries(new LiveUpdate(update))
          const all = new Map<number, TtlExpiry>()
          const add = (end: number): void => {
            const expiry = expiries.at(end)
            expect(all.get(end) ?? expiry).toBe(expiry)
            all.set(end, expiry)
            expiry.pending++
          }
          ends.forEach(add)
          expect(new Set(expiries)).toEqual(new Set(all.values()))
          for (const step of steps) {
            if ('add' in step) {
              add(step.add)
              continue
            }
            if ('release' in step) {
              const expiry = all.get(step.release)
              if (expiry !== undefined && expiry.pending > 0) expiry.pending--
              continue
            }
            const pendingEnds = [...all.values()]
              .filter(({ pending }) => pending > 0)
              .map(({ expires }) => expires)
              .sort((a, b) => a - b)
            expect(expiries.next(step.query)).toBe(pendingEnds.find((end) => end > step.query) ?? Infinity)
            expect(Array.from(expiries.ended(step.query), ({ expires }) => expires)).toEqual(
              pendingEnds.filter((end) => end <= step.query),
            )
          }
        }),
        runs(),
      ),
    ).toBeUndefined()
  })
})
