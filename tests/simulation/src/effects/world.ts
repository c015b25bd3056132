import type { ProbeOptions, Prober } from '@sr/grammar-base'
import type { ManualClock } from '@sr/vm/testing'
import type { Random } from '@sr/tests-kit/random'

/** What is at an address; `broken` is a fault of this side. */
export type Behaviour =
  | { readonly kind: 'up'; readonly ms: number }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'broken' }

/** What was observed at an address. */
export interface Observation {
  readonly address: string
  /** effective time when the probe was requested, milliseconds */
  readonly at: number
  readonly reached: boolean
}

/** Dials under way at once; further ones wait, as in the dial queue of libp2p. */
const SLOTS = 3

/** The network that the machine sees: what is at each address, and everything observed there. */
export class World implements Prober {
  readonly observations: Observation[] = []
  /** what the machine did that it must not do; an effect that throws would not end the schedule */
  violation: string | undefined
  probes = 0
  readonly #clock: ManualClock
  readonly #random: Random
  /** effective time of the machine */
  readonly #now: () => number
  readonly #behaviours = new Map<string, Behaviour>()
  /** addresses that are dialled or wait for it */
  readonly #busy = new Set<string>()
  #free = SLOTS
  readonly #waiting: Array<() => void> = []

  constructor(clock: ManualClock, random: Random, now: () => number) {
    this.#clock = clock
    this.#random = random
    this.#now = now
  }

  behaviour(address: string): Behaviour {
    return this.#behaviours.get(address) ?? { kind: 'refuse' }
  }

  /** Gives an address another behaviour. */
  change(address: string, kinds: ReadonlyArray<Behaviour['kind']>): void {
    const kind = this.#random.pick(kinds)
    const ms = this.#random.pick([5, 300, 800, 3000])
    this.#behaviours.set(address, kind === 'up' ? { kind, ms } : { kind })
  }

  async probe(address: string, { signal, timeoutMs }: ProbeOptions): Promise<boolean> {
    if (this.#busy.has(address)) this.violation = `two dials of ${address} at once`
    const at = this.#now()
    this.#busy.add(address)
    this.probes++
    try {
      await this.#slot(signal)
      try {
        const reached = await this.#dial(address, signal, timeoutMs)
        this.observations.push({ address, at, reached })
        return reached
      } finally {
        this.#free++
        this.#waiting.shift()?.()
      }
    } finally {
      this.#busy.delete(address)
    }
  }

  async #slot(signal: AbortSignal): Promise<void> {
    if (this.#free === 0) {
      await this.#until(signal, (done) => {
        this.#waiting.push(done)
        return () => {
          this.#waiting.splice(this.#waiting.indexOf(done), 1)
        }
      })
    }
    signal.throwIfAborted()
    this.#free--
  }

  async #dial(address: string, signal: AbortSignal, timeoutMs: number): Promise<boolean> {
    const behaviour = this.behaviour(address)
    if (behaviour.kind === 'broken') throw new Error('no route to the network')
    const ms = behaviour.kind === 'up' ? behaviour.ms : behaviour.kind === 'refuse' ? 10 : Infinity
    await this.#until(signal, (done) => this.#clock.after(Math.min(ms, timeoutMs), done))
    return behaviour.kind === 'up' && ms < timeoutMs
  }

  /** Waits until `start` calls back, or rejects when the signal aborts. */
  async #until(signal: AbortSignal, start: (done: () => void) => () => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const cancel = start(resolve)
    signal.addEventListener('abort', () => {
      cancel()
      reject(signal.reason as Error)
    })
    await promise
  }
}
