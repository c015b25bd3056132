import { describe, expect, it } from '@jest/globals'
import { Dict } from '@sr/xr'
import type { MachineEvent } from '../src/observe.ts'
import { memoryStore, type MemoryStore } from '../src/store/memory-store.ts'
import type { StoreBatch, StoreEntry } from '../src/store/store.ts'
import { plainUpdates } from '../src/testing/plain-updates.ts'
import type { VmError } from '../src/errors.ts'
import { startMachine, codeOf, KEY, SELF, START, stateOf } from './setup.ts'

/** A store that fails on demand: before it did its work, or after. */
function failing(): MemoryStore & { fail: 'no' | 'before' | 'after' | 'read' | 'drop' } {
  const store = memoryStore()
  const faulty = {
    ...store,
    fail: 'no' as 'no' | 'before' | 'after' | 'read' | 'drop',
    get size() {
      return store.size
    },
    get bytes() {
      return store.bytes
    },
    async commit(batch: Parameters<MemoryStore['commit']>[0]) {
      if (faulty.fail === 'before' || (faulty.fail === 'drop' && batch.put.length === 0)) {
        throw new Error('disk full')
      }
      await store.commit(batch)
      if (faulty.fail === 'after') {
        throw new Error('no answer')
      }
    },
    async read(record: string) {
      if (faulty.fail === 'read') {
        throw new Error('bad sector')
      }
      return await store.read(record)
    },
  }
  return faulty
}

describe('a store that fails', () => {
  it('to commit: the update is refused, and nothing changed', async () => {
    const store = failing()
    const at = await startMachine({ store })
    await at.say('ann', { a: 1 })
    const before = await stateOf(at, ['ann', 'bob'])
    store.fail = 'before'
    for (const writer of ['ann', 'bob']) {
      const err = await at.say(writer, { a: 2 }).then(
        () => undefined,
        (reason: VmError) => reason,
      )
      expect(err).toMatchObject({ code: 'VM_STORAGE', retryable: true, applied: 'unknown' })
      expect(err?.cause).toMatchObject({ message: 'disk full' })
    }
    store.fail = 'no'
    expect(await stateOf(at, ['ann', 'bob'])).toBe(before)
    expect(at.machine.counters().get('updates.failed')).toBe(2)
    await at.say('ann', { a: 3 })
    expect(await at.show()).toEqual({ ann: '{a=3}' })
  })

  it('to commit to an empty record: it stays empty', async () => {
    const store = failing()
    const at = await startMachine({ store })
    store.fail = 'before'
    expect(await codeOf(at.say('ann', { a: 1 }))).toBe('VM_STORAGE')
    store.fail = 'no'
    expect(await at.show()).toEqual({})
    expect(await at.machine.usage('ann')).toEqual({ bytes: 0, records: 0 })
  })

  it('after it committed: the record is read from the store again, and usage is correct', async () => {
    const store = failing()
    const at = await startMachine({ store })
    await at.say('ann', { a: 1 })
    store.fail = 'after'
    expect(await codeOf(at.say('ann', { a: 2 }))).toBe('VM_STORAGE')
    expect(await codeOf(at.say('bob', { b: 2 }))).toBe('VM_STORAGE')
    store.fail = 'no'
    expect(await at.show()).toEqual({ ann: '{a=2}', bob: '{b=2}' })
    const twin = await startMachine()
    await twin.say('ann', { a: 2 })
    expect(await at.machine.usage('ann')).toEqual(await twin.machine.usage('ann'))
    await at.clock.advance(61_000)
    expect(await at.machine.usage('ann')).toEqual({ bytes: 0, records: 0 })
    expect(await at.machine.usage('bob')).toEqual({ bytes: 0, records: 0 })
    expect(store.size).toBe(0)
  })

  it('to read: that record is refused, the others are served', async () => {
    const store = failing()
    const first = await startMachine({ store })
    await first.say('ann', { a: 1 })
    await first.machine.close()
    const at = await startMachine({ store, clock: first.clock })
    await at.say('bob', { b: 1 }, 60, Uint8Array.of(9))
    store.fail = 'read'
    expect(await codeOf(at.machine.get(KEY))).toBe('VM_STORAGE')
    expect(await at.show(Uint8Array.of(9))).toEqual({ bob: '{b=1}' })
    store.fail = 'no'
    expect(await at.show()).toEqual({ ann: '{a=1}' })
  })

  it('to delete: nothing expired shows, and the delete is tried again', async () => {
    const store = failing()
    const at = await startMachine({ store })
    await at.say('ann', { a: 1 }, 5)
    store.fail = 'drop'
    await at.clock.advance(10_000)
    expect(await at.show()).toEqual({})
    expect(store.size).toBe(1)
    expect(at.machine.counters().get('gc.failed')).toBe(1)
    store.fail = 'no'
    await at.clock.advance(61_000)
    expect(store.size).toBe(0)
    expect(await at.machine.usage('ann')).toEqual({ bytes: 0, records: 0 })
  })

  it('to open: the machine does not start', async () => {
    const store = {
      ...memoryStore(),
      open: async () => {
        throw new Error('locked')
      },
    }
    expect(await codeOf(startMachine({ store }))).toBe('VM_STORAGE')
  })
})

