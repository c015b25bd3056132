import { describe, expect, it } from '@jest/globals'
import { MemoryBudget } from '../src/index.ts'

describe('a memory budget', () => {
  it.each<[string, Array<[string, number]>, string, number, string | undefined]>([
    ['all within it', [['ann', 40]], 'bob', 40, undefined],
    [
      'more than all may hold',
      [
        ['ann', 40],
        ['bob', 40],
      ],
      'carol',
      21,
      'buffered',
    ],
    ['more than one may hold', [['ann', 40]], 'ann', 11, 'bufferedPerPeer'],
    [
      'what was given back',
      [
        ['ann', 50],
        ['ann', -30],
      ],
      'ann',
      30,
      undefined,
    ],
  ])('%s', (_what, before, peer, bytes, limit) => {
    const budget = new MemoryBudget(100, 50)
    before.forEach(([of, more]) => {
      budget.change(more, of)
    })
    const { held } = budget
    let refused: string | undefined
    try {
      budget.change(bytes, peer)
    } catch (err) {
      refused = (err as { limit: string }).limit
    }
    expect([refused, budget.held]).toEqual([limit, limit === undefined ? held + bytes : held])
  })
})
