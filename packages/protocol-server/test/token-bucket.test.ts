import { describe, expect, it } from '@jest/globals'
import { RateLimiter, RATES } from '../src/rate-limiter.ts'
import type { RequestKind } from '@sr/protocol'
import { TokenBucket } from '../src/token-bucket.ts'

const ANN = 'ann'
const BOB = 'bob'

/** A clock that moves when the test moves it. */
function clock(): { now: () => number; pass: (ms: number) => void } {
  let at = 1000
  return {
    now: () => at,
    pass: (ms) => {
      at += ms
    },
  }
}

describe('a bucket', () => {
  it('gives a burst at once, and then makes each wait for its own token', () => {
    const { now, pass } = clock()
    const bucket = new TokenBucket({ perSecond: 50, burst: 3, now })
    const take = (): number => bucket.take(1000)
    expect([take(), take(), take(), take(), take()]).toEqual([0, 0, 0, 20, 40])
    pass(30) // one and a half of the two that were promised
    expect(take()).toBe(30)
    pass(30)
    expect(bucket.full).toBe(false)
    pass(60)
    expect(bucket.full).toBe(true)
    pass(1_000_000) // no more than a burst, however long nothing is taken
    expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 20])
  })

  it('takes nothing when the wait would be too long', () => {
    const { now, pass } = clock()
    const bucket = new TokenBucket({ perSecond: 10, burst: 1, now })
    expect([bucket.take(150), bucket.take(150), bucket.take(150), bucket.take(150)]).toEqual([0, 100, 200, 200])
    pass(100)
    expect(bucket.take(150)).toBe(100)
  })

  it('never waits at an endless rate', () => {
    const bucket = new TokenBucket({ perSecond: Infinity, burst: 1, now: () => 0 })
    expect(new Set(Array.from({ length: 1000 }, () => bucket.take(0)))).toEqual(new Set([0]))
    expect(bucket.full).toBe(true)
    expect(new TokenBucket({ perSecond: 1, burst: Infinity, now: () => 0 }).take(0)).toBe(0)
  })

  it.each([
    [0, 1],
    [-1, 1],
    [NaN, 1],
    [1, 0],
    [1, NaN],
  ])('is not made of %d a second and %d at once', (perSecond, burst) => {
    expect(() => new TokenBucket({ perSecond, burst, now: () => 0 })).toThrow(RangeError)
  })
})

describe('the rates of peers', () => {
  it('are 50 updates a second and 200 reads, for each peer by itself', () => {
    const { now } = clock()
    const rates = new RateLimiter(RATES, now)
    const ann = (kind: RequestKind): number => rates.take(ANN, kind)
    expect(Array.from({ length: 101 }, () => ann('update')).filter((wait) => wait > 0)).toEqual([20])
    expect(Array.from({ length: 401 }, () => ann('read')).filter((wait) => wait > 0)).toEqual([5])
    expect([rates.take(BOB, 'update'), rates.take(ANN, 'update')]).toEqual([0, 40])
  })

  it('let no caller wait longer than 5 s', () => {
    const { now } = clock()
    const rates = new RateLimiter({ ...RATES, updatesPerSecond: 1, updatesBurst: 1 }, now)
    const ann = (kind: RequestKind): number => rates.take(ANN, kind)
    expect(Array.from({ length: 6 }, () => ann('update'))).toEqual([0, 1000, 2000, 3000, 4000, 5000])
    expect(() => ann('update')).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_RATE', limit: 'delay', max: 5000, got: 6000 }),
    )
  })

  it('are kept while a peer has to wait, and forgotten when nothing is owed', () => {
    const { now, pass } = clock()
    const rates = new RateLimiter(RATES, now)
    const spend = (peer: string): number[] => Array.from({ length: 101 }, () => rates.take(peer, 'update'))
    spend(ANN)
    for (let i = 0; i < 300; i++) {
      rates.take(`peer ${i}`, 'read')
    }
    expect(rates.take(ANN, 'update')).toBe(40) // a new stream brings no new burst
    pass(5)
    for (let i = 300; i < 3000; i++) {
      rates.take(`peer ${i}`, 'read')
      pass(5)
    }
    expect(rates.size).toBeLessThan(600)
    expect(rates.take(ANN, 'update')).toBe(0)
  })

  it('are no rates below zero', () => {
    expect(() => new RateLimiter({ ...RATES, readsPerSecond: 0 }, () => 0)).toThrow(RangeError)
  })
})
