import type { Path } from '@sr/xr'
import { VM_ERROR_CODES, VmError, type VmErrorCode } from './errors.ts'

/** What the layers below call by a name of their own: their codes without the prefix. */
const NAMES: Readonly<Record<string, VmErrorCode>> = {
  SIZE: 'VM_TOO_LARGE',
  STRING: 'VM_VALUE',
  BYTES: 'VM_VALUE',
  INT: 'VM_VALUE',
  EXPIRES: 'VM_TTL',
  RETAIN: 'VM_TTL',
  SIGNATURE: 'VM_SIG',
}

/** What errors of the layers below have in common. */
interface Told {
  code?: unknown
  path?: Path
  limit?: string
  max?: number
  got?: number
  message?: unknown
}

/** An error of decoding or merging as this machine's refusal; `cause` keeps the one that names its layer. */
export function refusalOf(cause: unknown): VmError {
  if (cause instanceof VmError) {
    return cause
  }
  const { code, path, limit, max, got, message } = (typeof cause === 'object' && cause !== null ? cause : {}) as Told
  return new VmError(codeFor(code), String(message ?? cause), {
    cause,
    ...(path === undefined ? {} : { path }),
    ...(limit === undefined ? {} : { limit }),
    ...(max === undefined ? {} : { max }),
    ...(got === undefined ? {} : { got }),
  })
}

/** `XR_DEPTH` is `VM_DEPTH`; what has no name here is no lawful update. */
function codeFor(code: unknown): VmErrorCode {
  const name = typeof code === 'string' ? code.slice(code.indexOf('_') + 1) : ''
  return (
    VM_ERROR_CODES.find((own) => own === `VM_${name}`) ??
    (Object.hasOwn(NAMES, name) ? NAMES[name] : undefined) ??
    'VM_DOC'
  )
}

/** Runs a step whose errors are the update's fault. */
export async function refusing<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (err) {
    throw refusalOf(err)
  }
}

/** Throws a refusal, if there is one. */
export function refuse(refusal: VmError | undefined): void {
  if (refusal !== undefined) {
    throw refusal
  }
}
