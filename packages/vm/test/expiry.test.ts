import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { startMachine, type TestMachine } from './setup.ts'
import { HOUR, jump, restart, say, sign, type Step, MachineModel, wait, WRITERS } from './model.ts'

/** fast-check prints the seed of a failure. `SR_RUNS` sets the number of runs, `SR_SEED` the seed. */
const RUNS = {
  numRuns: Number(process.env['SR_RUNS'] ?? 60),
  ...(process.env['SR_SEED'] === undefined ? {} : { seed: Number(process.env['SR_SEED']) }),
}
const TIMEOUT_MS = 120_000

async function run(steps: Step[]): Promise<MachineModel> {
  const told = new MachineModel(await startMachine())
  for (const step of steps) {
    await told.run(step)
    await told.check()
  }
  return told
}

describe('any sequence of updates and clock changes', () => {
  it(
    'shows what the model shows and nothing expired; a refusal changes nothing; all is freed in the end',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(say, sign, wait, jump), { minLength: 1, maxLength: 30 }), async (steps) => {
          const { at } = await run(steps)
          // an unconfirmed clock is confirmed after an hour; by then everything is expired
          at.clock.set(at.machine.time().now + 40 * 24 * HOUR)
          await at.clock.advance(2 * HOUR)
          expect([at.store.size, ...(await bytesOf(at))]).toEqual([0, 0, 0, 0])
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
          fc.array(fc.oneof(say, sign, wait, jump, restart), { minLength: 1, maxLength: 30 }),
          async (steps) => {
            const { at } = await run(steps)
            at.clock.set(at.machine.time().now + 40 * 24 * HOUR)
            await at.clock.advance(2 * HOUR)
            expect([at.store.size, ...(await bytesOf(at))]).toEqual([0, 0, 0, 0])
          },
        ),
        RUNS,
      )
    },
    TIMEOUT_MS,
  )
})

async function bytesOf({ machine }: TestMachine): Promise<number[]> {
  return await Promise.all(WRITERS.map(async (writer) => (await machine.usage(writer)).bytes))
}
