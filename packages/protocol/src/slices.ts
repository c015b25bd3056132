import { SLICE_MS } from './limits.ts'

/**
 * Work in pieces: a generator that yields between two of them, about every tenth of a millisecond, and returns the
 * result. Code that may not wait runs it with {@link runAtOnce}, code on a server with {@link runInSlices}.
 */
export type SlicedWork<T> = Generator<void, T, void>

/**
 * Runs work in slices of about 2 ms, and waits for `turn` between them.
 *
 * @throws what the work or `turn` throws
 * @example
 * ```ts
 * import { runInSlices } from '@sr/protocol'
 *
 * function* sum(numbers: number[]) {
 *   let total = 0
 *   for (const number of numbers) {
 *     total += number
 *     yield
 *   }
 *   return total
 * }
 * console.log(await runInSlices(sum([1, 2, 3]), async () => {})) // 6
 * ```
 */
export async function runInSlices<T>(work: SlicedWork<T>, turn: () => Promise<void>): Promise<T> {
  for (let since = performance.now(); ;) {
    const { done, value } = work.next()
    if (done === true) {
      return value
    }
    if (performance.now() - since > SLICE_MS) {
      await turn()
      since = performance.now()
    }
  }
}

/** Runs work without a pause. */
export function runAtOnce<T>(work: SlicedWork<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) {
      return value
    }
  }
}
