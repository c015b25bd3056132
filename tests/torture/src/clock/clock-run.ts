import { setImmediate as nextTurn } from 'node:timers/promises'
import { from } from '@sr/xr'
import { manualClock, type ManualClock } from '@sr/vm/testing'
import type { Authors } from '../authors.ts'
import { CallCount } from '../call-count.ts'
import { indexOf } from '../inspect.ts'
import { type Opened, openMachine } from '../open.ts'
import { isPlanted } from '../plant.ts'
import { below, pick, type Random, randomOf } from '../random.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const TEN_YEARS_MS = 10 * 365.25 * 24 * HOUR_MS
const START = Date.UTC(2025, 0)

/** Steady running after which a machine takes the wall clock for right: the README of `@sr/vm`. */
const PROBATION_MS = HOUR_MS

/** By how much the time of a machine may be off the wall clock that it trusts, milliseconds: closer it slews. */
const TOLERANCE_MS = MINUTE_MS

const STEPS = 14

/** Turns of the event loop without a call of the store after which the machine waits for its clock. */
const QUIET_TURNS = 5

export interface ClockCounts {
  steps: number
  updates: number
  restarts: number
  jumps: number
  deleted: number
}

type Violation = 'resurrected' | 'live hidden' | 'live deleted' | 'expired kept'

/** An update that was acknowledged: a pair of its own in the only record. */
interface Written {
  readonly name: string
  readonly hash: string
  readonly expires: number
  readonly writer: string
  /** whether it was hidden at a time that does not step back */
  ended: boolean
}

/** One machine after the other over one store, with clocks that are moved by seed. */
export class ClockRun {
  readonly counts: ClockCounts = { steps: 0, updates: 0, restarts: 0, jumps: 0, deleted: 0 }
  readonly violations: Array<readonly [Violation, string]> = []
  readonly #folder: string
  readonly #authors: Authors
  readonly #random: Random
  readonly #written: Written[] = []
  readonly #key = new TextEncoder().encode('clock')
  /** the clock of the computer: it runs on while no machine does */
  #clock: ManualClock = manualClock(START)
  #opened: Opened | undefined
  readonly #calls = new CallCount()
  /** since when the wall clock is where it is and a machine runs, by the monotonic clock */
  #steadySince = 0
  /** the time that a wall clock has confirmed by running steadily for an hour, and what has passed since: what expires later must not be deleted */
  #accepted = -Infinity
  /** whether a wall clock has, since the machine started */
  #isSettled = false

  constructor(folder: string, authors: Authors, seed: number) {
    this.#folder = folder
    this.#authors = authors
    this.#random = randomOf(seed)
  }

  async run(): Promise<void> {
    await this.#open()
    await this.#advance(HOUR_MS + MINUTE_MS)
    for (let step = 0; step < STEPS; step++) {
      await this.#step()
      this.counts.steps++
      await this.#check()
    }
    // in the end the wall clock is ten years ahead for long: then it is the time
    this.#jump(TEN_YEARS_MS)
    await this.#advance(HOUR_MS + 5 * MINUTE_MS)
    await this.#check()
    await this.#opened?.machine.close()
  }

  async #step(): Promise<void> {
    const kind = below(this.#random, 8)
    if (kind <= 2) {
      for (let n = 0; n < 8; n++) await this.#write()
    } else if (kind === 3) {
      await this.#advance(pick(this.#random, [1000, MINUTE_MS, 10 * MINUTE_MS, 2 * HOUR_MS]))
    } else if (kind === 4) {
      await this.#restart(() => {})
    } else {
      // a wrong clock, for less than the hour in which it counts as wrong; the machine runs through the change or starts after it
      const by = pick(this.#random, [-HOUR_MS, TEN_YEARS_MS, TEN_YEARS_MS])
      await this.#change(by)
      await this.#advance(pick(this.#random, [1000, 5 * MINUTE_MS, 50 * MINUTE_MS]))
      await this.#check()
      await this.#write()
      await this.#change(-by)
    }
  }

  async #change(by: number): Promise<void> {
    if (this.#random() < 0.5) this.#jump(by)
    else await this.#restart(() => this.#jump(by))
    await this.#advance(1000)
  }

  #jump(by: number): void {
    this.#clock.set(this.#clock.now() + by)
    this.#steadySince = this.#clock.monotonic()
    this.counts.jumps++
  }

