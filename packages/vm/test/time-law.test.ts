import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Law, steps, World } from './law.ts'

/** fast-check prints the seed of a failure. `SR_RUNS` sets the number of runs, `SR_SEED` the seed. */
const RUNS = {
  numRuns: Number(process.env['SR_RUNS'] ?? 20_000),
  ...(process.env['SR_SEED'] === undefined ? {} : { seed: Number(process.env['SR_SEED']) }),
}

describe('the law of time', () => {
  it('holds for any history of a wall clock, a monotonic clock, sleep and restarts', () => {
    fc.assert(
      fc.property(
        fc.array(steps, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(0, 50e-6, -50e-6, 200e-6),
        fc.boolean(),
        (history, rate, hasUptime) => {
          const law = new Law(new World(rate, hasUptime))
          for (const step of history) {
            law.take(step)
          }
          law.settle()
          expect(law.time.read().confirmed).toBe(true)
        },
      ),
      RUNS,
    )
  })
})
