import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Clock } from '../src/time/clock.ts'
import { EffectiveTime, type Instant } from '../src/time/effective-time.ts'
import { START } from './setup.ts'

const SECOND = 1000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const SLEW = 500e-6
/** two clocks that are read one after the other, in whole milliseconds */
const ROUNDING = 2

type Step =
  | { readonly do: 'run' | 'sleep' | 'glimpse' | 'set'; readonly ms: number }
  | { readonly do: 'restart'; readonly off: number }
  | { readonly do: 'confirm' | 'correct' }

const spans = fc.constantFrom(0, 1, 999, 10 * SECOND, 59 * SECOND, HOUR / 2, HOUR - 1, HOUR, 5 * HOUR, 3 * DAY)
const jumps = fc
  .tuple(fc.constantFrom(1, 20 * SECOND, 61 * SECOND, 50 * 60 * SECOND, HOUR, HOUR + 1, DAY, 3650 * DAY), fc.boolean())
  .map(([ms, back]) => (back ? -ms : ms))
/** One step of a history. */
export const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('run' as const), ms: spans }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sleep' as const), ms: spans }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('glimpse' as const), ms: jumps }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), ms: jumps }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), off: jumps }) },
  { weight: 1, arbitrary: fc.constantFrom({ do: 'confirm' as const }, { do: 'correct' as const }) },
)

/** A computer: true time, a wall clock with an error, a monotonic clock with a rate, sleep. */
export class World {
  at = START
  error = 0
  elapsed = 0
  slept = 0
  readonly rate: number
  readonly hasUptime: boolean

  constructor(rate: number, hasUptime: boolean) {
    this.rate = rate
    this.hasUptime = hasUptime
  }

  clock(): Clock {
    return {
      now: () => Math.floor(this.at + this.error),
      monotonic: () => this.elapsed,
      ...(this.hasUptime ? { uptime: () => this.elapsed + this.slept } : {}),
      after: () => () => {},
    }
  }

  run(ms: number): void {
    this.at += ms
    this.elapsed += ms * (1 + this.rate)
  }

  sleep(ms: number): void {
    this.at += ms
    this.slept += ms
  }
}

/** What holds in every history, beside what a run of steps did. */
export class Law {
  readonly world: World
  time: EffectiveTime
  saved: number | undefined
  #last: Instant
  #lastElapsed = 0
  #lastSlept = 0
  /** monotonic time since which the wall clock was not moved by more than a minute */
  #steadySince = 0
  #steadyError = 0

  constructor(world: World) {
    this.world = world
    this.time = new EffectiveTime(world.clock())
    this.#last = this.time.read()
  }

  take(step: Step): void {
    const { world } = this
    switch (step.do) {
      case 'run':
        world.run(step.ms)
        break
      case 'sleep':
        world.sleep(step.ms)
        break
      case 'set':
        world.error += step.ms
        break
      case 'correct':
        world.error = 0
        break
      case 'glimpse':
        world.error += step.ms
        this.look()
        world.error -= step.ms
        break
      case 'restart':
        world.error = step.off
        this.time = new EffectiveTime(world.clock())
        if (this.saved !== undefined) {
          this.time.resume(this.saved)
        }
        this.#restart()
        break
      case 'confirm':
        this.#confirm()
        break
    }
    this.look()
  }

  /** Reads the time, and compares it with the reading before. */
  look(): void {
    const { world, time } = this
    this.#steady()
    const before = this.#last
    const wasFinal = time.final
    const now = time.read()
    const elapsed = world.elapsed - this.#lastElapsed
    const slept = world.hasUptime ? world.slept - this.#lastSlept : 0
    const steady = world.elapsed - this.#steadySince >= HOUR - ROUNDING
    assert(Number.isInteger(now.now))
    if (now.confirmed) {
      assert.equal(now.retryAfterMs, 0)
      assert(now.now >= (this.saved ?? 0))
    } else {
      // hidden by the wall clock, which is more than an hour ahead and not yet steady for an hour
      assert(now.retryAfterMs > 0)
      assert(now.retryAfterMs <= HOUR)
      assert.equal(time.confirmed, undefined)
      assert.equal(now.now, Math.floor(world.at + world.error))
    }
    const asleep = slept >= 5 * SECOND ? slept : 0
    assert(now.confirmed || asleep === 0 || !before.confirmed, 'sleep was not recognised')
    if (before.confirmed && now.confirmed && wasFinal) {
      // never back; forward by the steady clock, by sleep and by 500 ppm, except to a steady wall clock
      const step = now.now - before.now
      assert(step >= Math.floor((elapsed + asleep) * (1 - SLEW)) - ROUNDING)
      const wall = Math.floor(world.at + world.error)
      assert(step <= (elapsed + slept) * (1 + SLEW) + ROUNDING || (steady && now.now <= wall))
    }
    this.saved = Math.max(this.saved ?? 0, time.confirmed ?? 0) || this.saved
    this.#last = now
    this.#lastElapsed = world.elapsed
    this.#lastSlept = world.slept
  }

  /** If nothing moves from here on, the hint is exact, and the time approaches the wall clock at 500 ppm. */
  settle(): void {
    const { world } = this
    const hint = this.time.read()
    if (!hint.confirmed) {
      world.run((hint.retryAfterMs - ROUNDING) / (1 + world.rate))
      // a fast steady clock may have come within an hour of the wall clock meanwhile
      assert(hint.retryAfterMs <= ROUNDING || world.rate !== 0 || !this.time.read().confirmed)
      world.run((2 * ROUNDING) / (1 + world.rate))
      assert(this.time.read().confirmed)
    }
    for (let hours = 0; hours < 3; hours++) {
      world.run(HOUR)
      this.time.read()
    }
    const wall = world.at + world.error
    const off = this.time.read().now - wall
    // not behind by more than a minute, and while it is ahead it comes closer
    assert(off >= -60 * SECOND)
    world.run(DAY)
    const later = this.time.read().now - wall - DAY
    const rest = (SLEW - Math.abs(world.rate)) * DAY * 0.99
    assert(Math.abs(later) <= Math.max(Math.abs(off) - rest, DAY * Math.abs(world.rate) + ROUNDING))
  }

  #confirm(): void {
    const before = this.time.read()
    const wasFinal = this.time.final
    const instant = this.time.confirm()
    assert(instant.confirmed)
    if (before.confirmed && wasFinal) {
      assert(instant.now >= before.now)
    }
    assert(instant.now >= Math.floor(this.world.at + this.world.error) - ROUNDING)
    this.#last = { ...instant, confirmed: false }
    this.#steadySince = this.world.elapsed - HOUR
  }

  #restart(): void {
    const wall = Math.floor(this.world.at + this.world.error)
    this.#last = this.time.read()
    assert.deepEqual([this.#last.now, this.#last.confirmed], [Math.max(wall, this.saved ?? 0), true])
    assert.deepEqual([this.time.final, this.time.confirmed], [false, undefined])
    this.#steadySince = this.world.elapsed
    this.#steadyError = this.#error()
  }

  #steady(): void {
    if (Math.abs(this.#error() - this.#steadyError) > 60 * SECOND) {
      this.#steadySince = this.world.elapsed
      this.#steadyError = this.#error()
    }
  }

  /** how far the wall clock was set, or ran on in sleep that no clock shows */
  #error(): number {
    const { error, slept, hasUptime } = this.world
    return error + (hasUptime ? 0 : slept)
  }
}
