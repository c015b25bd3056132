import { describe, expect, it } from '@jest/globals'
import { from } from '@sr/xr'
import fc from 'fast-check'
import { systemClock } from '../src/time/clock.ts'
import { EffectRate } from '../src/effects/effect-rate.ts'
import { ExpiryQueue } from '../src/time/expiry-queue.ts'
import { KeyedLock } from '../src/records/keyed-lock.ts'
import { manualClock } from '../src/testing/manual-clock.ts'
import { memoryStore } from '../src/store/memory-store.ts'
import { plainUpdates } from '../src/testing/plain-updates.ts'
import { recordId } from '../src/records/record-id.ts'

describe('a record id', () => {
  // https://www.rfc-editor.org/rfc/rfc4648#section-10
  it.each([
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi'],
  ])('of %p is %p', (key, id) => {
    expect(recordId(new TextEncoder().encode(key))).toBe(id)
  })

  it('is different for different keys', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 12 }), (a, b) => {
        expect(recordId(a) === recordId(b)).toBe(a.join() === b.join())
      }),
    )
  })
})

describe('the expiry queue', () => {
  it('returns each id once, at the first full second not before its time', () => {
    const times = fc.array(fc.record({ id: fc.nat(9), ms: fc.nat(40_000) }), { maxLength: 40 })
    const looks = fc.array(
      fc.record({ step: fc.constantFrom(0, 400, 1000, 3000, 30_000), max: fc.integer({ min: 1, max: 12 }) }),
      { minLength: 1, maxLength: 12 },
    )
    fc.assert(
      fc.property(times, looks, fc.nat(3000), (asked, turns, start) => {
        const queue = new ExpiryQueue()
        queue.take(start, 1)
        const due = new Map<string, number>()
        for (const { id, ms } of asked) {
          queue.schedule(`${id}`, ms)
          due.set(
            `${id}`,
            Math.min(due.get(`${id}`) ?? Infinity, Math.max(Math.ceil(ms / 1000), Math.floor(start / 1000) + 1)),
          )
        }
        let now = start
        for (const { step, max } of turns) {
          now += step
          const ready = [...due].filter(([, second]) => second * 1000 <= now).map(([id]) => id)
          const taken = queue.take(now, max)
          expect(taken).toHaveLength(Math.min(max, ready.length))
          expect(ready).toEqual(expect.arrayContaining(taken))
          expect(new Set(taken).size).toBe(taken.length)
          taken.forEach((id) => due.delete(id))
          expect(queue.size).toBe(due.size)
        }
      }),
    )
  })

  it('takes an id scheduled again, and a jump over centuries costs nothing', () => {
    const queue = new ExpiryQueue()
    queue.schedule('a', 5000)
    expect(queue.take(1e15, 9)).toEqual(['a'])
    queue.schedule('a', 5000)
    expect(queue.take(1e15, 9)).toEqual([])
    expect(queue.take(1e15 + 1000, 9)).toEqual(['a'])
  })
})

describe('the keyed lock', () => {
  it('runs work one at a time per key, in order; an error releases it', async () => {
    const lock = new KeyedLock()
    const told: string[] = []
    const gate = Promise.withResolvers<void>()
    const work = (key: string, name: string, wait?: Promise<void>, fail = false) =>
      lock.run(key, async () => {
        told.push(`${name} in`)
        await wait
        told.push(`${name} out`)
        if (fail) {
          throw new Error(name)
        }
      })
    const all = [work('a', 'one', gate.promise, true), work('a', 'two'), work('b', 'other')]
    await all[2]
    expect(told).toEqual(['one in', 'other in', 'other out'])
    gate.resolve()
    const idle = lock.idle()
    await expect(all[0]).rejects.toThrow('one')
    await idle
    expect(told.slice(3)).toEqual(['one out', 'two in', 'two out'])
    await lock.run('a', async () => {})
  })
})

