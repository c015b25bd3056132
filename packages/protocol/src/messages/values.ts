import type { CborValue } from '@sr/xr/cbor'
import { ProtocolError } from '../errors.ts'

/** The error for an element of another type or range than expected. */
export function malformed(expected: string, found: CborValue | undefined): ProtocolError {
  return new ProtocolError('PROTOCOL_PROTO', `expected ${expected}, found ${show(found)}`)
}

function show(value: CborValue | undefined): string {
  if (value === undefined) {
    return 'nothing'
  }
  return typeof value === 'object' && value !== null
    ? value instanceof Uint8Array
      ? `${value.length} bytes`
      : value instanceof Map
        ? 'a map'
        : 'a list'
    : String(JSON.stringify(value))
}

export function list(value: CborValue | undefined): readonly CborValue[] {
  if (!Array.isArray(value)) {
    throw malformed('a list', value)
  }
  return value
}

export function map(value: CborValue | undefined): ReadonlyMap<string, CborValue> {
  if (!(value instanceof Map)) {
    throw malformed('a map', value)
  }
  return value
}

export function bytes(value: CborValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw malformed('bytes', value)
  }
  return value
}

export function text(value: CborValue | undefined): string {
  if (typeof value !== 'string') {
    throw malformed('a text', value)
  }
  return value
}

export function bool(value: CborValue | undefined): boolean {
  if (typeof value !== 'boolean') {
    throw malformed('a boolean', value)
  }
  return value
}

export function integer(value: CborValue | undefined, min: number = 0, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || value < min || value > max) {
    throw malformed(`an integer from ${min} to ${max}`, value)
  }
  return value
}
