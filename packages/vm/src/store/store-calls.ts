import { VmError, type VmErrorDetail } from '../errors.ts'
import type { Clock } from '../time/clock.ts'
import type { MaybePromise } from './store.ts'

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
   * Makes a call and waits for it, unless the store answers at once; `what` names it in errors, such as `to commit an update`.
   *
   * @throws VmError `VM_READONLY` when the store is full; `VM_STORAGE` when it fails otherwise or does not settle in time
   */
  wait<T>(what: string, call: () => MaybePromise<T>, options: StoreCallOptions<T> = {}): MaybePromise<T> {
    let called: MaybePromise<T>
    try {
      called = call()
    } catch (cause) {
      throw storeError(what, cause, options.applied)
    }
    return isPromise(called) ? this.#settle(what, called, options) : called
  }

  async #settle<T>(what: string, called: Promise<T>, { applied = 'no', onLate }: StoreCallOptions<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const max = this.#timeoutMs
    const expire = (): void => {
      onLate?.(called)
      const detail = { retryable: true, applied, limit: 'storeTimeoutMs', max, got: max }
      reject(new VmError('VM_STORAGE', `the store did not answer the call ${what} in ${max} ms`, detail))
    }
    const pending: PendingCall = { deadline: this.#clock.monotonic() + max, expire }
    this.#pending.add(pending)
    this.#arm(max)
    try {
      return await Promise.race([called, late])
    } catch (cause) {
      throw cause instanceof VmError ? cause : storeError(what, cause, applied)
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

/** Whether a value has to be waited for; a store of a third party may return any thenable. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

function storeError(what: string, cause: unknown, applied: VmErrorDetail['applied'] = 'no'): VmError {
  if (cause instanceof VmError) {
    return cause
  }
  const isFull = (cause as { code?: unknown } | null | undefined)?.code === 'STORE_FULL'
  return isFull
    ? new VmError('VM_READONLY', `the store has no space left ${what}`, { retryable: true, cause })
    : new VmError('VM_STORAGE', `the store failed ${what}`, { retryable: true, applied, cause })
}

/** Calls `done` or `fail` once a call has settled. */
export async function settle(call: Promise<void>, done: () => void, fail: (err: unknown) => never): Promise<void> {
  try {
    await call
  } catch (err) {
    fail(err)
  }
  done()
}
