import { XrError } from './errors.ts'
import type { Path } from './path.ts'

/** Limits of one document. Every decoder and the parser take all of them or some. */
export interface Limits {
  /** containers on the longest path down; a single leaf has depth 0 */
  depth: number
  /** nodes in all: every leaf and container, dict keys and argument names too */
  nodes: number
  /** bytes of the whole in natural dag-cbor, in whichever form it was encoded */
  size: number
  /** UTF-8 bytes of one String, a predicate's tag too */
  string: number
  /** bytes of one Bytes */
  bytes: number
  /** bits of the magnitude of one Int */
  int: number
}

/**
 * Maximum depth of any node, whatever the limits are: a constructor refuses more, so that recursion
 * over a node is bounded. Four times the default depth.
 */
export const MAX_DEPTH = 256

/** Largest Int of the data model, in bits; RSA-1024-sized, and small enough that decimal conversion stays cheap. */
export const MAX_INT_BITS = 1024

/**
 * The defaults. All replicas must accept the same documents, so these are part of the format, not policy.
 *
 * - depth 64: above any real document, below any stack (stock codecs overflow at 3,700 to 10,000)
 * - nodes 10,000: bounds the time to decode and merge, which grows with the nodes, not with the bytes
 * - size 256 KiB: one update; a frame is larger
 * - string 64 KiB, bytes 256 KiB: one value
 * - int 1024 bits
 */
export const LIMITS: Readonly<Limits> = Object.freeze({
  depth: 64,
  nodes: 10_000,
  size: 256 * 1024,
  string: 64 * 1024,
  bytes: 256 * 1024,
  int: MAX_INT_BITS,
})

const NAMES = Object.keys(LIMITS) as Array<keyof Limits>
const HARD: Partial<Limits> = { depth: MAX_DEPTH, int: MAX_INT_BITS }

/**
 * Completes a partial limits object with the defaults.
 *
 * @throws RangeError when a limit is not a number from 0 to the maximum of the model
 * @example
 * ```ts
 * import { limitsOf } from '@sr/xr'
 *
 * console.log(limitsOf({ nodes: 50 }).depth) // 64
 * ```
 */
export function limitsOf(partial?: Partial<Limits>): Readonly<Limits> {
  if (partial === undefined || partial === LIMITS) {
    return LIMITS
  }
  const limits: Limits = { ...LIMITS }
  for (const name of NAMES) {
    const value = partial[name]
    if (value === undefined) {
      continue
    }
    const hard = HARD[name] ?? Number.MAX_SAFE_INTEGER
    if (
      typeof value !== 'number' ||
      !(value >= 0) ||
      (value > hard && value !== Infinity) ||
      (value === Infinity && HARD[name] !== undefined)
    ) {
      throw new RangeError(`limit ${name} must be from 0 to ${hard}, not ${String(value)}`)
    }
    limits[name] = value
  }
  return limits
}

const CODES = {
  depth: 'XR_DEPTH',
  nodes: 'XR_NODES',
  size: 'XR_SIZE',
  string: 'XR_STRING',
  bytes: 'XR_BYTES',
  int: 'XR_INT',
} as const

const UNITS = {
  depth: 'levels',
  nodes: 'nodes',
  size: 'bytes',
  string: 'bytes',
  bytes: 'bytes',
  int: 'bits',
} as const

/**
 * The error for an exceeded limit, with the limit's name, its value and what was found.
 *
 * @example
 * ```ts
 * import { overLimit } from '@sr/xr'
 *
 * console.log(overLimit('depth', 64, 65).message) // depth is limited to 64 levels, got 65
 * ```
 */
export function overLimit(
  limit: keyof Limits,
  max: number,
  got: number,
  where: { offset?: number; path?: Path } = {},
): XrError {
  return new XrError(CODES[limit], `${limit} is limited to ${max} ${UNITS[limit]}, got ${got}`, {
    limit,
    max,
    got,
    ...where,
  })
}
