import { describe, expect, it } from '@jest/globals'
import { from } from '@sr/xr'
import fc from 'fast-check'
import { Held, type OtherLife } from '../src/life.ts'
import { TtlLives } from '../src/ttl-lives.ts'
import { failureOf, runs } from './runs.ts'

const update = { seq: 0, hash: '0'.repeat(64), expires: 0, retain: 100, body: from({}) }

type Step = { ask: number } | { spend: number } | { say: number }

describe('the lives an update gives by $ttl', () => {
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
          const lives = new TtlLives(new Held(update))
          const all = new Map<number, OtherLife>()
          const say = (end: number): void => {
            const life = lives.at(end)
            expect(all.get(end) ?? life).toBe(life)
            all.set(end, life)
            life.uses++
          }
          ends.forEach(say)
          expect(new Set(lives)).toEqual(new Set(all.values()))
          for (const step of steps) {
            if ('say' in step) {
              say(step.say)
              continue
            }
            if ('spend' in step) {
              const life = all.get(step.spend)
              if (life !== undefined && life.uses > 0) life.uses--
              continue
            }
            const waited = [...all.values()]
              .filter(({ uses }) => uses > 0)
              .map(({ expires }) => expires)
              .sort((a, b) => a - b)
            expect(lives.next(step.ask)).toBe(waited.find((end) => end > step.ask) ?? Infinity)
            expect(Array.from(lives.ended(step.ask), ({ expires }) => expires)).toEqual(
              waited.filter((end) => end <= step.ask),
            )
          }
        }),
        runs(),
      ),
    ).toBeUndefined()
  })
})
