import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { FairScheduler } from '../src/index.ts'

/** A scheduler on a clock and an event loop that the test drives. */
class Loop {
  now = 0
  /** how often I/O was handled, and how long turns ran between two of these times */
  looks = 0
  readonly batches: number[] = []
  readonly scheduler: FairScheduler
  #afterIo: Array<() => void> = []
  #batchAt = 0

  constructor(batchMs = 5) {
    this.scheduler = new FairScheduler({
      batchMs,
      now: () => this.now,
      afterIo: (run) => {
        this.#afterIo.push(run)
      },
    })
  }

  /** Runs the event loop for some rounds. */
  async run(rounds: number): Promise<void> {
    for (let i = 0; i < rounds; i++) {
      // the real event loop: lets ticks and microtasks run
      await new Promise((resolve) => {
        setTimeout(resolve, 0)
      })
      this.looks++
      this.batches.push(this.now - this.#batchAt)
      this.#batchAt = this.now
      for (const run of this.#afterIo.splice(0)) {
        run()
      }
    }
  }

  /** A stream that always has work of `ms`; counts its turns by peer. */
  flood(peer: string, ms: number, served: Map<string, number>, streams?: Map<object, number>): void {
    const stream = {}
    const loop = async (): Promise<void> => {
      for (;;) {
        await this.scheduler.turn(peer, stream)
        await Promise.resolve() // a promise that is settled does not end a turn
        this.now += ms
        served.set(peer, (served.get(peer) ?? 0) + 1)
        streams?.set(stream, (streams.get(stream) ?? 0) + 1)
      }
    }
    void loop()
  }
}

const spread = (counts: Iterable<number>): number => {
  const all = [...counts]
  return Math.max(...all) - Math.min(...all)
}

describe('turns', () => {
  it('of N peers with M streams each are equal, give or take one, by peer and by stream of a peer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 3, max: 30 }),
        async (streamsOf, rounds) => {
          const loop = new Loop()
          const served = new Map<string, number>()
          const streams = streamsOf.map((count, peer) => {
            const turns = new Map<object, number>()
            for (let i = 0; i < count; i++) {
              loop.flood(`peer ${peer}`, 0.25, served, turns)
            }
            return turns
          })
          await loop.run(rounds)
          expect(served.size).toBe(streamsOf.length)
          expect(spread(served.values())).toBeLessThanOrEqual(1)
          for (const turns of streams) {
            expect(spread(turns.values())).toBeLessThanOrEqual(1)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('of peers with work of different lengths take equal time, give or take the longest', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(0.125, 0.5, 2, 16), { minLength: 2, maxLength: 8 }),
        async (lengths) => {
          const loop = new Loop()
          const served = new Map<string, number>()
          lengths.forEach((ms, peer) => {
            loop.flood(String(peer), ms, served)
          })
          await loop.run(60)
          const times = lengths.map((ms, peer) => (served.get(String(peer)) ?? 0) * ms)
          expect(spread(times)).toBeLessThanOrEqual(Math.max(...lengths))
        },
      ),
      { numRuns: 30 },
    )
  })

  it('stop for I/O after 5 ms of work of all peers together', async () => {
    const loop = new Loop()
    const served = new Map<string, number>()
    for (let peer = 0; peer < 300; peer++) {
      loop.flood(String(peer), 0.5, served)
    }
    await loop.run(20)
    expect(loop.batches.slice(2).every((ms) => ms === 5)).toBe(true)
  })

  it('come next for a peer that asks now and then, however many streams the others have', async () => {
    const loop = new Loop()
    const served = new Map<string, number>()
    for (let i = 0; i < 640; i++) {
      loop.flood(`flood ${i % 20}`, 1, served)
    }
    await loop.run(30)
    for (let i = 0; i < 10; i++) {
      const asked = loop.now
      let answered: number | undefined
      void Promise.resolve(loop.scheduler.turn('honest', {})).then(() => {
        answered = loop.now
        loop.now += 0.25
      })
      await loop.run(3)
      // at most the turn that runs
      expect((answered as number) - asked).toBeLessThanOrEqual(1)
    }
  })

  it('are not saved up: a peer that was idle for long does not get more than its share then', async () => {
    const loop = new Loop()
    const served = new Map<string, number>()
    loop.flood('early', 1, served)
    await loop.run(50)
    const before = served.get('early') as number
    loop.flood('late', 1, served)
    await loop.run(50)
    const lead = (served.get('late') as number) - ((served.get('early') as number) - before)
    expect(lead).toBeLessThanOrEqual(11) // 10 ms of turns of 1 ms, and one
  })

  it('within work that has begun come before the other streams of the peer', async () => {
    const loop = new Loop()
    const order: string[] = []
    const request = async (name: string): Promise<void> => {
      const stream = {}
      await loop.scheduler.turn('ann', stream)
      order.push(`${name} begins`)
      loop.now += 3
      await loop.scheduler.turn('ann', stream, 'rest')
      order.push(`${name} ends`)
    }
    void request('one')
    void request('two')
    await loop.run(5)
    expect(order).toEqual(['one begins', 'one ends', 'two begins', 'two ends'])
  })

  it('forget peers that have no lead', async () => {
    const loop = new Loop()
    for (let i = 0; i < 5000; i++) {
      void loop.scheduler.turn(`peer ${i}`, {})
      if (i % 100 === 0) {
        await loop.run(1)
      }
    }
    await loop.run(3)
    expect(loop.scheduler.size).toBeLessThan(1000)
  })
})
