import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { bench } from './setup.ts'
import { HOUR, jump, restart, say, sign, type Step, Story, wait, WRITERS } from './story.ts'

/** fast-check prints the seed of a failure. `SR_RUNS` sets the number of runs, `SR_SEED` the seed. */
const RUNS = {
  numRuns: Number(process.env['SR_RUNS'] ?? 60),
  ...(process.env['SR_SEED'] === undefined ? {} : { seed: Number(process.env['SR_SEED']) }),
}
const TIMEOUT_MS = 120_000

async function run(story: Step[]): Promise<Story> {
  const told = new Story(await bench())
  for (const step of story) {
    await told.tell(step)
    await told.check()
  }
  return told
}

describe('any sequence of updates and clock changes', () => {
  it(
    'shows what the model shows and nothing expired; a refusal changes nothing; all is freed in the end',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(say, sign, wait, jump), { minLength: 1, maxLength: 30 }), async (story) => {
          const { at } = await run(story)
          // an unconfirmed clock is confirmed after an hour; by then everything is expired
          await at.clock.advance(3 * HOUR)
          expect([at.store.size, ...WRITERS.map((writer) => at.machine.usage(writer).bytes)]).toEqual([0, 0, 0, 0])
        }),
        RUNS,
      )
    },
    TIMEOUT_MS,
  )

  it(
    'with restarts gives the same',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(say, sign, wait, restart), { minLength: 1, maxLength: 30 }),
          async (story) => {
            const { at } = await run(story)
            await at.clock.advance(3 * HOUR)
            expect([at.store.size, ...WRITERS.map((writer) => at.machine.usage(writer).bytes)]).toEqual([0, 0, 0, 0])
          },
        ),
        RUNS,
      )
    },
    TIMEOUT_MS,
  )
})
