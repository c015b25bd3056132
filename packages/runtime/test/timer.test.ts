import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { after } from '../src/timer.ts'
import { delay, raceSignal } from '../src/signal.ts'

const DAY_MS = 86_400_000

describe('after', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  for (const ms of [0, 1, 1000, 2 ** 31 - 1, 2 ** 31, 30 * DAY_MS, 400 * DAY_MS]) {
    it(`runs its work once, after ${ms} ms and not before`, () => {
      let runs = 0
      after(ms, () => runs++)
      jest.advanceTimersByTime(Math.max(0, ms - 1))
      expect(runs).toBe(ms === 0 ? 1 : 0)
      jest.advanceTimersByTime(1)
      expect(runs).toBe(1)
      jest.advanceTimersByTime(500 * DAY_MS)
      expect(runs).toBe(1)
    })

    it(`is cancelled at any time before ${ms} ms`, () => {
      let runs = 0
      const cancel = after(ms, () => runs++)
      jest.advanceTimersByTime(Math.max(0, ms - 1) * 0.9)
      cancel()
      jest.advanceTimersByTime(500 * DAY_MS)
      expect(runs).toBe(ms === 0 ? 1 : 0)
      expect(jest.getTimerCount()).toBe(0)
    })
  }

  it('with Infinity sets no timer', () => {
    after(Infinity, () => {})()
    after(Infinity, () => {
      throw new Error('ran')
    })
    expect(jest.getTimerCount()).toBe(0)
  })

  for (const ms of [NaN, -1, -Infinity, '5' as never, undefined as never]) {
    it(`refuses ${String(ms)}`, () => {
      expect(() => after(ms, () => {})).toThrow(RangeError)
    })
  }
})

describe('raceSignal', () => {
  it('rejects with the reason while the promise is pending, also when the signal has aborted before', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const racing = raceSignal(new Promise(() => {}), controller.signal)
    controller.abort(reason)
    await expect(racing).rejects.toBe(reason)
    await expect(raceSignal(Promise.resolve(1), controller.signal)).rejects.toBe(reason)
  })

  it('settles as the promise, with and without a signal', async () => {
    expect(await raceSignal(Promise.resolve(1), undefined)).toBe(1)
    expect(await raceSignal(Promise.resolve(2), new AbortController().signal)).toBe(2)
    await expect(raceSignal(Promise.reject(new Error('no')), new AbortController().signal)).rejects.toThrow('no')
  })
})

describe('delay', () => {
  it('ends with the signal', async () => {
    const controller = new AbortController()
    const waiting = delay(Infinity, controller.signal)
    controller.abort()
    expect(await Promise.all([waiting, delay(DAY_MS, controller.signal), delay(1)])).toHaveLength(3)
  })
})
