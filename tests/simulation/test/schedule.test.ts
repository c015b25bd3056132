import * as ir from '@sr/ir'
import { describe, expect, it } from '@jest/globals'
import { Random } from '@sr/tests-kit/random'
import { Schedule } from '../src/schedule.ts'

describe('a schedule', () => {
  it.each([1, 2, 3, 4])('ends with every replica as the oracle has it (hundred %i)', (hundred) => {
    for (let n = 0; n < 100; n++) expect(new Schedule(ir, hundred * 100 + n).run().comparisons).toBeGreaterThan(0)
  })

  it('is the same for the same seed', () => {
    expect(new Schedule(ir, 7).run()).toEqual(new Schedule(ir, 7).run())
  })

  it('has something of everything', () => {
    const all = Array.from({ length: 20 }, (_, seed) => new Schedule(ir, seed).run())
    for (const name of ['updates', 'deliveries', 'restarts', 'prunes', 'partitions'] as const) {
      expect(all.some((counters) => counters[name] > 0)).toBe(true)
    }
  })

  it('sees a replica that forgets too early', () => {
    const forgetful = {
      ...ir,
      createDocument: (): ir.Document => {
        const document = ir.createDocument()
        const prune = document.prune.bind(document)
        return Object.assign(document, { prune: (now: number) => prune(now + 60_000) })
      },
    }
    expect(() => {
      for (let seed = 0; seed < 200; seed++) new Schedule(forgetful, seed).run()
    }).toThrow(expect.objectContaining({ name: 'Mismatch' }))
  })
})

describe('random numbers', () => {
  it('lie where they should, and come again with their seed', () => {
    const numbers = (seed: number): number[] => {
      const random = new Random(seed)
      return Array.from({ length: 1000 }, () => random.integer(3, 7))
    }
    expect(new Set(numbers(1))).toEqual(new Set([3, 4, 5, 6, 7]))
    expect(numbers(2 ** 40 + 1)).toEqual(numbers(2 ** 40 + 1))
    expect(numbers(1)).not.toEqual(numbers(2))
    const magnitudes = Array.from({ length: 1000 }, () => new Random(5).magnitude(10, 1000))
    expect(Math.min(...magnitudes) >= 10 && Math.max(...magnitudes) < 1000).toBe(true)
  })
})
