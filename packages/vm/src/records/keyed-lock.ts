import { VmError } from '../errors.ts'

/** How a call waits for a lock. */
export interface LockOptions {
  /** ends the wait with its reason; it does not end work that has begun */
  readonly signal?: AbortSignal | undefined
  /** longest queue that the call joins; default: any */
  readonly maxWaiting?: number
}

interface Waiter {
  readonly start: () => void
  readonly reject: (reason: unknown) => void
}

/** A mutex per key: work under one key runs one at a time in call order; work under different keys runs concurrently. */
export class KeyedLock {
  /** key under which work runs → calls that wait for it */
  readonly #waiting = new Map<string, Set<Waiter>>()
  #idle: PromiseWithResolvers<void> | undefined
  #abandoned: { readonly reason: unknown } | undefined

  /**
   * Runs `work` after everything queued for this key. `work` must not call `run` with the same key: it would wait for
   * itself. A call that gives up while it waits leaves nothing behind.
   *
   * @throws VmError `VM_BUSY` when `maxWaiting` calls wait already; the signal's reason
   */
  async run<T>(key: string, work: () => Promise<T>, { signal, maxWaiting = Infinity }: LockOptions = {}): Promise<T> {
    if (this.#abandoned !== undefined) {
      throw this.#abandoned.reason
    }
    signal?.throwIfAborted()
    const queue = this.#waiting.get(key)
    if (queue === undefined) {
      this.#waiting.set(key, new Set())
    } else {
      if (queue.size >= maxWaiting) {
        throw new VmError('VM_BUSY', `${queue.size} calls wait for this record; the limit is ${maxWaiting}`, {
          limit: 'waitersPerRecord',
          max: maxWaiting,
          got: queue.size + 1,
          retryable: true,
        })
      }
      await wait(queue, signal)
    }
    try {
      return await work()
    } finally {
      this.#next(key)
    }
  }

  /** Whether work runs under a key. */
  isHeld(key: string): boolean {
    return this.#waiting.has(key)
  }

  /** Resolves when no work runs or waits. */
  async idle(): Promise<void> {
    if (this.#waiting.size > 0) {
      this.#idle ??= Promise.withResolvers<void>()
      await this.#idle.promise
    }
  }

  /** Rejects all calls that wait, and all from now on. */
  abandon(reason: unknown): void {
    this.#abandoned = { reason }
    for (const queue of this.#waiting.values()) {
      for (const { reject } of queue) {
        reject(reason)
      }
      queue.clear()
    }
  }

  #next(key: string): void {
    const queue = this.#waiting.get(key)
    const [first] = queue ?? []
    if (first === undefined) {
      this.#waiting.delete(key)
      if (this.#waiting.size === 0) {
        this.#idle?.resolve()
        this.#idle = undefined
      }
    } else {
      queue?.delete(first)
      first.start()
    }
  }
}

/** Joins a queue; resolves when the lock is passed on to this call. */
async function wait(queue: Set<Waiter>, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const waiter: Waiter = { start: resolve, reject }
  const onAbort = (): void => {
    queue.delete(waiter)
    reject(signal?.reason)
  }
  queue.add(waiter)
  signal?.addEventListener('abort', onAbort)
  try {
    await promise
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
