import { describe, expect, it } from '@jest/globals'
import { remove, set, ttl } from '@sr/ir'
import { Dict, type Node } from '@sr/xr'
import { DOCUMENT_BYTES } from '../src/admission/cost.ts'
import { manualClock } from '../src/testing/manual-clock.ts'
import { ask, asking, count, facts, yes } from './effect-setup.ts'
import { startMachine, KEY, SELF, START } from './setup.ts'

describe('a fact', () => {
  it.each([
    ['the verdict', 10, 60, 10],
    ['the statement', 600, 60, 60],
  ])('expires with %s', async (_, verdictTtl, statementTtl, end) => {
    const at = await startMachine({
      grammar: asking(async (_n, { now }) => (now === START ? yes(verdictTtl) : undefined)),
    })
    await (
      await at.say('ann', { a: ask(1) }, statementTtl)
    ).effects
    await at.clock.advance(end * 1000 - 1)
    expect(await facts(at)).toEqual({ 'ask(1)': '"yes"' })
    await at.clock.advance(1)
    expect(await facts(at)).toEqual({})
  })

  it('expires with the $ttl of the statement', async () => {
    const at = await startMachine({ grammar: asking(async () => yes(600)) })
    await (
      await at.say('ann', { a: ttl(ask(1), 5) }, 60)
    ).effects
    await at.clock.advance(4999)
    expect(await facts(at)).not.toEqual({})
    await at.clock.advance(1)
    expect(await facts(at)).toEqual({})
  })

  it('is renewed while the statement is live, and not after', async () => {
    let answers = 0
    const at = await startMachine({ grammar: asking(async () => ({ value: BigInt(++answers), ttl: 10 })) })
    await (
      await at.say('ann', { a: ask(1) }, 35)
    ).effects
    for (let second = 1; second < 35; second++) {
      await at.clock.advance(1000)
      expect(Object.keys(await facts(at))).toEqual(['ask(1)'])
    }
    expect(answers).toBe(4)
    await at.clock.advance(60_000)
    expect(await facts(at)).toEqual({})
    expect(answers).toBe(4)
  })

  it('is not renewed when the statement was removed', async () => {
    const at = await startMachine({ grammar: asking(async () => yes(10)) })
    await (
      await at.say('ann', { a: ask(1) }, 600)
    ).effects
    await at.say('ann', { a: remove() }, 600)
    await at.clock.advance(20_000)
    expect(count(at, 'effects.run')).toBe(1)
    expect(await facts(at)).toEqual({})
  })

  it('is not made from a declined request or an invalid verdict', async () => {
    for (const verdict of [
      undefined,
      { value: 'yes', ttl: 0 },
      { value: 'yes', ttl: Number.NaN },
      { value: 'x'.repeat(2000), ttl: 9 },
      { value: remove(), ttl: 9 },
    ]) {
      const at = await startMachine({ grammar: asking(async () => verdict) })
      await (
        await at.say('ann', { a: ask(1) })
      ).effects
      expect(await facts(at)).toEqual({})
      expect((await at.machine.usage('ann')).bytes).toBeLessThan(4000)
    }
  })

  it('keeps the kind of the verdict: an integral Float stays a Float', async () => {
    const at = await startMachine({
      grammar: asking(async () => ({ value: 5, ttl: 60 }), { external: false, blocking: true }),
    })
    await (
      await at.say('ann', { a: ask(1) })
    ).effects
    expect(await facts(at)).toEqual({ 'ask(1)': '5.0' })
  })

  it('replaces the fact before it, containers too', async () => {
    const verdicts: Node[] = [Dict.from([['a', 1n]]), Dict.from([['b', 1n]])]
    const at = await startMachine({ grammar: asking(async () => ({ value: verdicts.shift() ?? 'none', ttl: 10 })) })
    await (
      await at.say('ann', { a: ask(1) }, 15)
    ).effects
    await at.clock.advance(9500)
    expect(await facts(at)).toEqual({ 'ask(1)': '{b=1}' })
  })

  it('can be written by effects only', async () => {
    const at = await startMachine({ grammar: asking(async () => yes()) })
    for (const body of [{ facts: {} }, { facts: remove() }, set(Dict.from([['a', true]])), remove()]) {
      await expect(at.say(SELF, body as never)).rejects.toMatchObject({ code: 'VM_WRITER' })
    }
    await at.say(SELF, { motto: 'well' })
    await at.say('ann', { facts: { x: 1 } })
    expect(await at.show()).toEqual({ [SELF]: '{motto="well"}', ann: '{facts={x=1}}' })
  })

  it('requests nothing, even when a signed update with it comes from outside', async () => {
    const at = await startMachine({ grammar: asking(async () => yes(), { external: false, blocking: true }) })
    const body = Dict.from([['facts', Dict.from([['x', ask(1)]])]])
    const { bytes } = await at.updates.sign({
      key: KEY,
      seq: START * 1000,
      expires: START + 5000,
      retain: START + 5000,
      body,
    })
    await (
      await at.machine.update(bytes, { via: 'author' })
    ).effects
    expect(count(at, 'effects.run')).toBe(0)
    await (
      await at.say(SELF, { a: ask(2) })
    ).effects
    expect(count(at, 'effects.run')).toBe(1)
  })
})

