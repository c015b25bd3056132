import { check, checkTime, faultOf, MAX_MS } from './check.ts'
import { Coverage } from './coverage.ts'
import type { Fault } from './fault.ts'
import { generate } from './generate.ts'
import { minimise } from './minimise.ts'
import { change, partsOf } from './mutate/change.ts'
import { Random } from '@sr/tests-kit/random'
import { EVERY, type Target } from './targets/target.ts'

/** What one run is to do. */
export interface Plan {
  seed: string
  /** ends after so many executions, or so many milliseconds, whatever comes first */
  executions: number
  ms: number
  /** ends with the first fault */
  first: boolean
}

/** What the run has come to. */
export interface Progress {
  executions: number
  accepted: number
  corpus: number
  edges: number
  /** the most steps that any input took per byte, of those of 256 bytes and more */
  steps: number
  ms: number
}

/** A finding. */
export interface Found {
  property: string
  message: string
  input: Uint8Array
  smallest: Uint8Array
  /** whether the input fails by itself, and not only after those before it */
  alone: boolean
  executions: number
  ms: number
}

/** Told of what happens. */
export interface Listener {
  /** an input is about to be run */
  next(input: Uint8Array): void
  found(found: Found): void
  progress(progress: Progress): void
}

/** Longest input that is made by some changes, and by few; by most it is the target's to say. */
const SOMETIMES = 2048
const RARELY = 60 * 1024
/** Executions between two reports, and looks at the clock. */
const REPORT = 8192
const LOOK = 256
/** Steps of an input that is quick, the checks counted: one of so many times as many is taken that much more seldom. */
const QUICK = 4096
/** Inputs from here on count for the most steps per byte, by size class. */
const LEAST_FOR_STEPS = 256

/** An input that showed something, and the work it made. */
interface Kept {
  input: Uint8Array
  work: number
}

/** Runs a target on inputs that lead to where none led before, changed again and again. */
export class Fuzz {
  readonly #target: Target
  readonly #plan: Plan
  readonly #listener: Listener
  readonly #random: Random
  readonly #coverage: Coverage
  readonly #tokens: readonly Uint8Array[]
  readonly #corpus: Kept[] = []
  readonly #known = new Set<string>()
  /** the most work an input of a size class has made, and per byte */
  readonly #work: number[] = []
  #steps = 0
  #executions = 0
  #accepted = 0
  readonly #start: number = performance.now()

  constructor(target: Target, edges: number, tokens: readonly Uint8Array[], plan: Plan, listener: Listener) {
    this.#target = target
    this.#plan = plan
    this.#listener = listener
    this.#random = new Random(`${plan.seed} ${target.name}`)
    this.#coverage = new Coverage(edges)
    this.#tokens = tokens
  }

  run(seeds: readonly Uint8Array[]): Progress {
    this.#coverage.forget()
    for (const seed of seeds) this.#execute(seed, this.#executions)
    if (this.#corpus.length === 0) this.#corpus.push({ input: this.#tokens[0] as Uint8Array, work: 0 })
    while (!this.#ended()) {
      const turn = this.#executions
      this.#execute(this.#next(), turn)
      if (turn % REPORT === 0) this.#listener.progress(this.progress())
    }
    return this.progress()
  }

  progress(): Progress {
    return {
      executions: this.#executions,
      accepted: this.#accepted,
      corpus: this.#corpus.length,
      edges: this.#coverage.edges,
      steps: this.#steps,
      ms: performance.now() - this.#start,
    }
  }

  #ended(): boolean {
    if (this.#plan.first && this.#known.size > 0) return true
    return (
      this.#executions >= this.#plan.executions ||
      (this.#executions % LOOK === 0 && performance.now() - this.#start >= this.#plan.ms)
    )
  }

  #next(): Uint8Array {
    const random = this.#random
    const { writers, shape } = this.#target
    const stock = {
      tokens: this.#tokens,
      donor: this.#pick(),
      most: random.once(32) ? (random.once(64) ? RARELY : SOMETIMES) : this.#target.most,
    }
    if (writers.length === 0 || !random.once(8)) return change(this.#pick(), random, stock, shape)
    const node = generate(random)
    this.#coverage.forget()
    const input = random.pick(writers)(node)
    this.#coverage.forget()
    return random.once(2) ? input : change(input, random, stock, shape)
  }

  /** An input of the corpus, late ones and quick ones more often. */
  #pick(): Uint8Array {
    const size = this.#corpus.length
    const one = this.#corpus[
      this.#random.once(2) ? this.#random.below(size) : size - 1 - this.#random.below(Math.min(size, 64))
    ] as Kept
    const other = this.#corpus[this.#random.below(size)] as Kept
    return one.work > other.work && !this.#random.once(2 + Math.floor(one.work / QUICK)) ? other.input : one.input
  }

  #execute(input: Uint8Array, turn: number): void {
    this.#executions++
    this.#listener.next(input)
    try {
      const start = performance.now()
      if (check(this.#target, input, turn).accepted) this.#accepted++
      const ms = performance.now() - start
      const { fresh, work } = this.#coverage.take()
      if (this.#isSlow(input, work) || fresh) this.#corpus.push({ input, work })
      // last, and not counted, since whether it is done depends on the clock
      if (ms >= MAX_MS) {
        checkTime(this.#target, input)
        this.#coverage.forget()
      }
    } catch (error) {
      this.#coverage.forget()
      this.#find(input, turn, error as Fault)
    }
  }

  /** Whether an input made more work than any of its size: such may lead to one that hangs. */
  #isSlow(input: Uint8Array, work: number): boolean {
    const size = 32 - Math.clz32(input.length)
    if (work <= (this.#work[size] ?? 0) * 1.1) return false
    this.#work[size] = work
    if (input.length >= LEAST_FOR_STEPS) this.#steps = Math.max(this.#steps, work / input.length)
    return true
  }

  #find(input: Uint8Array, turn: number, fault: Fault): void {
    if (this.#known.has(fault.property)) return
    this.#known.add(fault.property)
    const { executions, ms } = this.progress()
    const sameFault = (candidate: Uint8Array): boolean => {
      this.#listener.next(candidate)
      return faultOf(this.#target, candidate, EVERY)?.property === fault.property
    }
    const alone = sameFault(input)
    const smallest = alone ? minimise(input, sameFault, (one) => partsOf(one, this.#target.shape)) : input
    this.#coverage.forget()
    this.#listener.found({
      property: fault.property,
      message: faultOf(this.#target, smallest, EVERY)?.message ?? `${fault.message} (in turn ${turn})`,
      input,
      smallest,
      alone,
      executions,
      ms,
    })
    this.#coverage.forget()
  }
}
