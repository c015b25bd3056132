import type { Path } from '@sr/xr'
import { VmError, type VmErrorCode } from './errors.ts'

/** The codes of the layers below, as refusals. What is not here and no limit is no lawful update. */
const CODES: Readonly<Record<string, VmErrorCode>> = {
  XR_DEPTH: 'VM_DEPTH',
  XR_NODES: 'VM_NODES',
  XR_SIZE: 'VM_TOO_LARGE',
  XR_STRING: 'VM_VALUE',
  XR_BYTES: 'VM_VALUE',
  XR_INT: 'VM_VALUE',
  XR_VALUE: 'VM_VALUE',
  IR_TTL: 'VM_TTL',
  IR_EXPIRES: 'VM_TTL',
  IR_RETAIN: 'VM_TTL'
}

/** What errors of the layers below have in common. */
interface Told { code?: unknown, path?: Path, limit?: string, max?: number, got?: number, message?: unknown }

/** An error of decoding or merging as this machine's refusal; `cause` keeps the one that names its layer. */
export function refusalOf (cause: unknown): VmError {
  if (cause instanceof VmError) {
    return cause
  }
  const { code, path, limit, max, got, message } = (typeof cause === 'object' && cause !== null ? cause : {}) as Told
  const name = typeof code === 'string' ? code : ''
  return new VmError(/_SIG(NATURE)?$/.test(name) ? 'VM_SIG' : CODES[name] ?? 'VM_DOC', String(message ?? cause), {
    cause,
    ...(path === undefined ? {} : { path }),
    ...(limit === undefined ? {} : { limit }),
    ...(max === undefined ? {} : { max }),
    ...(got === undefined ? {} : { got })
  })
}

/** Runs a step whose errors are the update's fault. */
export async function refusing<T> (step: () => T | Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (err) {
    throw refusalOf(err)
  }
}

/** Throws a refusal, if there is one. */
export function refuse (refusal: VmError | undefined): void {
  if (refusal !== undefined) {
    throw refusal
  }
}