describe('a fact about the record', () => {
  const tally = asking(
    async (_n, { record }) => ({
      value: [...record.keys()]
        .filter((name) => name !== SELF)
        .sort()
        .join(' '),
      ttl: 600,
    }),
    { external: false, blocking: true, onChange: true },
  )

  it('is renewed when the record changes, at most once per second, and not when only facts change', async () => {
    const at = await startMachine({ grammar: tally })
    await (
      await at.say('ann', { a: ask(1) }, 500)
    ).effects
    expect(await facts(at)).toEqual({ 'ask(1)': '"ann"' })
    for (let i = 0; i < 10; i++) {
      await at.say('bob', { b: i }, 5)
    }
    await at.clock.advance(3000)
    expect(await facts(at)).toEqual({ 'ask(1)': '"ann bob"' })
    expect(count(at, 'effects.run')).toBe(2)
    await at.clock.advance(10_000)
    expect(await facts(at)).toEqual({ 'ask(1)': '"ann"' })
    expect(count(at, 'effects.run')).toBe(3)
    await at.clock.advance(20_000)
    expect(count(at, 'effects.run')).toBe(3)
  })

  it('is stated after a change when the effect declined before it', async () => {
    const quorum = asking(async (_n, { record }) => (record.size < 2 ? undefined : yes(600)), {
      external: false,
      blocking: true,
      onChange: true,
    })
    const at = await startMachine({ grammar: quorum })
    await (
      await at.say('ann', { a: ask(1) }, 500)
    ).effects
    expect(await facts(at)).toEqual({})
    await at.say('bob', { b: 1 }, 400)
    await at.clock.advance(3000)
    expect(await facts(at)).toEqual({ 'ask(1)': '"yes"' })
  })

  it('is not renewed when no statement requests it', async () => {
    const at = await startMachine({ grammar: tally })
    await (
      await at.say('ann', { a: ask(1) }, 5)
    ).effects
    await at.clock.advance(700_000)
    const runs = count(at, 'effects.run')
    await at.say('bob', { b: 1 })
    await at.clock.advance(5000)
    expect(count(at, 'effects.run')).toBe(runs)
  })
})

describe('the cost of a fact', () => {
  it('is charged to the requesting writer until the fact ends', async () => {
    const at = await startMachine({ grammar: asking(async () => yes(10), { external: false, blocking: true }) })
    const said = await at.say('ann', { a: 1 }, 60)
    const before = (await at.machine.usage('ann')).bytes
    expect(before).toBeGreaterThan(said.bytes)
    await (
      await at.say('ann', { b: ask(1) }, 60)
    ).effects
    const fact = (await at.machine.get(KEY)).documents.get(SELF)
    expect(fact?.signed).toBe(true)
    expect(await at.machine.usage(SELF)).toEqual({ bytes: DOCUMENT_BYTES, records: 1 })
    const after = (await at.machine.usage('ann')).bytes
    await at.say('ann', { b: remove(), a: remove() }, 60)
    await at.clock.advance(61_000)
    expect(after).toBeGreaterThan(before + 512)
    expect(await at.machine.usage('ann')).toEqual({ bytes: 0, records: 0 })
  })

  it('is reserved before the effect runs', async () => {
    const at = await startMachine({ grammar: asking(async () => yes()), limits: { bytesPerWriter: 20_000 } })
    await (
      await at.say('ann', { a: ask(1) })
    ).effects
    expect(count(at, 'effects.run')).toBe(0)
    expect(count(at, 'effects.quota')).toBe(1)
    expect(await at.show()).toEqual({ ann: '{a=ask(1)}' })
  })

  it('is given back when no fact is stated', async () => {
    for (const run of [
      async () => undefined,
      async () => {
        throw new Error('no')
      },
    ]) {
      const at = await startMachine({ grammar: asking(run) })
      await (
        await at.say('ann', { a: ask(1) })
      ).effects
      const { bytes } = await at.machine.usage('ann')
      await (
        await at.say('bob', { a: 1 })
      ).effects
      expect(bytes).toBeLessThan(4000)
    }
  })

  it('is charged to the same writer after a restart', async () => {
    const clock = manualClock(START)
    const first = await startMachine({ grammar: asking(async () => yes(60)), clock })
    await (
      await first.say('ann', { a: ask(1) })
    ).effects
    const usage = await first.machine.usage('ann')
    await first.machine.close()
    const second = await startMachine({ store: first.store, clock })
    expect(await second.machine.usage('ann')).toEqual(usage)
    expect(await facts(second)).toEqual({ 'ask(1)': '"yes"' })
  })
})
