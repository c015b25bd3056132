import { Fault } from './fault.ts'
import type { Outcome, Target } from './targets/target.ts'

/** Longest an input may keep a decoder, milliseconds; inputs up to so many bytes. */
export const MAX_MS = 50
const MAX_TIMED_BYTES = 64 * 1024

/** Times a slow decoding is repeated: it may have been compiled meanwhile, or swept up behind others. */
const REPEATS = 5

/** Runs a target on an input; whatever is thrown is a fault. */
export function check(target: Target, input: Uint8Array, turn: number): Outcome {
  try {
    return target.run(input, turn)
  } catch (error) {
    if (error instanceof Fault) throw error
    const name =
      error instanceof Error ? `${error.name} ${(error as { code?: string }).code ?? ''}`.trim() : typeof error
    throw new Fault(
      `${name} out of what was accepted`,
      error instanceof Error ? (error.stack ?? error.message) : '',
      error,
    )
  }
}

/** Times the decoding of an input that took long with all its checks. */
export function checkTime(target: Target, input: Uint8Array): void {
  if (input.length > MAX_TIMED_BYTES) return
  let least = Infinity
  for (let i = 0; i < REPEATS && least > MAX_MS; i++) {
    const start = cpuMs()
    try {
      target.decode(input)
    } catch {
      // refusals take their time too
    }
    least = Math.min(least, cpuMs() - start)
  }
  if (least > MAX_MS) throw new Fault('slow', `${least.toFixed(0)} ms for ${input.length} bytes`)
}

// What other programs take from this one is no fault of the decoder.
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** The fault of an input, if it has one. */
export function faultOf(target: Target, input: Uint8Array, turn: number): Fault | undefined {
  try {
    const start = performance.now()
    check(target, input, turn)
    if (performance.now() - start >= MAX_MS) checkTime(target, input)
    return undefined
  } catch (error) {
    return error as Fault
  }
}
