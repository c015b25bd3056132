import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { StampHeap } from '../src/document/stamp-heap.ts'
import { Slot } from '../src/document/state.ts'
import type { Stamp } from '../src/index.ts'
import { failureOf, runs } from './runs.ts'

const stamp = (n: number): Stamp => ({ seq: n >> 1, hash: String(n & 1) })

describe('children by the first stamp in each', () => {
  it('come out in the order of the stamps, whatever goes in between', () => {
    expect(
      failureOf(
        fc.property(fc.array(fc.oneof(fc.nat(50), fc.constant('pop' as const)), { maxLength: 200 }), (steps) => {
          const heap = new StampHeap()
          const all: Array<{ low: number; place: Slot }> = []
          for (const step of steps) {
            all.sort((a, b) => a.low - b.low)
            if (step === 'pop') {
              const least = all[0]?.low
              const place = heap.pop()
              const index = all.findIndex((one) => one.place === place)
              if (all[index]?.low !== least) return false
              all.splice(index, index < 0 ? 0 : 1)
            } else {
              const place = new Slot(undefined, String(step))
              all.push({ low: step, place })
              heap.push(stamp(step), place)
            }
            const least = all.toSorted((a, b) => a.low - b.low)[0]
            if (JSON.stringify(heap.least) !== JSON.stringify(least && stamp(least.low))) return false
          }
          return true
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('tell when most of them are of no use', () => {
    const heap = new StampHeap()
    for (let n = 0; n < 84; n++) heap.push(stamp(n), new Slot(undefined, ''))
    expect([heap.isStale(10), heap.isStale(9)]).toEqual([false, true])
  })
})