describe('the effect rate', () => {
  it('refills evenly, and limits one writer before all', () => {
    const rate = new EffectRate(6, 2, 0)
    const take = (writer: string, now: number, times: number): number =>
      Array.from({ length: times }, () => rate.take(writer, now)).filter(Boolean).length
    expect(take('ann', 0, 5)).toBe(2)
    expect(take('bob', 0, 1)).toBe(1)
    expect(take('ann', 29_999, 1)).toBe(0)
    expect(take('ann', 30_000, 1)).toBe(1)
    expect(take('cid', 30_000, 2)).toBe(2)
    expect(take('dan', 30_000, 2)).toBe(2)
    expect(take('eve', 30_000, 2)).toBe(1)
  })

  it('never starts more in a minute than two full buckets', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ writer: fc.nat(3), wait: fc.nat(9000) }), { maxLength: 200 }), (asks) => {
        const rate = new EffectRate(10, 4, 0)
        const begun: Array<{ writer: number; at: number }> = []
        let now = 0
        for (const { writer, wait } of asks) {
          now += wait
          if (rate.take(`${writer}`, now)) {
            begun.push({ writer, at: now })
          }
          const recent = begun.filter(({ at }) => now - at < 60_000)
          expect(recent.length).toBeLessThanOrEqual(20)
          expect(recent.filter((other) => other.writer === writer).length).toBeLessThanOrEqual(8)
        }
      }),
    )
  })
})

describe('the clocks', () => {
  it('of the system run work once, and cancel it', async () => {
    const clock = systemClock()
    const before = Date.now()
    const now = clock.now()
    expect([before <= now, now <= Date.now(), clock.monotonic() <= clock.monotonic()]).toEqual([true, true, true])
    let ran = 0
    clock.after(1, () => {
      ran += 100
    })()
    await new Promise<void>((resolve) => {
      clock.after(5, () => {
        ran++
        resolve()
      })
    })
    expect(ran).toBe(1)
  })

  it('moved by hand run timers in the order of their time, new ones too', async () => {
    const clock = manualClock(0)
    const told: string[] = []
    clock.after(20, () => told.push(`b ${clock.now()}`))
    clock.after(10, () => {
      told.push(`a ${clock.now()}`)
      clock.after(5, () => told.push(`c ${clock.now()}`))
    })
    clock.after(15, () => told.push('never'))()
    clock.set(1000)
    await clock.advance(100)
    expect(told).toEqual(['a 1010', 'c 1015', 'b 1020'])
    expect([clock.now(), clock.monotonic()]).toEqual([1100, 100])
  })
})

describe('the memory store', () => {
  it('commits a batch, copies bytes, and lists by retain', async () => {
    const store = memoryStore()
    const entry = (hash: string, retain: number) => ({
      record: 'aa',
      hash,
      retain,
      writer: 'ann',
      chargedTo: 'ann',
      cost: 1,
      resumed: false,
      signed: true,
      local: false,
      bytes: Uint8Array.of(1, 2),
    })
    const first = entry('1', 30)
    await store.commit({ put: [first, entry('2', 10), entry('2', 10)], drop: [], usage: [] })
    first.bytes[0] = 9
    await store.commit({ put: [entry('3', 20)], drop: [entry('2', 10), entry('9', 1)], usage: [] })
    expect((await store.read('aa')).entries.map(({ hash, bytes }) => `${hash} ${bytes.join()}`)).toEqual([
      '1 1,2',
      '3 1,2',
    ])
    const listed = (await store.index({ limit: 9 })).map(({ hash }) => hash)
    expect(listed).toEqual(['3', '1'])
    expect([store.size, store.bytes, (await store.read('bb')).entries.length]).toEqual([2, 4, 0])
  })
})

describe('plain updates', () => {
  const fields = { key: Uint8Array.of(1), writer: 'ann', seq: 2 ** 53 - 1, expires: 5, retain: 6, body: from({ a: 1 }) }

  it('decode to what was encoded', async () => {
    const updates = plainUpdates('me')
    for (const encoded of [await updates.encode(fields), await updates.sign(fields)]) {
      const { update, bytes } = await updates.decode(encoded.bytes)
      expect(update).toEqual(encoded.update)
      expect(bytes).toEqual(encoded.bytes)
    }
    expect((await updates.encode(fields)).update).toMatchObject({
      writer: 'ann',
      signed: false,
      content: { body: fields.body },
    })
    expect((await updates.sign(fields)).update).toMatchObject({ writer: 'me', signed: true })
    expect((await updates.decode(await updates.signAs(fields))).update).toMatchObject({ writer: 'ann', signed: true })
  })

  it('have different hashes for different contents', async () => {
    const updates = plainUpdates('me')
    const hashes = await Promise.all(
      Array.from({ length: 2000 }, async (_, seq) => (await updates.encode({ ...fields, seq })).update.hash),
    )
    expect(new Set(hashes.map((hash) => hash.slice(0, 8))).size).toBeGreaterThan(1990)
  })
})
