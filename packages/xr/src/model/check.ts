import { describe } from './describe.ts'
import { XrError } from './errors.ts'
import { kindOrNone } from './kind.ts'
import { MAX_DEPTH, MAX_INT_BITS, overLimit } from './limits.ts'
import type { Node } from './node.ts'
import { isUint8Array } from './realm.ts'

const INT_END = 1n << BigInt(MAX_INT_BITS)

/**
 * Returns a value that is a valid node, -0 as 0, and throws for any other. Containers were checked
 * when they were built, so only the value itself is checked.
 *
 * @throws XrError `XR_KIND`, `XR_VALUE` or `XR_INT`
 */
export function check(value: Node): Node {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) {
        throw new XrError('XR_VALUE', 'a String must be well-formed Unicode, found a lone surrogate')
      }
      return value
    case 'number':
      if (!Number.isFinite(value)) {
        throw new XrError('XR_VALUE', `a Float must be finite, not ${value}`)
      }
      return value === 0 ? 0 : value
    case 'bigint':
      if (value >= INT_END || value <= -INT_END) {
        throw overLimit('int', MAX_INT_BITS, bitsOf(value))
      }
      return value
    case 'boolean':
      return value
    default:
      if (kindOrNone(value) === undefined) {
        throw new XrError('XR_KIND', `${describe(value)} is none of the eight kinds`)
      }
      return value
  }
}

/**
 * How many bits the magnitude of an Int has, the measure of the limit `int`.
 *
 * @example
 * ```ts
 * import { bitsOf } from '@sr/xr/codec-kit'
 *
 * console.log(bitsOf(255n), bitsOf(-256n)) // 8 9
 * ```
 */
export function bitsOf(value: bigint): number {
  const hex = (value < 0n ? -value : value).toString(16)
  return value === 0n ? 0 : hex.length * 4 - Math.clz32(Number.parseInt(hex.charAt(0), 16)) + 28
}

/** Containers on the longest path down from a node, itself included; 0 for a leaf. */
export function depthOf(node: Node): number {
  return typeof node === 'object' && !isUint8Array(node) ? node.depth : 0
}

/** The depth of a container over children of at most `inner`, refused above the hard maximum. */
export function depthOver(inner: number): number {
  if (inner >= MAX_DEPTH) {
    throw overLimit('depth', MAX_DEPTH, inner + 1)
  }
  return inner + 1
}
