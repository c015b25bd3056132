import { describe, expect, it } from '@jest/globals'
import { remove, ttl } from '@sr/ir'
import { EffectiveTime } from '../src/time/effective-time.ts'
import { manualClock } from '../src/testing/manual-clock.ts'
import { ask, asking, count, facts, yes } from './effect-setup.ts'
import { startMachine, codeOf, KEY, START } from './setup.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const YEAR = 365 * 24 * HOUR

describe('effective time', () => {
  const sure = (now: number) => ({ now, confirmed: true, retryAfterMs: 0 })

  it('follows the wall clock while that runs steadily', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    await clock.advance(5 * HOUR)
    expect(time.read()).toEqual(sure(START + 5 * HOUR))
  })

  it('runs on when the wall clock is set back, 500 ppm slower', async () => {
    const clock = manualClock(START - HOUR)
    const time = new EffectiveTime(clock)
    await clock.advance(HOUR)
    time.read()
    clock.set(START - YEAR)
    await clock.advance(1000)
    expect(time.read()).toEqual(sure(START + 999))
    await clock.advance(HOUR)
    expect(time.read()).toEqual(sure(START + 1000 + HOUR - 1801))
  })

  it('forgets a glimpse of a clock 50 minutes ahead', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START + 50 * MINUTE)
    expect(time.read()).toEqual(sure(START))
    await clock.advance(1000)
    expect(time.read()).toEqual(sure(START + 1000))
    clock.set(START + 1000)
    await clock.advance(10_000)
    expect(time.read()).toEqual(sure(START + 11_000))
  })

  it('takes a wall clock set forward by less than an hour when it has run steadily for an hour', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START + 50 * MINUTE)
    time.read()
    await clock.advance(HOUR - 1)
    expect(time.read()).toEqual(sure(START + HOUR - 1 + 1799))
    await clock.advance(1)
    expect(time.read()).toEqual(sure(START + HOUR + 50 * MINUTE))
    clock.set(START + HOUR)
    expect(time.read()).toEqual(sure(START + HOUR + 50 * MINUTE))
  })

  it('stays with the wall clock for a year while the steady clock runs 50 ppm fast', () => {
    let elapsed = 0
    const time = new EffectiveTime({
      now: () => START + elapsed,
      monotonic: () => elapsed * 1.00005,
      after: () => () => {},
    })
    for (; elapsed < YEAR; elapsed += 10 * MINUTE) {
      expect(Math.abs(time.read().now - START - elapsed)).toBeLessThanOrEqual(31)
    }
  })

  it('does not confirm a wall clock further ahead until it ran steadily for an hour, and says how long that is', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START + YEAR)
    expect(time.read()).toEqual({ now: START + YEAR, confirmed: false, retryAfterMs: HOUR })
    await clock.advance(HOUR - 1)
    expect(time.read()).toEqual({ now: START + YEAR + HOUR - 1, confirmed: false, retryAfterMs: 1 })
    await clock.advance(1)
    expect(time.read()).toEqual(sure(START + YEAR + HOUR))
  })

  it('confirms it at once when the operator does', () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START + YEAR)
    time.read()
    expect(time.confirm()).toEqual(sure(START + YEAR))
    clock.set(START)
    expect(time.confirm()).toEqual(sure(START + YEAR))
  })

  it('takes eight hours of sleep at once, and two days ahead without sleep never at once', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    await clock.advance(1000)
    clock.sleep(8 * HOUR)
    expect(time.read()).toEqual(sure(START + 1000 + 8 * HOUR))
    clock.sleep(30 * HOUR)
    clock.set(clock.now() + 48 * HOUR)
    expect(time.read()).toMatchObject({ confirmed: false, retryAfterMs: HOUR })
    clock.set(START + 1000 + 38 * HOUR)
    expect(time.read()).toEqual(sure(START + 1000 + 38 * HOUR))
  })

  it('does not take a jump of the clock that counts sleep without the wall clock for sleep', () => {
    let up = 0
    const clock = manualClock(START)
    const time = new EffectiveTime({ ...clock, uptime: () => up })
    up = YEAR
    expect(time.read()).toEqual(sure(START))
  })

  it('steps back when an unconfirmed clock is corrected, and restarts the hour when it jumps again', async () => {
    const clock = manualClock(START)
    const time = new EffectiveTime(clock)
    clock.set(START + YEAR)
    time.read()
    await clock.advance(HOUR / 2)
    clock.set(START + 2 * YEAR)
    expect(time.read()).toMatchObject({ confirmed: false, retryAfterMs: HOUR })
    await clock.advance(HOUR / 2 + 1)
    expect(time.read().confirmed).toBe(false)
    clock.set(START + HOUR + 1)
    expect(time.read()).toEqual(sure(START + HOUR + 1))
  })

  it('is in whole milliseconds', () => {
    let elapsed = 0.25
    const time = new EffectiveTime({ now: () => START, monotonic: () => elapsed, after: () => () => {} })
    elapsed = 7.9
    expect(time.read().now).toBe(START + 7)
  })
})

