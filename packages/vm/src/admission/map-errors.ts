import type { IrErrorCode } from '@sr/ir'
import type { Path, XrErrorCode } from '@sr/xr'
import { VmError, type VmErrorCode } from '../errors.ts'
import type { UpdateErrorCode } from './codec-port.ts'

/** The status of every error code that decoding and validation may throw; the compiler refuses a record that misses one. */
const STATUS: Readonly<Record<XrErrorCode | IrErrorCode | UpdateErrorCode, VmErrorCode>> = {
  XR_KIND: 'VM_DOC',
  XR_VALUE: 'VM_VALUE',
  XR_SYNTAX: 'VM_DOC',
  XR_FORM: 'VM_DOC',
  XR_DUPLICATE: 'VM_DOC',
  XR_DEPTH: 'VM_DEPTH',
  XR_NODES: 'VM_NODES',
  XR_SIZE: 'VM_TOO_LARGE',
  XR_STRING: 'VM_VALUE',
  XR_BYTES: 'VM_VALUE',
  XR_INT: 'VM_VALUE',
  XR_CYCLE: 'VM_DOC',
  IR_STAMP: 'VM_DOC',
  IR_EXPIRES: 'VM_TTL',
  IR_RETAIN: 'VM_TTL',
  IR_BODY: 'VM_DOC',
  IR_OPERATOR: 'VM_DOC',
  IR_TTL: 'VM_TTL',
  IR_MEMBER: 'VM_DOC',
  IR_GRAMMAR: 'VM_DOC',
  IR_UNVALIDATED: 'VM_DOC',
  UPDATE_SIZE: 'VM_TOO_LARGE',
  UPDATE_ENVELOPE: 'VM_SIG',
  UPDATE_FORM: 'VM_DOC',
  UPDATE_KEY: 'VM_KEY',
  UPDATE_NETWORK: 'VM_SIG',
  UPDATE_WRITER: 'VM_WRITER',
  UPDATE_SIGNATURE: 'VM_SIG',
  UPDATE_CONFIG: 'VM_INTERNAL',
}

/** The properties that errors of the layers below have. */
interface LayerError {
  readonly code: keyof typeof STATUS
  readonly message: string
  readonly path?: Path
  readonly limit?: string
  readonly max?: number
  readonly got?: number
}

/** An error of a layer below as a `VmError` with that error as its `cause`; any other value unchanged. */
export function toVmError(cause: unknown): unknown {
  if (!isLayerError(cause)) {
    return cause
  }
  const detail = Object.entries({ path: cause.path, limit: cause.limit, max: cause.max, got: cause.got })
  return new VmError(STATUS[cause.code], cause.message, {
    cause,
    ...Object.fromEntries(detail.filter(([, value]) => value !== undefined)),
  })
}

function isLayerError(cause: unknown): cause is LayerError {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && Object.hasOwn(STATUS, code)
}

/** Runs a step and throws what it throws as {@link toVmError} gives it. */
export async function mapErrors<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (err) {
    throw toVmError(err)
  }
}
