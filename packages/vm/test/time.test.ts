import { describe, expect, it } from '@jest/globals'
import { EffectiveTime } from '../src/time/effective-time.ts'
import { manualClock } from '../src/testing/manual-clock.ts'
import { startMachine, codeOf, START } from './setup.ts'

const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR

describe('effective time', () => {
  it('follows the wall clock while that runs steadily', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    await clock.advance(5 * HOUR)
    expect(time.read()).toEqual({ now: START + 5 * HOUR, confirmed: true })
  })

  it('runs on when the wall clock is set back', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START - YEAR)
    await clock.advance(1000)
    expect(time.read()).toEqual({ now: START + 1000, confirmed: true })
  })

  it('follows a wall clock set forward by up to an hour, and never steps back', () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START + HOUR)
    expect(time.read()).toEqual({ now: START + HOUR, confirmed: true })
    clock.set(START)
    expect(time.read()).toEqual({ now: START + HOUR, confirmed: true })
  })

  it('does not confirm a wall clock further ahead until it ran steadily for an hour', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START + YEAR)
    expect(time.read()).toEqual({ now: START + YEAR, confirmed: false })
    await clock.advance(HOUR - 1)
    expect(time.read()).toEqual({ now: START + YEAR + HOUR - 1, confirmed: false })
    await clock.advance(1)
    expect(time.read()).toEqual({ now: START + YEAR + HOUR, confirmed: true })
  })

  it('steps back when an unconfirmed clock is corrected, and restarts the hour when it jumps again', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START + YEAR)
    time.read()
    await clock.advance(HOUR / 2)
    clock.set(START + 2 * YEAR)
    time.read()
    await clock.advance(HOUR / 2 + 1)
    expect(time.read().confirmed).toBe(false)
    clock.set(START)
    expect(time.read()).toEqual({ now: START + HOUR + 1, confirmed: true })
  })

  it('is in whole milliseconds', () => {
    let elapsed = 0.25
    const time = new EffectiveTime({ now: () => START, monotonic: () => elapsed, after: () => () => {} })
    elapsed = 7.9
    expect(time.read().now).toBe(START + 7)
  })
})

describe('a machine whose wall clock jumps ahead', () => {
  it('hides what expired by that clock, deletes nothing, refuses updates, and shows it again after the correction', async () => {
    const at = await startMachine()
    await at.say('ann', { a: 1 }, 3600)
    at.clock.set(START + 10 * YEAR)
    expect(await at.show()).toEqual({})
    await expect(at.say('ann', { b: 1 })).rejects.toMatchObject({ code: 'VM_CLOCK', retryable: true, applied: 'no' })
    await at.clock.advance(60_000)
    expect(at.store.size).toBe(1)
    at.clock.set(START + 60_000)
    expect(await at.show()).toEqual({ ann: '{a=1}' })
    await at.say('ann', { b: 1 })
  })

  it('refuses signed updates with VM_CLOCK, not VM_EXPIRED', async () => {
    const at = await startMachine()
    const times = { seq: START * 1000, expires: START + 60_000 }
    at.clock.set(START + YEAR)
    await expect(at.sign('ann', { a: 1 }, times)).rejects.toMatchObject({
      code: 'VM_CLOCK',
      retryable: true,
      retryAfterMs: 1000,
      applied: 'no',
    })
    at.clock.set(START)
    expect(await at.sign('ann', { a: 1 }, times)).toMatchObject({ status: 'stored' })
  })

  it('and stays there, confirms it after an hour', async () => {
    const at = await startMachine()
    await at.say('ann', { a: 1 }, 60)
    at.clock.set(START + YEAR)
    await at.clock.advance(HOUR + 2000)
    expect(at.store.size).toBe(0)
    expect(await codeOf(at.say('ann', { b: 1 }))).toBe('accepted')
  })

  it('by less than an hour, follows it', async () => {
    const at = await startMachine()
    await at.say('ann', { a: 1 }, 60)
    at.clock.set(START + HOUR / 2)
    await at.clock.advance(2000)
    expect(at.store.size).toBe(0)
  })
})

describe('a machine whose wall clock is set back', () => {
  it('shows nothing again that expired', async () => {
    const at = await startMachine()
    await at.say('ann', { a: 1 }, 60)
    await at.clock.advance(60_000)
    at.clock.set(START)
    expect(await at.show()).toEqual({})
    expect((await at.say('ann', { b: 1 })).seq).toBe((START + 60_000) * 1000)
  })
})

describe('expiry', () => {
  it('is half-open: a statement is gone at t = expires', async () => {
    const at = await startMachine()
    const { expires } = await at.say('ann', { a: 1 }, 5)
    await at.clock.advance(expires - START - 1)
    expect(await at.show()).toEqual({ ann: '{a=1}' })
    await at.clock.advance(1)
    expect(await at.show()).toEqual({})
  })

  it('is part of the view, as next', async () => {
    const at = await startMachine()
    await at.say('ann', { a: 1 }, 50)
    await at.say('ann', { b: 1 }, 20)
    expect((await at.machine.get(Uint8Array.of(1, 2, 3))).get('ann')?.next).toBe(START + 20_000)
  })

  it('frees memory and store in batches, each record once', async () => {
    const at = await startMachine()
    for (let i = 0; i < 200; i++) {
      await at.say('ann', { a: i }, 1 + (i % 3), Uint8Array.of(1, i))
    }
    expect(at.store.size).toBe(200)
    await at.clock.advance(2000)
    expect(at.store.size).toBe(66)
    await at.clock.advance(2000)
    expect(at.store.size).toBe(0)
    expect(at.machine.counters().get('gc.dropped')).toBe(200)
  })

  it('sets no timer when nothing is scheduled', async () => {
    let timers = 0
    const clock = manualClock(START)
    const counted = {
      ...clock,
      after: (ms: number, work: () => void) => {
        timers++
        return clock.after(ms, work)
      },
    }
    const at = await startMachine({ clock: counted })
    await at.clock.advance(HOUR)
    expect(timers).toBe(0)
    await at.say('ann', { a: 1 }, 3)
    await at.clock.advance(HOUR)
    expect(timers).toBeLessThan(10)
  })
})
