import { describe, expect, it } from '@jest/globals'
import { remove, set, ttl } from '@sr/ir'
import { Dict, from, Predicate } from '@sr/xr'
import type { UpdateCodec } from '../src/admission/codec-port.ts'
import { createMachine } from '../src/create-machine.ts'
import type { MachineInit } from '../src/machine.ts'
import { memoryStore, type MemoryStore } from '../src/store/memory-store.ts'
import type { ManualClock } from '../src/testing/manual-clock.ts'
import { plainUpdates } from '../src/testing/plain-updates.ts'
import { ask, asking, count, yes } from './effect-setup.ts'
import { startMachine, codeOf, KEY, SELF, START } from './setup.ts'

describe('a record', () => {
  it('has a document per writer, and none for a writer without updates', async () => {
    const { say, show } = await startMachine()
    expect(await show()).toEqual({})
    await say('ann', { nick: 'Ann' })
    await say('bob', { nick: 'Bob' })
    await say('ann', { age: 42 })
    expect(await show()).toEqual({ ann: '{nick="Ann" age=42}', bob: '{nick="Bob"}' })
    expect(await show(Uint8Array.of(9))).toEqual({})
  })

  it('is distinct from records whose keys differ in one byte', async () => {
    const { say, show } = await startMachine()
    const keys = [
      Uint8Array.of(0),
      Uint8Array.of(0, 0),
      Uint8Array.of(1),
      Uint8Array.of(255),
      Uint8Array.of(0xc3, 0x28),
      Uint8Array.of(0xc3, 0x29),
    ]
    for (const [i, key] of keys.entries()) {
      await say('ann', { i }, 60, key)
    }
    for (const [i, key] of keys.entries()) {
      expect(await show(key)).toEqual({ ann: `{i=${i}}` })
    }
  })

  it('merges in the order of stamps, not of arrival', async () => {
    const { sign, show } = await startMachine()
    const seq = START * 1000
    const expires = START + 60_000
    await sign('ann', { a: 2, b: 2 }, { seq: seq + 2, expires })
    const receipt = await sign('ann', { a: 1, c: 1 }, { seq: seq + 1, expires })
    expect(receipt).toMatchObject({ status: 'stored', changed: true, seq: seq + 2 })
    expect(await show()).toEqual({ ann: '{a=2 b=2 c=1}' })
  })
})