describe('a store that is slow', () => {
  it('is closed after the updates under way are stored', async () => {
    const told: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const inner = memoryStore()
    const store = {
      ...inner,
      commit: async (batch: Parameters<MemoryStore['commit']>[0]) => {
        await promise
        await inner.commit(batch)
        told.push('kept')
      },
      close: async () => {
        told.push('closed')
      },
    }
    const at = await startMachine({ store })
    const receipt = at.say('ann', { a: 1 })
    await at.clock.advance(0)
    const closed = at.machine.close()
    await at.clock.advance(4000)
    expect(told).toEqual([])
    resolve()
    await closed
    expect(told).toEqual(['kept', 'closed'])
    expect((await receipt).status).toBe('stored')
  })

  it('and never answers does not keep the machine from closing after five seconds', async () => {
    const at = await startMachine({ store: { ...memoryStore(), commit: async () => await new Promise(() => {}) } })
    void at.say('ann', { a: 1 })
    await at.clock.advance(0)
    let closed = false
    const closing = at.machine.close().then(() => {
      closed = true
    })
    await at.clock.advance(4999)
    expect(closed).toBe(false)
    await at.clock.advance(1)
    await closing
    expect(closed).toBe(true)
  })
})

describe('a commit that had its effect and failed all the same', () => {
  it('is a gap of the feed, and counts for all that is stored', async () => {
    const inner = memoryStore()
    let failing = true
    const store = {
      ...inner,
      commit: async (batch: StoreBatch) => {
        inner.commit(batch)
        if (failing) throw new Error('late')
      },
    }
    const at = await startMachine({ store: store as never })
    const feed = at.machine.feed()
    for (let n = 0; n < 9; n++) await codeOf(at.say('ann', { n }, 60, Uint8Array.of(7, n)))
    failing = false
    await at.say('ann', { n: 9 }, 60, Uint8Array.of(7, 9))
    expect((await feed.next()).value).toMatchObject({ kind: 'gap' })
    const { bytes } = await at.machine.usage('ann')
    const limits = { bytes: bytes + 1000 }
    const again = await startMachine({ store: store as never, limits, clock: at.clock })
    expect(await codeOf(again.say('bob', { b: 1 }))).toBe('VM_QUOTA_GLOBAL')
    expect((await at.machine.info()).totals.entries).toBe(10)
  })
})

describe('usage that a failing store is asked for', () => {
  it('is read once for an update, so that no call fails without a caller', async () => {
    const inner = memoryStore()
    const [failed, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let commits = 0
    let reads = 0
    const store = {
      ...inner,
      commit: async (batch: StoreBatch) => {
        await [failed, second][commits++]?.promise
        inner.commit(batch)
      },
      usage: async (writer: string) => {
        reads++
        return await inner.usage(writer)
      },
    }
    const at = await startMachine({ store: store as never })
    const [one, two] = [1, 2].map(async (n) => await codeOf(at.say('ann', { n }, 60, Uint8Array.of(n))))
    while (commits < 2) await new Promise(setImmediate)
    failed.reject(new Error('no answer'))
    expect(await one).toBe('VM_STORAGE')
    // the account of the writer is unknown, and stays so while another commit is under way
    reads = 0
    await at.say('ann', { n: 3 }, 60, Uint8Array.of(3))
    expect(reads).toBe(1)
    second.resolve()
    expect(await two).toBe('accepted')
  })
})

describe('a stored update', () => {
  it('that cannot be decoded is set aside and reported, and the rest of its record is served', async () => {
    const store = memoryStore()
    await store.commit({
      put: [
        {
          record: 'aebag',
          hash: '00',
          retain: START + 5000,
          writer: 'ann',
          chargedTo: 'ann',
          cost: 5,
          resumed: false,
          signed: true,
          local: false,
          bytes: Uint8Array.of(0xff),
        },
      ],
      drop: [],
      usage: [],
    })
    const events: MachineEvent[] = []
    const at = await startMachine({ store, observe: (event) => events.push(event) })
    await at.say('bob', { b: 1 })
    expect(await at.show()).toEqual({ bob: '{b=1}' })
    expect(events).toMatchObject([{ type: 'damaged', record: 'aebag', hash: '00' }])
    expect(at.machine.counters().get('store.damaged')).toBe(1)
    expect(store.size).toBe(1)
  })

  it('that nothing needs is deleted', async () => {
    const first = await startMachine()
    const before = await first.sign('ann', { a: 1 }, { seq: START * 1000, expires: START + 7_200_000 })
    const {
      entries: [old],
    } = await first.store.read('aebag')
    await first.sign('ann', { a: 2 }, { seq: START * 1000 + 1, expires: START + 7_200_000 })
    expect((await first.store.read('aebag')).entries.map(({ hash }) => hash)).not.toContain(before.hash)
    await first.machine.close()
    await first.store.commit({
      put: [old as never],
      drop: [],
      usage: [{ writer: 'ann', bytes: (old as StoreEntry).cost, records: 0 }],
    })
    const at = await startMachine({ store: first.store, clock: first.clock })
    expect(await at.show()).toEqual({ ann: '{a=2}' })
    await at.clock.advance(7_300_000)
    expect(at.store.size).toBe(0)
    expect(await at.machine.usage('ann')).toEqual({ bytes: 0, records: 0 })
  })
})

describe('a codec with a fault', () => {
  it('that encodes another writer is reported', async () => {
    const updates = {
      ...plainUpdates(SELF),
      encode: async () =>
        await plainUpdates('eve').sign({
          key: KEY,
          seq: START * 1000,
          expires: START + 5000,
          retain: START + 5000,
          body: Dict.empty,
        }),
    }
    const at = await startMachine({ updates })
    expect(await codeOf(at.say('ann', { a: 1 }))).toBe('VM_INTERNAL')
    expect(await at.show()).toEqual({})
  })
})