describe('effective time after an earlier run', () => {
  function resumed(wall: number, floor: number) {
    const clock = manualClock(wall)
    const time = new EffectiveTime(clock)
    time.resume(floor)
    return { clock, time }
  }

  it.each([
    ['later than that ended', YEAR, YEAR],
    ['a little before', -MINUTE, 0],
    ['years before', -YEAR, 0],
  ])('starts, with a wall clock %s, not before it', (_, wall, now) => {
    expect(resumed(START + wall, START).time.read().now).toBe(START + now)
  })

  it('follows a wrong wall clock back within the first hour, and not before the earlier run', async () => {
    const { clock, time } = resumed(START + 10 * YEAR, START)
    expect(time.read()).toMatchObject({ now: START + 10 * YEAR, confirmed: true })
    await clock.advance(HOUR / 2)
    expect([time.final, time.confirmed]).toEqual([false, undefined])
    clock.set(START - YEAR)
    expect(time.read().now).toBe(START)
    clock.set(START + 2 * HOUR)
    expect(time.read()).toMatchObject({ now: START + 2 * HOUR, confirmed: true })
    expect(time.final).toBe(false)
    await clock.advance(HOUR)
    time.read()
    expect([time.final, time.confirmed]).toEqual([true, START + 3 * HOUR])
    clock.set(START)
    expect(time.read().now).toBe(START + 3 * HOUR)
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
      retryAfterMs: HOUR,
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

  it('by less than an hour, follows it after an hour', async () => {
    const at = await startMachine()
    await at.say('ann', { a: 1 }, 2 * 3600)
    at.clock.set(START + HOUR / 2)
    await at.clock.advance(HOUR + 1000)
    expect(at.machine.time().now).toBe(START + HOUR / 2 + HOUR + 1000)
    await at.clock.advance(HOUR / 2)
    expect(at.store.size).toBe(0)
  })

  it('is confirmed by its operator', async () => {
    const at = await startMachine()
    at.clock.set(START + YEAR)
    expect(await codeOf(at.say('ann', { a: 1 }))).toBe('VM_CLOCK')
    expect(at.machine.time()).toMatchObject({ confirmed: false, retryAfterMs: HOUR })
    expect(at.machine.confirmTime()).toMatchObject({ now: START + YEAR, confirmed: true })
    expect(await codeOf(at.say('ann', { a: 1 }))).toBe('accepted')
  })
})

describe('a machine that slept', () => {
  it('admits updates at once', async () => {
    const at = await startMachine()
    await at.say('ann', { a: 1 }, 3600)
    at.clock.sleep(8 * HOUR)
    expect(await at.show()).toEqual({})
    expect(await at.say('ann', { b: 1 })).toMatchObject({ seq: (START + 8 * HOUR) * 1000 })
  })
})

describe('a machine that is started again', () => {
  it('continues from the confirmed time, saved each minute and at the end, whatever the wall clock says', async () => {
    const first = await startMachine({ clock: manualClock(START) })
    await first.say('ann', { a: 1 }, 7200)
    await first.clock.advance(HOUR - 1000)
    expect(await first.store.loadTime()).toBeUndefined()
    await first.clock.advance(61_000)
    expect(await first.store.loadTime()).toBe(START + HOUR + MINUTE)
    await first.clock.advance(30_000)
    await first.machine.close()
    expect(await first.store.loadTime()).toBe(START + HOUR + 90_000)
    const second = await startMachine({ store: first.store, clock: manualClock(START - YEAR) })
    expect(second.machine.time()).toMatchObject({ now: START + HOUR + 90_000, confirmed: true })
  })

  it('saves no time that is not confirmed', async () => {
    const at = await startMachine()
    await at.say('ann', { a: 1 }, 7200)
    await at.clock.advance(HOUR)
    at.clock.set(START + YEAR)
    await at.clock.advance(MINUTE)
    await at.machine.close()
    expect(await at.store.loadTime()).toBeLessThan(START + 2 * HOUR)
  })

  it('with a wall clock years ahead deletes nothing for an hour, and shows again what that hid', async () => {
    const first = await startMachine()
    await first.say('ann', { a: 1 }, 7200)
    await first.machine.close()
    const clock = manualClock(START + 10 * YEAR)
    const second = await startMachine({ store: first.store, clock })
    expect(await second.show()).toEqual({})
    await clock.advance(HOUR / 2)
    expect(second.store.size).toBe(1)
    clock.set(START + HOUR)
    expect(await second.show()).toEqual({ ann: '{a=1}' })
    await clock.advance(2 * HOUR)
    expect(second.store.size).toBe(0)
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

describe('an unsigned update after a clock that was ahead', () => {
  /** A machine that wrote while its clock was `ahead`, and one with a right clock on the same store. */
  async function corrected(ahead: number) {
    const first = await startMachine({ clock: manualClock(START + ahead) })
    await first.say('ann', { old: 1 }, 60)
    await first.machine.close()
    return await startMachine({ store: first.store, clock: manualClock(START) })
  }

  for (const [name, ahead] of [
    ['20 minutes', 20 * MINUTE],
    ['ten years', 10 * YEAR],
  ] as const) {
    it(`by ${name} is above the old seq and lives for 60 s, not longer`, async () => {
      const at = await corrected(ahead)
      const receipt = await at.say('ann', { a: 1, old: remove() }, 60)
      expect(receipt).toMatchObject({ changed: true, seq: (START + ahead) * 1000 + 1, expires: START + 60_000 })
      expect(await at.show()).toEqual({ ann: '{a=1}' })
      await at.clock.advance(59_999)
      expect(await at.show()).toEqual({ ann: '{a=1}' })
      await at.clock.advance(1)
      expect(await at.show()).toEqual({})
    })

    it(`by ${name} is refused with a $ttl, which counts from the seq, until that is reached`, async () => {
      const at = await corrected(ahead)
      await expect(at.say('ann', { a: ttl(1n, 5) }, 60)).rejects.toMatchObject({
        code: 'VM_CLOCK',
        retryable: true,
        retryAfterMs: ahead,
      })
    })

    it(`by ${name} is admitted up to the longest lifetime`, async () => {
      const at = await corrected(ahead)
      expect(await codeOf(at.say('ann', { a: 1 }, 72 * 3600))).toBe('accepted')
      expect(await codeOf(at.say('ann', { a: 1 }, 72 * 3600 + 1))).toBe('VM_TTL')
    })
  }

  for (const [name, ahead] of [
    ['20 minutes', 20 * MINUTE],
    ['ten years', 10 * YEAR],
  ] as const) {
    it(`by ${name}: a fact is stated under a seq above the old one, until its statement ends`, async () => {
      const grammar = asking(async () => yes(30), { external: false, blocking: true })
      const first = await startMachine({ grammar, clock: manualClock(START + ahead) })
      await (
        await first.say('ann', { a: ask(1) }, 60)
      ).effects
      await first.machine.close()
      const at = await startMachine({ grammar, store: first.store, clock: manualClock(START) })
      await (
        await at.say('bob', { a: ask(2) }, 60)
      ).effects
      expect(await facts(at)).toMatchObject({ 'ask(2)': '"yes"' })
      // that of ask(1), whose effect is resumed by the start, and that of ask(2)
      expect([count(at, 'facts.stated'), count(at, 'facts.failed')]).toEqual([2, 0])
      await at.clock.advance(61_000)
      expect(Object.keys(await facts(at))).not.toContain('ask(2)')
    })
  }

  it('is admitted with a $ttl within the same second', async () => {
    const at = await startMachine()
    await at.say('ann', { a: 1 })
    expect(await codeOf(at.say('ann', { b: ttl(1n, 5) }))).toBe('accepted')
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

  it('of a tombstone is not next: nothing visible changes then', async () => {
    const at = await startMachine()
    await at.say('ann', { a: 1, b: 1 }, 50)
    await at.say('ann', { a: remove() }, 20)
    const next = async () => (await at.machine.get(KEY)).documents.get('ann')?.next
    expect(await next()).toBe(START + 50_000)
    await at.sign('bob', { a: 1 }, { seq: START * 1000, expires: START + 5000, retain: START + 90_000 })
    expect((await at.machine.get(KEY)).documents.get('bob')?.next).toBe(START + 5000)
    await at.sign('bob', { b: remove() }, { seq: START * 1000 + 1, expires: START + 1000, retain: START + 90_000 })
    expect((await at.machine.get(KEY)).documents.get('bob')?.next).toBe(START + 5000)
    await at.clock.advance(91_000)
    expect(at.store.size).toBe(0)
  })

  it('is part of the view, as next', async () => {
    const at = await startMachine()
    await at.say('ann', { a: 1 }, 50)
    await at.say('ann', { b: 1 }, 20)
    expect((await at.machine.get(Uint8Array.of(1, 2, 3))).documents.get('ann')?.next).toBe(START + 20_000)
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

  it('sets no timer when nothing is scheduled, but to save the time', async () => {
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
    timers = 0
    await at.clock.advance(HOUR)
    expect(timers).toBe(60) // the time is saved once a minute
    await at.say('ann', { a: 1 }, 3)
    await at.clock.advance(HOUR)
    expect(timers).toBeLessThan(130)
  })
})
