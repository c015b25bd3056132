import { describe, expect, it } from '@jest/globals'
import { faultOf } from '../src/check.ts'
import { regressionsOf } from '../src/regressions.ts'
import { vectorInputs } from '../src/seeds.ts'
import { TARGETS } from '../src/targets/all.ts'
import { EVERY } from '../src/targets/target.ts'

// Thousands of inputs, or large ones, and every check of each.
const SEEDS_MS = 60_000

describe.each(TARGETS.map((target) => [target.name, target] as const))('%s', (name, target) => {
  it(
    'holds on every input that once broke it',
    () => {
      for (const { file, input } of regressionsOf(name))
        expect({ file, fault: faultOf(target, input, EVERY)?.message }).toEqual({ file, fault: undefined })
    },
    SEEDS_MS,
  )

  it(
    'holds on every input of the vectors',
    () => {
      const seeds = vectorInputs()
      const faults = seeds
        .map((input) => ({
          fault: faultOf(target, input, EVERY)?.message,
          input: Buffer.from(input).toString('latin1'),
        }))
        .filter(({ fault }) => fault !== undefined)
      expect(faults).toEqual([])
      expect(seeds.filter((input) => accepts(target, input)).length).toBeGreaterThan(5)
    },
    SEEDS_MS,
  )
})

function accepts(target: (typeof TARGETS)[number], input: Uint8Array): boolean {
  try {
    return target.run(input, 0).accepted
  } catch {
    return false
  }
}
