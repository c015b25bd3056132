import { raceSignal } from '@sr/runtime'
import { VmError } from './errors.ts'
import type { MachineEvent } from './observe.ts'

/** Codes of failures of this machine; the others refuse a call. */
const FAILURES: ReadonlySet<string> = new Set(['VM_INTERNAL', 'VM_STORAGE', 'VM_READONLY', 'VM_CORRUPT'])

/** Whether an error is a failure of this machine, and no refusal. */
export function isFailure(cause: unknown): boolean {
  return !(cause instanceof VmError) || FAILURES.has(cause.code)
}

/** The calls from outside that are under way. */
export class Calls {
  readonly #observers: ReadonlyArray<(event: MachineEvent) => void>
  readonly #inactive = Promise.withResolvers<void>()
  #active = 0
  #state: 'new' | 'starting' | 'running' | 'closed' = 'new'

  /** `observers` receive every refusal and failure; what they throw is discarded. */
  constructor(observers: ReadonlyArray<(event: MachineEvent) => void>) {
    this.#observers = observers
  }

  get state(): 'new' | 'starting' | 'running' | 'closed' {
    return this.#state
  }

  set state(state: 'starting' | 'running' | 'closed') {
    this.#state = state
  }

  /** @throws VmError `VM_SHUTDOWN` before the start and after the end */
  assertRunning(): void {
    if (this.#state !== 'running') {
      throw new VmError('VM_SHUTDOWN', `the machine is ${this.#state}; expected running`, { retryable: true })
    }
  }

  /**
   * Runs a call until its signal aborts: work that has begun then goes on, and its result is not waited for. What it throws is a
   * VmError, or the reason of the caller's signal.
   */
  async run<T>(call: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      this.assertRunning()
      signal?.throwIfAborted()
      const counted = this.#count(work)
      return await (signal === undefined ? counted : raceSignal(counted, signal))
    } catch (cause) {
      if (signal?.aborted === true && cause === signal.reason) {
        throw cause
      }
      const error =
        cause instanceof VmError
          ? cause
          : new VmError('VM_INTERNAL', 'the machine failed', { applied: 'unknown', cause })
      this.report({ type: isFailure(error) ? 'failed' : 'refused', call, code: error.code, message: error.message })
      throw error
    }
  }

  /** Reports an event to the operator. */
  report(event: MachineEvent): void {
    for (const observe of this.#observers) {
      try {
        observe(event)
      } catch {
        // the observer's own fault, which must not stop the machine
      }
    }
  }

  /** Resolves when no call is under way; a closed machine begins no other. */
  async idle(): Promise<void> {
    if (this.#active > 0) {
      await this.#inactive.promise
    }
  }

  async #count<T>(work: () => Promise<T>): Promise<T> {
    this.#active++
    try {
      return await work()
    } finally {
      this.#active--
      if (this.#active === 0 && this.#state === 'closed') {
        this.#inactive.resolve()
      }
    }
  }
}
