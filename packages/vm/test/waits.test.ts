import { describe, expect, it } from '@jest/globals'
import { from } from '@sr/xr'
import { memoryStore, type MemoryStore } from '../src/store/memory-store.ts'
import type { Store } from '../src/store/store.ts'
import { manualClock } from '../src/testing/manual-clock.ts'
import { codeOf, KEY, START, startMachine } from './setup.ts'

type Call = 'open' | 'loadTime' | 'totals' | 'commit' | 'read' | 'saveTime' | 'close'

/** A store whose calls of one kind wait until they are released. */
function hanging(): { store: MemoryStore; hang: Set<Call>; release: () => void; calls: () => number } {
  const inner = memoryStore()
  const hang = new Set<Call>()
  let gate = Promise.withResolvers<void>()
  let calls = 0
  const wait = async (call: Call): Promise<void> => {
    if (hang.has(call)) {
      calls++
      await gate.promise
    }
  }
  const store = {
    ...inner,
    get size() {
      return inner.size
    },
    get bytes() {
      return inner.bytes
    },
  }
  for (const call of ['open', 'loadTime', 'commit', 'read', 'saveTime', 'close', 'totals'] as const) {
    const work = inner[call] as (argument?: unknown) => never
    store[call] = async (argument?: unknown) => {
      await wait(call)
      return work(argument)
    }
  }
  const release = (): void => {
    hang.clear()
    gate.resolve()
    gate = Promise.withResolvers<void>()
  }
  return { store, hang, release, calls: () => calls }
}

const settled = async (call: Promise<unknown>): Promise<unknown> =>
  await Promise.race([call.then(() => 'fulfilled').catch((err: unknown) => err), Promise.resolve('pending')])

describe('behind a commit that hangs', () => {
  async function stuck(init: Parameters<typeof startMachine>[0] = {}) {
    const hung = hanging()
    const at = await startMachine({ ...init, store: hung.store })
    hung.hang.add('commit')
    const first = at.say('ann', { a: 1 })
    first.catch(() => {})
    await at.clock.advance(0)
    return { at, first, ...hung }
  }
  const abortable = () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    return { reason, signal: controller.signal, abort: () => controller.abort(reason) }
  }

  const calls: Array<
    [string, (at: Awaited<ReturnType<typeof startMachine>>, signal: AbortSignal) => Promise<unknown>]
  > = [
    ['get', async (at, signal) => (await at.machine.get(KEY, { signal })).documents],
    [
      'updateUnsigned',
      async (at, signal) =>
        await at.machine.updateUnsigned({ key: KEY, writer: 'bob', body: from({ b: 1 }), ttl: 60 }, { signal }),
    ],
    [
      'update',
      async (at, signal) => {
        const times = { seq: START * 1000, expires: START + 60_000, retain: START + 60_000 }
        const bytes = await at.updates.signAs({ key: KEY, writer: 'bob', ...times, body: from({ b: 1 }) })
        return await at.machine.update(bytes, { signal })
      },
    ],
  ]
  it.each(calls)('%s rejects as soon as its signal aborts, and does nothing later', async (_, call) => {
    const { at, first, release } = await stuck()
    const { reason, signal, abort } = abortable()
    const waiting = call(at, signal)
    waiting.catch(() => {})
    await at.clock.advance(300)
    expect(await settled(waiting)).toBe('pending')
    abort()
    await expect(waiting).rejects.toBe(reason)
    release()
    await first
    expect(await at.show()).toEqual({ ann: '{a=1}' })
    expect(at.store.size).toBe(1)
  })

  it('the update itself rejects when its signal aborts, and is stored all the same', async () => {
    const { at, release, hang } = await stuck()
    release()
    hang.add('commit')
    const { reason, signal, abort } = abortable()
    const update = at.machine.updateUnsigned({ key: KEY, writer: 'bob', body: from({ b: 1 }), ttl: 60 }, { signal })
    update.catch(() => {})
    await at.clock.advance(1)
    abort()
    await expect(update).rejects.toBe(reason)
    release()
    await at.clock.advance(1)
    expect(await at.show()).toEqual({ ann: '{a=1}', bob: '{b=1}' })
    expect(at.machine.counters().get('updates.stored')).toBe(2)
  })

  it('waiting calls are bounded, and one that gives up makes room', async () => {
    const { at, first, release } = await stuck({ limits: { waitersPerRecord: 2 } })
    const { signal, abort } = abortable()
    const waiting = [at.machine.get(KEY, { signal }), at.say('bob', { b: 1 })]
    waiting.forEach((call) => {
      call.catch(() => {})
    })
    await at.clock.advance(0)
    await expect(at.machine.get(KEY)).rejects.toMatchObject({
      code: 'VM_BUSY',
      limit: 'waitersPerRecord',
      max: 2,
      got: 3,
      retryable: true,
      applied: 'no',
    })
    abort()
    const next = at.machine.get(KEY)
    release()
    await first
    expect([...(await next).documents.keys()]).toEqual(['ann', 'bob'])
  })

  it('calls end with VM_STORAGE at the deadline of the store, and the record is refused until the call has settled', async () => {
    const { at, first, release } = await stuck({ limits: { storeTimeoutMs: 2000 } })
    const feed = at.machine.feed()
    const waiting = at.machine.get(KEY)
    await at.clock.advance(1999)
    expect(await settled(first)).toBe('pending')
    waiting.catch(() => {})
    await at.clock.advance(1)
    await expect(first).rejects.toMatchObject({
      code: 'VM_STORAGE',
      limit: 'storeTimeoutMs',
      max: 2000,
      retryable: true,
      applied: 'unknown',
    })
    await expect(waiting).rejects.toMatchObject({ code: 'VM_STORAGE', retryable: true, applied: 'no' })
    expect(await codeOf(at.machine.get(KEY))).toBe('VM_STORAGE')
    // a reader of the feed catches up at each gap: at the first one the index does not have the update yet
    expect((await feed.next()).value).toMatchObject({ kind: 'gap' })
    expect(await at.machine.indexPage({ limit: 10 })).toEqual([])
    const next = feed.next()
    release()
    await at.clock.advance(0)
    expect((await next).value).toMatchObject({ kind: 'gap' })
    expect(await at.machine.indexPage({ limit: 10 })).toHaveLength(1)
    // the late commit had its effect: the record is read again from the store
    expect(await at.show()).toEqual({ ann: '{a=1}' })
    const twin = await startMachine()
    await twin.say('ann', { a: 1 })
    expect(await at.machine.usage('ann')).toEqual(await twin.machine.usage('ann'))
  })
})

