import { describe, expect, it } from '@jest/globals'
import type { Effect } from '@sr/ir'
import { type Counter, Counters } from '../src/counters.ts'
import { EffectQueue } from '../src/effects/effect-queue.ts'
import type { QueueEntry, Requester } from '../src/effects/queue-entry.ts'
import type { EffectRequest } from '../src/effects/requests.ts'
import { LIMITS, type MachineLimits } from '../src/limits.ts'
import { manualClock } from '../src/testing/manual-clock.ts'
import { EffectiveTime } from '../src/time/effective-time.ts'
import { ask } from './effect-setup.ts'
import { START } from './setup.ts'

const ann: Requester = { writer: 'ann', observedAddr: undefined, fromAuthor: true, expires: START + 60_000 }
const bob: Requester = { ...ann, writer: 'bob', expires: START + 90_000 }

interface Setup {
  queue: EffectQueue
  clock: ReturnType<typeof manualClock>
  counters: Counters
  /** the entries and writers in the order served */
  served: Array<[QueueEntry, string]>
  add(requester: Requester, id?: string): Promise<void>
}

/** A queue whose effect states a fact for `ttl` seconds, or none for 0. */
function setup(ttl: number, onChange = false, limits: Partial<MachineLimits> = {}): Setup {
  const clock = manualClock(START)
  const counters = new Counters()
  const served: Setup['served'] = []
  const serve = async (entry: QueueEntry, requester: Requester): Promise<boolean> => {
    served.push([entry, requester.writer])
    expect(entry.state).toBe('running')
    await Promise.resolve()
    entry.served.set(requester.writer, requester)
    const until = clock.now() + ttl * 1000
    if (ttl > 0) {
      entry.fact = { verdict: 'yes', createdAt: clock.now(), until, expires: Math.min(until, requester.expires) }
      entry.chargedTo = requester.writer
    }
    return false
  }
  const time = new EffectiveTime(clock)
  const queue = new EffectQueue({ limits: { ...LIMITS, ...limits }, clock, time, counters, serve, onEnd: () => {} })
  const effect: Effect<unknown> = { external: false, onChange, run: async () => undefined }
  const request = (id: string): EffectRequest => ({
    predicate: ask(1),
    id,
    effect,
    expires: 0,
    read: () => ({ value: 1n }),
  })
  return {
    queue,
    clock,
    counters,
    served,
    add: async (requester, id = 'one') => await queue.enqueue('record', request(id), requester),
  }
}

describe('a request', () => {
  it('is answered once for all requesters, and renewed at 90 % of the lifetime of its verdict', async () => {
    const { served, add, clock, counters } = setup(10)
    await Promise.all([add(ann), add(bob)])
    const [entry] = served[0] as [QueueEntry, string]
    expect(served.map(([, writer]) => writer)).toEqual(['ann', 'bob'])
    expect(counters.read().get('effects.coalesced')).toBe(1)
    expect(entry.state).toBe('answered')
    await add(ann)
    expect(counters.read().get('effects.cached')).toBe(1)
    await clock.advance(8000)
    expect(served).toHaveLength(2)
    await clock.advance(2000)
    expect(served.map(([, writer]) => writer)).toEqual(['ann', 'bob', 'bob', 'ann'])
    expect(entry.state).toBe('answered')
  })

  it('is queued while no slot is free, tried again later above the limit, and dropped above that of those', async () => {
    const { served, add, counters, clock } = setup(10, false, { effectsAtOnce: 1, effectsWaiting: 1 })
    const first = add(ann, 'one')
    const second = add(ann, 'two')
    const third = add(ann, 'three')
    const fourth = add(ann, 'four')
    expect(served.map(([{ request, state }]) => [request.id, state])).toEqual([['one', 'running']])
    const count = (name: Counter): number => counters.read().get(name) ?? 0
    expect([count('effects.deferred'), count('effects.dropped')]).toEqual([1, 1])
    await Promise.all([first, second, third, fourth])
    await clock.advance(6000)
    expect(served.map(([{ request, state }]) => [request.id, state])).toEqual([
      ['one', 'answered'],
      ['two', 'answered'],
      ['three', 'answered'],
    ])
  })

  it('is dropped without a fact', async () => {
    const { served, add } = setup(0)
    await add(ann)
    expect(served[0]?.[0].state).toBe('dropped')
    await add(ann)
    expect(served[1]?.[0]).not.toBe(served[0]?.[0])
  })

  it('keeps its verdict while its fact is revoked, and is dropped when that ends and its statements are expired', async () => {
    const { queue, served, add, clock } = setup(600)
    await add(ann)
    const [entry] = served[0] as [QueueEntry, string]
    expect(queue.revoked('record', 'one', START)).toBe('ann')
    expect(queue.revoked('record', 'other', START)).toBeUndefined()
    expect(entry.state).toBe('revoked')
    await add(bob)
    expect(served[1]).toEqual([entry, 'bob'])
    expect(entry.state).toBe('answered')
    queue.revoked('record', 'one', START)
    await clock.advance(700_000)
    expect(served).toHaveLength(2)
    expect(entry.state).toBe('dropped')
  })

  it('that depends on the record is wanted without a fact, and queued again by a change', async () => {
    const { queue, served, add, clock } = setup(0, true)
    await add(ann)
    const [entry] = served[0] as [QueueEntry, string]
    expect(entry.state).toBe('wanted')
    queue.changed('other')
    await clock.advance(3000)
    expect(served).toHaveLength(1)
    queue.changed('record')
    await clock.advance(2000)
    expect(served).toHaveLength(2)
    expect(entry.state).toBe('wanted')
    await clock.advance(60_000)
    expect(entry.state).toBe('dropped')
  })

  it('is not served after the queue is closed, and no caller waits for it', async () => {
    const { queue, served, add } = setup(10, false, { effectsAtOnce: 1 })
    const all = [add(ann, 'one'), add(ann, 'two')]
    queue.close()
    await Promise.all(all)
    await add(bob, 'three')
    expect(served.map(([{ request }]) => request.id)).toEqual(['one'])
  })
})
