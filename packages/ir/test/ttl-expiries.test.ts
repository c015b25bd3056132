import { describe, expect, it } from '@jest/globals'
import { from } from '@sr/xr'
import fc from 'fast-check'
import { LiveUpdate, type TtlExpiry } from '../src/document/state.ts'
import { TtlExpiries } from '../src/document/ttl-expiries.ts'
import { failureOf, runs } from './runs.ts'

const update = { seq: 0, hash: '0'.repeat(64), expires: 0, retain: 100, body: from({}) }

type Step = { ask: number } | { spend: number } | { say: number }

describe('the expiries an update gives by $ttl', () => {
  it('are one for each end, and tell what ends next and what has ended, whichever are waited for no more', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ ask: fc.integer({ min: -1, max: 21 }) }),
        fc.record({ spend: fc.nat(20) }),
        fc.record({ say: fc.integer({ min: 1, max: 20 }) }),
      ),
      { maxLength: 30 },
    )
    expect(
      failureOf(
        fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 12 }), steps, (ends, steps: Step[]) => {
          const expiries = new TtlExpiries(new LiveUpdate(update))
          const all = new Map<number, TtlExpiry>()
          const say = (end: number): void => {
            const expiry = expiries.at(end)
            expect(all.get(end) ?? expiry).toBe(expiry)
            all.set(end, expiry)
            expiry.pending++
          }
          ends.forEach(say)
          expect(new Set(expiries)).toEqual(new Set(all.values()))
          for (const step of steps) {
            if ('say' in step) {
              say(step.say)
              continue
            }
            if ('spend' in step) {
              const expiry = all.get(step.spend)
              if (expiry !== undefined && expiry.pending > 0) expiry.pending--
              continue
            }
            const waited = [...all.values()]
              .filter(({ pending }) => pending > 0)
              .map(({ expires }) => expires)
              .sort((a, b) => a - b)
            expect(expiries.next(step.ask)).toBe(waited.find((end) => end > step.ask) ?? Infinity)
            expect(Array.from(expiries.ended(step.ask), ({ expires }) => expires)).toEqual(
              waited.filter((end) => end <= step.ask),
            )
          }
        }),
        runs(),
      ),
    ).toBeUndefined()
  })
})