describe('a machine that closes', () => {
  const hangs: Array<[Call, number, string]> = [
    ['commit', 5000, 'accepted'],
    ['read', 5000, 'accepted'],
    ['saveTime', 5000, 'accepted'],
    ['close', 5000, 'VM_STORAGE'],
  ]
  it.each(hangs)('while %s hangs ends within twice %d ms and no call stays pending', async (call, ms, expected) => {
    const { store, hang } = hanging()
    const at = await startMachine({ store })
    await at.say('ann', { a: 1 }, 7200)
    await at.clock.advance(3_600_000 + 1)
    hang.add(call)
    const pending = [
      call === 'read' ? at.machine.get(Uint8Array.of(9)) : at.say('bob', { b: 1 }),
      at.say('cid', { b: 1 }),
      at.machine.get(KEY),
    ].map(async (one) => await codeOf(one))
    await at.clock.advance(0)
    const closing = codeOf(at.machine.close())
    await at.clock.advance(ms)
    await at.clock.advance(ms)
    expect(await closing).toBe(expected)
    await at.clock.advance(10_000)
    for (const code of await Promise.all(pending)) {
      expect(code).toMatch(/accepted|VM_SHUTDOWN|VM_STORAGE/)
    }
    expect(await codeOf(at.say('ann', { a: 2 }))).toBe('VM_SHUTDOWN')
  })

  it('writes nothing to the store after it has closed it', async () => {
    const told: string[] = []
    const inner = memoryStore()
    const gate = Promise.withResolvers<void>()
    const store: Store = {
      ...inner,
      commit: async (batch) => {
        told.push('commit')
        await inner.commit(batch)
      },
      close: async () => {
        told.push('close')
      },
    }
    const at = await startMachine({ store: store as MemoryStore })
    const parse = at.updates.parse.bind(at.updates)
    at.updates.parse = async (bytes) => {
      await gate.promise
      return await parse(bytes)
    }
    const late = at.sign('ann', { a: 1 }, { seq: START * 1000, expires: START + 60_000 })
    late.catch(() => {})
    await at.clock.advance(0)
    const closing = at.machine.close()
    await at.clock.advance(5000)
    await closing
    gate.resolve()
    expect(await codeOf(late)).toBe('VM_SHUTDOWN')
    expect(told).toEqual(['close'])
  })
})

describe('a machine that starts', () => {
  it.each(['open', 'loadTime', 'totals'] as const)('while %s hangs rejects at the deadline, and ends', async (call) => {
    const { store, hang } = hanging()
    hang.add(call)
    const clock = manualClock(START)
    const starting = codeOf(startMachine({ store, clock, limits: { storeTimeoutMs: 2000 } }))
    await clock.advance(1999)
    expect(await settled(starting)).toBe('pending')
    await clock.advance(1)
    expect(await starting).toBe('VM_STORAGE')
  })
})
