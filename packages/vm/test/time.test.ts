import { describe, expect, it } from '@jest/globals'
import { EffectiveTime } from '../src/time/effective-time.ts'
import { manualClock } from '../src/testing/manual-clock.ts'
import { bench, codeOf, START } from './setup.ts'

const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR

describe('effective time', () => {
  it('goes with the wall clock while that goes with time', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    await clock.advance(5 * HOUR)
    expect(time.read()).toEqual({ now: START + 5 * HOUR, confirmed: true })
  })

  it('goes on when the wall clock is set back', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START - YEAR)
    await clock.advance(1000)
    expect(time.read()).toEqual({ now: START + 1000, confirmed: true })
  })

  it('follows a wall clock that is set forward by up to an hour, and does not go back with it', () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START + HOUR)
    expect(time.read()).toEqual({ now: START + HOUR, confirmed: true })
    clock.set(START)
    expect(time.read()).toEqual({ now: START + HOUR, confirmed: true })
  })

  it('doubts a wall clock further ahead, and believes it after an hour of steady running', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START + YEAR)
    expect(time.read()).toEqual({ now: START + YEAR, confirmed: false })
    await clock.advance(HOUR - 1)
    expect(time.read()).toEqual({ now: START + YEAR + HOUR - 1, confirmed: false })
    await clock.advance(1)
    expect(time.read()).toEqual({ now: START + YEAR + HOUR, confirmed: true })
  })

  it('goes back when a doubted clock is corrected, and begins anew to doubt one that jumps about', async () => {
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

  it('tells whole milliseconds', () => {
    let elapsed = 0.25
    const time = new EffectiveTime({ now: () => START, monotonic: () => elapsed, after: () => () => {} })
    elapsed = 7.9
    expect(time.read().now).toBe(START + 7)
  })
})

describe('a machine whose wall clock jumps ahead', () => {
  it('hides what would have ended, deletes nothing, takes nothing, and shows it again', async () => {
    const at = await bench()
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

  it('says of signed updates that it doubts its clock, not that they have passed', async () => {
    const at = await bench()
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

  it('and stays there, is believed after an hour', async () => {
    const at = await bench()
    await at.say('ann', { a: 1 }, 60)
    at.clock.set(START + YEAR)
    await at.clock.advance(HOUR + 2000)
    expect(at.store.size).toBe(0)
    expect(await codeOf(at.say('ann', { b: 1 }))).toBe('accepted')
  })

  it('by less, follows it', async () => {
    const at = await bench()
    await at.say('ann', { a: 1 }, 60)
    at.clock.set(START + HOUR / 2)
    await at.clock.advance(2000)
    expect(at.store.size).toBe(0)
  })
})

describe('a machine whose wall clock is set back', () => {
  it('shows nothing again that has ended', async () => {
    const at = await bench()
    await at.say('ann', { a: 1 }, 60)
    await at.clock.advance(60_000)
    at.clock.set(START)
    expect(await at.show()).toEqual({})
    expect((await at.say('ann', { b: 1 })).seq).toBe((START + 60_000) * 1000)
  })
})

describe('expiry', () => {
  it('is half-open: at its end a statement is gone', async () => {
    const at = await bench()
    const { expires } = await at.say('ann', { a: 1 }, 5)
    await at.clock.advance(expires - START - 1)
    expect(await at.show()).toEqual({ ann: '{a=1}' })
    await at.clock.advance(1)
    expect(await at.show()).toEqual({})
  })

  it('is told with the view', async () => {
    const at = await bench()
    await at.say('ann', { a: 1 }, 50)
    await at.say('ann', { b: 1 }, 20)
    expect((await at.machine.get(Uint8Array.of(1, 2, 3))).get('ann')?.next).toBe(START + 20_000)
  })

  it('frees memory and store in small slices, each record once', async () => {
    const at = await bench()
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

  it('keeps no timer when nothing waits', async () => {
    let timers = 0
    const clock = manualClock(START)
    const counted = {
      ...clock,
      after: (ms: number, work: () => void) => {
        timers++
        return clock.after(ms, work)
      },
    }
    const at = await bench({ clock: counted })
    await at.clock.advance(HOUR)
    expect(timers).toBe(0)
    await at.say('ann', { a: 1 }, 3)
    await at.clock.advance(HOUR)
    expect(timers).toBeLessThan(10)
  })
})
