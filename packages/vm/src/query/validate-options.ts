import { MAX_STEPS } from '@sr/xr/selector'
import { VmError } from '../errors.ts'
import { MAX_CURSOR_BYTES } from './cursor.ts'

/** Writers and tags that one call may name. */
const MAX_NAMES = 1024

/** Options of any read, as a caller may give them. */
type Given = { readonly [name: string]: unknown }

/** What is wrong with each option that is given, by name. */
const CHECKS: { readonly [name: string]: (value: never) => boolean } = {
  writers: isNames,
  tags: isNames,
  at: (value: unknown) => Array.isArray(value) && value.length <= MAX_STEPS,
  after: (value: unknown) => isBytes(value) && value.length <= MAX_CURSOR_BYTES,
  have: isRevision,
  from: isRevision,
  maxBytes: (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1024,
  limit: (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1,
  as: (value: unknown) => value === 'view' || value === 'updates',
  renewed: (value: unknown) => typeof value === 'boolean',
  signal: (value: unknown) => typeof (value as AbortSignal | null)?.aborted === 'boolean',
}

/** What each option has to be. */
const EXPECTED: { readonly [name: string]: string } = {
  writers: `up to ${MAX_NAMES} texts`,
  tags: `up to ${MAX_NAMES} texts`,
  at: `up to ${MAX_STEPS} nodes`,
  after: `a Uint8Array of up to ${MAX_CURSOR_BYTES} bytes`,
  have: 'a revision { epoch, counter }',
  from: 'a revision { epoch, counter }',
  maxBytes: 'an integer from 1,024',
  limit: 'an integer from 1',
  as: "'view' or 'updates'",
  renewed: 'a boolean',
  signal: 'an AbortSignal',
}

/** Returns an error if the options of a read are invalid; what is undefined counts as absent. */
export function validateOptions(options: unknown): VmError | undefined {
  if (typeof options !== 'object' || options === null) {
    return new VmError('VM_OPTION', `the options are ${String(options)}; expected an object`)
  }
  for (const [name, check] of Object.entries(CHECKS)) {
    const value = (options as Given)[name]
    if (value !== undefined && !check(value as never)) {
      const code = name === 'after' ? 'VM_CURSOR' : 'VM_OPTION'
      return new VmError(code, `${name} is ${describe(value)}; expected ${EXPECTED[name]}`, { limit: name })
    }
  }
  return undefined
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.length <= MAX_NAMES && value.every((name) => typeof name === 'string')
}

function isRevision(value: unknown): boolean {
  const { epoch, counter } = (value ?? {}) as Given
  return isBytes(epoch) && Number.isSafeInteger(counter) && (counter as number) >= 0
}

function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]'
}

function describe(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value).slice(0, 80) : `a ${typeof value}`
}

/** Returns an error if a selector is no list of steps. More steps than a selector may have are refused when it is read. */
export function validateSelector(selector: unknown): VmError | undefined {
  return Array.isArray(selector)
    ? undefined
    : new VmError('VM_OPTION', `the selector is ${describe(selector)}; expected a list, such as parseSelector returns`)
}

/** Returns an error if a value is no text. */
export function validateText(name: string, value: unknown): VmError | undefined {
  return typeof value === 'string'
    ? undefined
    : new VmError('VM_OPTION', `the ${name} is ${describe(value)}; expected a text`)
}

/** Returns an error if a page of the index is invalid. */
export function validateIndexPage(page: unknown): VmError | undefined {
  const { limit, until, after } = (page ?? {}) as Given
  const { record, hash, retain } = (after ?? { record: '', hash: '', retain: 0 }) as Given
  const isPlace = typeof record === 'string' && typeof hash === 'string' && Number.isFinite(retain)
  const isRange =
    Number.isSafeInteger(limit) && (limit as number) >= 1 && (until === undefined || typeof until === 'number')
  return isPlace && isRange
    ? undefined
    : new VmError('VM_OPTION', 'the page of the index is invalid; expected { limit, until?, after? }')
}
