import { VmError } from '../errors.ts'
import type { Clock } from '../time/clock.ts'

/** How {@link StoreCalls.wait} treats a call. */
export interface StoreCallOptions<T> {
  /** whether a failed call may have had its effect; default: no */
  readonly applied?: 'no' | 'unknown'
  /** receives a call that has not settled within its deadline */
  readonly onLate?: (call: Promise<T>) => void
}

interface PendingCall {
  readonly deadline: number
  readonly expire: () => void
}

/** Gives each call of a store a deadline. All calls share one timer, since there is a call for each update. */
export class StoreCalls {
  readonly #clock: Clock
  readonly #timeoutMs: number
  /** in the order of their deadlines */
  readonly #pending = new Set<PendingCall>()
  #armed = false

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /**
   * Waits for a call; `what` names it in errors, such as `to commit an update`.
   *
   * @throws VmError `VM_STORAGE` when it fails or does not settle in time
   */
  async wait<T>(
    what: string,
    call: () => Promise<T>,
    { applied = 'no', onLate }: StoreCallOptions<T> = {},
  ): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const calling = start(call)
    const max = this.#timeoutMs
    const expire = (): void => {
      onLate?.(calling)
      const detail = { retryable: true, applied, limit: 'storeTimeoutMs', max, got: max }
      reject(new VmError('VM_STORAGE', `the store did not answer the call ${what} in ${max} ms`, detail))
    }
    const pending: PendingCall = { deadline: this.#clock.monotonic() + max, expire }
    this.#pending.add(pending)
    this.#arm(max)
    try {
      return await Promise.race([calling, late])
    } catch (cause) {
      throw cause instanceof VmError
        ? cause
        : new VmError('VM_STORAGE', `the store failed ${what}`, { retryable: true, applied, cause })
    } finally {
      this.#pending.delete(pending)
    }
  }

  /** Sets the timer unless it is set. It is not cancelled: it finds out itself whether a call is late. */
  #arm(ms: number): void {
    if (!this.#armed && ms < Infinity) {
      this.#armed = true
      this.#clock.after(ms, () => {
        this.#armed = false
        this.#expire()
      })
    }
  }

  #expire(): void {
    const now = this.#clock.monotonic()
    for (const { deadline, expire } of this.#pending) {
      if (deadline > now) {
        this.#arm(deadline - now)
        return
      }
      expire()
    }
  }
}

/** A store of a third party may throw where it should reject. */
async function start<T>(call: () => Promise<T>): Promise<T> {
  return await call()
}
