import { describe, expect, it } from '@jest/globals'
import { EventLoopBudget, yieldToEventLoop } from '../src/index.ts'

/** Takes units as calls that begin at once do; returns in which turn of the event loop each may begin. */
async function turnsOf(budget: EventLoopBudget, units: readonly number[]): Promise<number[]> {
  let turn = 0
  let left = units.length
  const count = async (): Promise<void> => {
    for (; left > 0; turn++) {
      await yieldToEventLoop()
    }
  }
  const counting = count()
  const turns = await Promise.all(
    units.map(async (some) => {
      await budget.take(some)
      left--
      return turn
    }),
  )
  await counting
  return turns
}

describe('EventLoopBudget', () => {
  it.each([
    ['what fits begins at once', [40, 60], [0, 0]],
    ['more begins in the next turn', [40, 61], [0, 1]],
    ['too large a piece has a turn of its own', [10, 500, 10], [0, 1, 2]],
    ['a large piece begins at once in a turn without work', [500, 1], [0, 1]],
    ['small pieces do not pass one that waits', [60, 60, 1], [0, 1, 1]],
    ['pieces without units count', [0, 100], [0, 1]],
  ])('%s', async (_, units, turns) => {
    expect(await turnsOf(new EventLoopBudget(100), units)).toEqual(turns)
  })

  it('has room again after the event loop had its turn', async () => {
    const budget = new EventLoopBudget(100)
    expect(budget.take(100)).toBeUndefined()
    await yieldToEventLoop()
    expect(budget.take(100)).toBeUndefined()
  })
})
