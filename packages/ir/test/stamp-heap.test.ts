import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { StampHeap } from '../src/document/stamp-heap.ts'
import type { Stamp } from '../src/index.ts'
import { failureOf, runs } from './runs.ts'

const stamp = (n: number): Stamp => ({ seq: n >> 1, hash: String(n & 1) })

describe('StampHeap', () => {
  it('pops values in stamp order under any sequence of push and pop', () => {
    expect(
      failureOf(
        fc.property(fc.array(fc.oneof(fc.nat(50), fc.constant('pop' as const)), { maxLength: 200 }), (steps) => {
          const heap = new StampHeap<object>()
          const all: Array<{ low: number; value: object }> = []
          for (const step of steps) {
            all.sort((a, b) => a.low - b.low)
            if (step === 'pop') {
              const least = all[0]?.low
              const value = heap.pop()
              const index = all.findIndex((one) => one.value === value)
              if (all[index]?.low !== least) return false
              all.splice(index, index < 0 ? 0 : 1)
            } else {
              const value = {}
              all.push({ low: step, value })
              heap.push(stamp(step), value)
            }
            const least = all.toSorted((a, b) => a.low - b.low)[0]
            if (JSON.stringify(heap.oldest) !== JSON.stringify(least && stamp(least.low))) return false
          }
          return true
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('is stale when more than half of its entries are redundant', () => {
    const heap = new StampHeap<object>()
    for (let n = 0; n < 84; n++) heap.push(stamp(n), {})
    expect([heap.isStale(10), heap.isStale(9)]).toEqual([false, true])
  })
})