describe('a receipt', () => {
  it('tells the result of the update', async () => {
    const { say, sign } = await startMachine()
    const seq = START * 1000 + 5
    const expires = START + 60_000
    const first = await sign('ann', { a: 1 }, { seq, expires })
    expect(first).toMatchObject({
      status: 'stored',
      changed: true,
      seq,
      expires,
      retain: expires,
      forked: false,
      problems: [],
    })
    expect(first.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(await sign('ann', { a: 1 }, { seq, expires })).toMatchObject({
      status: 'duplicate',
      changed: false,
      hash: first.hash,
    })
    expect(await sign('ann', { z: 2 }, { seq, expires })).toMatchObject({ status: 'stored', forked: true, seq })
    const unsigned = await say('ann', { b: 1 })
    expect(unsigned).toMatchObject({ status: 'stored', seq: seq + 1 })
    await first.effects
  })

  it('is a duplicate when everything in the update is overwritten', async () => {
    const { sign, store } = await startMachine()
    const seq = START * 1000
    const expires = START + 60_000
    await sign('ann', { a: 2 }, { seq: seq + 2, expires })
    const size = store.size
    expect(await sign('ann', { a: 1 }, { seq: seq + 1, expires })).toMatchObject({
      status: 'duplicate',
      changed: false,
      seq: seq + 2,
    })
    expect(store.size).toBe(size)
  })
})

describe('a duplicate', () => {
  async function counted(init: Partial<MachineInit> & { store?: MemoryStore; clock?: ManualClock } = {}) {
    const calls = { parse: 0, verify: 0, encode: 0, decode: 0 }
    const plain = plainUpdates(SELF)
    const updates: UpdateCodec = { ...plain }
    for (const name of Object.keys(calls) as Array<keyof typeof calls>) {
      const call = plain[name].bind(plain) as (...args: unknown[]) => Promise<never>
      updates[name] = async (...args: unknown[]) => {
        calls[name]++
        return await call(...args)
      }
    }
    return { at: await startMachine({ ...init, updates }), calls }
  }
  const times = { seq: START * 1000, expires: START + 60_000 }

  it('is recognised before its signature is verified', async () => {
    const { at, calls } = await counted()
    const first = await at.sign('ann', { a: 1 }, times)
    const late = await at.sign('ann', { b: 1 }, { ...times, seq: times.seq + 1 })
    expect(calls).toEqual({ parse: 2, verify: 2, encode: 0, decode: 0 })
    const { effects: _, ...same } = first
    expect(await at.sign('ann', { a: 1 }, times)).toMatchObject({
      ...same,
      status: 'duplicate',
      changed: false,
      seq: late.seq,
      counter: late.counter,
      cost: 0,
    })
    expect(calls).toEqual({ parse: 3, verify: 2, encode: 0, decode: 0 })
    expect(at.machine.counters().get('updates.duplicate')).toBe(1)
  })

  it('of a writer who contradicted itself is verified, and its receipt says so', async () => {
    const { at, calls } = await counted()
    const bodies = [{ a: 1 }, { z: 1 }, { a: 1 }]
    const receipts = []
    for (const body of bodies) {
      receipts.push(await at.sign('ann', body, times))
    }
    expect(receipts.map(({ status, forked }) => [status, forked])).toEqual([
      ['stored', false],
      ['stored', true],
      ['duplicate', true],
    ])
    expect(calls.verify).toBe(3)
  })

  it('still requests what it requested, and reports what cannot be read', async () => {
    const grammar = asking(async () => yes())
    const { at, calls } = await counted({ grammar })
    const fields = { key: KEY, writer: 'ann', ...times, retain: times.expires }
    const body = Dict.from([
      ['a', ask(1)],
      ['b', new Predicate('ask', ['?'])],
    ])
    const bytes = await at.updates.signAs({ ...fields, body })
    const { problems } = await at.machine.update(bytes)
    expect(count(at, 'effects.run')).toBe(0)
    const again = await at.machine.update(bytes, { via: 'author' })
    await again.effects
    expect(again).toMatchObject({ status: 'duplicate', problems })
    expect(problems).toHaveLength(1)
    expect(count(at, 'effects.run')).toBe(1)
    expect(calls.verify).toBe(1)
    await at.machine.close()
    // a restart forgets what updates requested
    const second = await counted({ grammar, store: at.store, clock: at.clock })
    await second.at.show()
    const restarted = await second.at.machine.update(bytes, { via: 'author' })
    await restarted.effects
    expect(restarted).toMatchObject({ status: 'duplicate', problems })
    expect(count(second.at, 'effects.run')).toBe(1)
  })

  it('of an update that is stored without a signature is verified', async () => {
    const plain = plainUpdates(SELF)
    const fields = { key: KEY, writer: 'ann', ...times, retain: times.expires, body: from({ a: 1 }) }
    const { update, bytes } = await plain.encode(fields)
    let verified = 0
    // a codec whose hash does not depend on the signature, as that of signed envelopes
    const updates: UpdateCodec = {
      ...plain,
      parse: async () => ({ ...update, bytes, signed: true }),
      verify: async () => {
        verified++
        return { update: { ...update, signed: true }, bytes }
      },
    }
    const store = memoryStore()
    const { hash, retain } = update
    const flags = { resumed: false, signed: false, local: true }
    const entry = { record: 'aebag', hash, retain, writer: 'ann', chargedTo: 'ann', cost: 1, ...flags, bytes }
    await store.commit({ put: [entry], drop: [], usage: [] })
    const at = await startMachine({ store, updates })
    expect(await at.show()).toEqual({ ann: '{a=1}' })
    expect(await at.machine.update(bytes)).toMatchObject({ status: 'duplicate' })
    expect(verified).toBe(1)
  })
})

describe('an unsigned update', () => {
  it('is encoded once, and never decoded', async () => {
    const calls: string[] = []
    const plain = plainUpdates(SELF)
    const updates: UpdateCodec = {
      ...plain,
      encode: async (fields) => {
        calls.push('encode')
        return await plain.encode(fields)
      },
      parse: async (bytes) => {
        calls.push('parse')
        return await plain.parse(bytes)
      },
      decode: async (bytes) => {
        calls.push('decode')
        return await plain.decode(bytes)
      },
    }
    const at = await startMachine({ updates })
    await at.say('ann', { a: 1 })
    await at.say('ann', { b: ttl(1n, 200) }, 100)
    // the second has a `$ttl` that outlives it: only that takes a second attempt
    expect(calls).toEqual(['encode', 'encode', 'encode'])
  })

  it('gets as seq the clock, or one above the highest of its writer', async () => {
    const { say, sign, clock } = await startMachine()
    expect((await say('ann', { a: 1 })).seq).toBe(START * 1000)
    expect((await say('ann', { a: 2 })).seq).toBe(START * 1000 + 1)
    expect((await say('bob', { a: 2 })).seq).toBe(START * 1000)
    await sign('ann', { b: 1 }, { seq: START * 1000 + 250_000_000, expires: START + 400_000 })
    await clock.advance(1)
    expect(await say('ann', { b: 2 })).toMatchObject({ seq: START * 1000 + 250_000_001, changed: true })
  })

  it('expires a whole number of seconds after its seq time, and 0 counts as 1', async () => {
    const { say } = await startMachine()
    expect(await say('ann', { a: 1 }, 60)).toMatchObject({ expires: START + 60_000, retain: START + 60_000 })
    expect(await say('bob', { a: 1 }, 0)).toMatchObject({ expires: START + 1000 })
  })

  it('is retained as long as anything of its writer in that record', async () => {
    const { say, clock, show } = await startMachine()
    await say('ann', { a: 1 }, 100)
    expect(await say('ann', { a: remove() }, 1)).toMatchObject({ expires: START + 1000, retain: START + 100_000 })
    expect(await say('ann', { b: ttl(1n, 200) }, 1)).toMatchObject({ retain: START + 200_000 })
    expect(await say('ann', { c: 1 }, 1)).toMatchObject({ retain: START + 200_000 })
    await clock.advance(5000)
    expect(await show()).toEqual({ ann: '{b=1}' })
  })

  it('makes its document unsigned while it is live', async () => {
    const { machine, say, sign, clock } = await startMachine()
    const signed = async (): Promise<unknown> => (await machine.get(KEY)).documents.get('ann')?.signed
    await sign('ann', { a: 1 }, { seq: START * 1000, expires: START + 60_000 })
    expect(await signed()).toBe(true)
    await say('ann', { b: 1 }, 5)
    expect(await signed()).toBe(false)
    await clock.advance(1)
    await sign('ann', { b: 2 }, { seq: START * 1000 + 900, expires: START + 60_000 })
    expect(await signed()).toBe(true)
  })
})

describe('the store', () => {
  it('has the verbatim bytes of live updates only', async () => {
    const { say, sign, store, updates, clock } = await startMachine()
    const payload = {
      key: KEY,
      writer: 'ann',
      seq: START * 1000,
      expires: START + 9000,
      retain: START + 9000,
      body: from({ a: 1 }),
    }
    const bytes = await updates.signAs(payload)
    await sign('ann', { a: 1 }, payload)
    const entries = async (): Promise<Uint8Array[]> => (await store.read('aebag')).entries.map((entry) => entry.bytes)
    expect(await entries()).toEqual([bytes])
    await clock.advance(1)
    await say('ann', set(from({ b: 1 })), 20)
    expect(await entries()).toHaveLength(1)
    expect(await entries()).not.toContainEqual(bytes)
    await clock.advance(25_000)
    expect(store.size).toBe(0)
  })

  it('is enough to restart a machine', async () => {
    const first = await startMachine()
    await first.say('ann', { nick: 'Ann' }, 60)
    await first.say('ann', { age: 42, nick: 'Anna' }, 60)
    await first.say('bob', { nick: 'Bob' }, 7300)
    const usage = await first.machine.usage('ann')
    await first.machine.close()
    await first.clock.advance(10_000)
    const second = await startMachine({ store: first.store, clock: first.clock })
    expect(await second.machine.usage('ann')).toEqual(usage)
    expect(await second.show()).toEqual({ ann: '{age=42 nick="Anna"}', bob: '{nick="Bob"}' })
    await second.clock.advance(60_000)
    expect(await second.show()).toEqual({ bob: '{nick="Bob"}' })
    // nothing is deleted in the first hour after a start
    expect(second.store.size).toBeGreaterThan(1)
    await second.clock.advance(3_600_000)
    expect(second.store.size).toBe(1)
    expect(await second.machine.usage('ann')).toEqual({ bytes: 0, records: 0 })
  })
})

describe('the lifecycle of a machine', () => {
  it('serves between start and close only, and closes once', async () => {
    const { updates, machine, say, show, clock } = await startMachine()
    const fresh = createMachine({ self: SELF, updates, clock })
    expect(await codeOf(fresh.get(KEY))).toBe('VM_SHUTDOWN')
    expect([fresh.running, machine.running]).toEqual([false, true])
    await fresh.close()
    expect(await codeOf(fresh.start())).toBe('VM_SHUTDOWN')
    await say('ann', { a: 1 })
    expect(await codeOf(machine.start())).toBe('VM_SHUTDOWN')
    await Promise.all([machine.close(), machine.close()])
    expect(machine.running).toBe(false)
    expect(await codeOf(show())).toBe('VM_SHUTDOWN')
    expect(await codeOf(say('ann', { a: 2 }))).toBe('VM_SHUTDOWN')
  })

  it('completes updates under way when it closes', async () => {
    const { machine, say, store } = await startMachine()
    const receipts = Promise.all([say('ann', { a: 1 }), say('ann', { b: 1 }), say('bob', { a: 1 })])
    await machine.close()
    expect((await receipts).map(({ status }) => status)).toEqual(['stored', 'stored', 'stored'])
    expect(store.size).toBe(3)
  })

  it('rejects with the reason of a signal that aborts while a signature is verified', async () => {
    const plain = plainUpdates(SELF)
    const controller = new AbortController()
    const { signal } = controller
    const updates: UpdateCodec = {
      ...plain,
      verify: async (parsed, options) => {
        controller.abort(new Error('enough'))
        options?.signal?.throwIfAborted()
        return await plain.verify(parsed)
      },
    }
    const { machine, store } = await startMachine({ updates })
    const times = { seq: START * 1000, expires: START + 5000, retain: START + 5000 }
    const bytes = await plain.signAs({ key: KEY, writer: 'ann', ...times, body: from({}) })
    const reason: unknown = await machine.update(bytes, { signal }).catch((err: unknown) => err)
    expect(signal.aborted).toBe(true)
    expect(reason).toBe(signal.reason)
    expect(store.size).toBe(0)
  })

  it('rejects with the reason of an aborted signal, and does nothing', async () => {
    const { machine, store } = await startMachine()
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(machine.get(KEY, { signal })).rejects.toBe(reason)
    await expect(machine.updateUnsigned({ key: KEY, writer: 'ann', body: from({}), ttl: 1 }, { signal })).rejects.toBe(
      reason,
    )
    expect(store.size).toBe(0)
  })
})
