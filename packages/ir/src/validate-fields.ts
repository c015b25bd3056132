import { IrError } from './errors.ts'
import { MAX_RETAIN_MS, seqTime, type UpdateDraft } from './update.ts'

const HASH_DIGITS = 64

/**
 * Checks the seq and the instants of an update.
 *
 * @throws IrError `IR_STAMP`, `IR_EXPIRES` or `IR_RETAIN`
 */
export function assertFields({ seq, expires, retain }: UpdateDraft): void {
  if (!isInstant(seq)) {
    throw new IrError('IR_STAMP', `expected an integer from 0 to 2^53 - 1 as seq, got ${seq}`)
  }
  if (!isInstant(expires)) {
    throw new IrError('IR_EXPIRES', `expected an integer of milliseconds from 0 as expires, got ${expires}`)
  }
  if (!isInstant(retain)) {
    throw new IrError('IR_RETAIN', `expected an integer of milliseconds from 0 as retain, got ${retain}`)
  }
  if (retain < expires) {
    throw new IrError('IR_RETAIN', `expected expires at or before retain ${retain}, got ${expires}`, {
      max: retain,
      got: expires,
    })
  }
  const last = seqTime(seq) + MAX_RETAIN_MS
  if (retain > last) {
    throw new IrError(
      'IR_RETAIN',
      `expected retain at most 30 days after the seq time, ${last}, got ${retain} (seq is in microseconds, retain in milliseconds)`,
      { max: last, got: retain },
    )
  }
}

/** @throws IrError `IR_STAMP` when `hash` is not 64 lower-case hex digits */
export function assertHash(hash: unknown): asserts hash is string {
  if (!isHash(hash)) {
    throw new IrError(
      'IR_STAMP',
      `expected 64 lower-case hex digits as hash, got ${typeof hash === 'string' ? `a string of ${hash.length} characters` : typeof hash}`,
    )
  }
}

/** 1 for each character code of a lower-case hex digit. */
const IS_DIGIT: Uint8Array = Uint8Array.from({ length: 128 }, (_, unit) =>
  /[0-9a-f]/.test(String.fromCharCode(unit)) ? 1 : 0,
)

// runs for every update: a table avoids the unpredictable branch per digit of a regular expression
function isHash(hash: unknown): boolean {
  if (typeof hash !== 'string' || hash.length !== HASH_DIGITS) {
    return false
  }
  let all = 1
  for (let i = 0; i < HASH_DIGITS; i++) {
    all &= IS_DIGIT[hash.charCodeAt(i)] ?? 0
  }
  return all === 1
}

function isInstant(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
