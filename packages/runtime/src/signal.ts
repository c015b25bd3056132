import { after } from './timer.ts'

/** Settles as `promise` does, or rejects with the signal's reason as soon as it aborts. Without a signal it is `promise`. */
export async function raceSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) {
    return await promise
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => {
    reject(signal.reason)
  }
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) {
    onAbort()
  }
  try {
    return await Promise.race([aborted, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/**
 * Resolves after `ms` milliseconds, or as soon as the signal aborts.
 *
 * @throws RangeError when `ms` is negative or not a number
 */
export async function delay(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = after(ms, resolve)
  const onAbort = (): void => {
    resolve()
  }
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted === true) {
    resolve()
  }
  await promise
  cancel()
  signal?.removeEventListener('abort', onAbort)
}