  async #open(): Promise<void> {
    const jumps = isPlanted('jump')
    const clock = jumps ? { ...this.#clock, monotonic: () => this.#clock.now() } : this.#clock
    this.#opened = await openMachine({
      folder: this.#folder,
      authors: this.#authors,
      durable: false,
      init: { clock, limits: { storeTimeoutMs: 1e12 } },
      wrap: (store) => this.#calls.count(store),
    })
    this.#steadySince = this.#clock.monotonic()
    this.#isSettled = false
  }

  async #restart(change: () => void): Promise<void> {
    await this.#opened?.machine.close()
    change()
    this.counts.restarts++
    await this.#open()
  }

  /** Moves the clocks on, a minute at a time; the store answers in real time. */
  async #advance(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= MINUTE_MS) {
      const step = Math.min(left, MINUTE_MS)
      await this.#clock.advance(step)
      this.#opened?.machine.time()
      await this.#settle()
      if (this.#clock.monotonic() - this.#steadySince >= PROBATION_MS) {
        this.#isSettled = true
        this.#accepted = Math.max(this.#accepted + step, this.#clock.now())
      } else if (this.#isSettled) {
        // a wall clock that is wrong does not stop the time
        this.#accepted += step
      }
    }
  }

  /** Waits until the machine has no call of the store under way, and makes none for some turns of the event loop. */
  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      if (this.#calls.underWay > 0) quiet = 0
      await nextTurn()
    }
  }

  async #write(): Promise<void> {
    const { machine } = this.#opened as Opened
    const { now, confirmed } = machine.time()
    const author = pick(this.#random, this.#authors.all)
    const name = `p${this.counts.updates}`
    const expires = now + pick(this.#random, [30_000, 10 * MINUTE_MS, 3 * HOUR_MS, 60 * HOUR_MS])
    const update = {
      key: this.#key,
      seq: now * 1000 + this.counts.updates,
      expires,
      retain: expires,
      body: from({ [name]: true }),
    }
    try {
      const { hash } = await machine.update(await author.sign(update))
      this.counts.updates++
      this.#written.push({ name, hash, expires, writer: author.writer, ended: false })
    } catch (err) {
      const { code } = err as { code?: string }
      if (confirmed || code !== 'VM_CLOCK') throw err
    }
  }

  /** Compares what is shown and stored with the times. */
  async #check(): Promise<void> {
    const { machine } = this.#opened as Opened
    const { now, confirmed } = machine.time()
    const shown = new Set<string>()
    for (const { document } of (await machine.get(this.#key)).documents.values()) {
      for (const [name] of document) shown.add(String(name))
    }
    const stored = new Set((await indexOf(machine)).map(({ hash }) => hash))
    this.counts.deleted = this.#written.length - stored.size
    // an update that has expired may be the one that last said that the document is a Dict: it stays with the last pair of its writer
    const alive = new Set(this.#written.filter((one) => one.expires > now).map(({ writer }) => writer))
    const isFinal = this.#clock.monotonic() - this.#steadySince >= PROBATION_MS
    for (const one of this.#written) {
      const text = `${one.name}, which expires at ${one.expires - START}; the time is ${now - START}, accepted ${this.#accepted - START}`
      const isShown = shown.has(one.name)
      if (isShown && (one.ended || one.expires <= now)) this.violations.push(['resurrected', text])
      if (!isShown && one.expires > now && one.expires > this.#accepted + TOLERANCE_MS)
        this.violations.push(['live hidden', text])
      if (!stored.has(one.hash) && one.expires > this.#accepted + TOLERANCE_MS)
        this.violations.push(['live deleted', text])
      const isDue = isFinal && one.expires < this.#clock.now() - 5 * MINUTE_MS && !alive.has(one.writer)
      if (stored.has(one.hash) && isDue) this.violations.push(['expired kept', text])
      // a restart may lose the last minute: the time is saved as often. Before an hour of a steady clock, time may step back
      one.ended ||=
        !isShown && confirmed && this.#isSettled && one.expires <= Math.min(now, this.#accepted) - TOLERANCE_MS
    }
  }
}
