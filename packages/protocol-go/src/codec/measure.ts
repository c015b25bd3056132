import { type Limits, XrError, type XrErrorCode } from '@sr/xr'

const CODES: Readonly<Record<keyof Limits, XrErrorCode>> = {
  depth: 'XR_DEPTH',
  nodes: 'XR_NODES',
  size: 'XR_SIZE',
  string: 'XR_STRING',
  bytes: 'XR_BYTES',
  int: 'XR_INT',
}

/** Widest Int that the Go form writes as one; wider ones are predicates `bigint("…")`. */
const INT64_BITS = 64

/**
 * What a `link("…")` or `bigint("…")` counts more as the predicate it is written as than as the
 * link or the Int it is: a node, and the text of a link beyond its bytes.
 */
const NODE_SLACK = 1

/** Counts a document against its limits while it is scanned: nodes, depth, and size in natural dag-cbor. */
export class Measure {
  readonly limits: Readonly<Limits>
  nodes: number
  depth: number
  size: number

  constructor(limits: Readonly<Limits>) {
    this.limits = limits
    this.nodes = 0
    this.depth = 0
    this.size = 0
  }

  /** Counts a node and its bytes. */
  node(size: number, at: number): void {
    if (++this.nodes > this.limits.nodes + NODE_SLACK) {
      throw over('nodes', this.limits.nodes, this.nodes, at)
    }
    this.add(size, at)
  }

  /** Counts bytes. */
  add(size: number, at: number): void {
    this.size += size
    if (this.size > this.limits.size + this.limits.string) {
      throw over('size', this.limits.size, this.size, at)
    }
  }

  /** Goes into a container; a predicate may turn out to be an Int, so it may be one level too deep until it ends. */
  enter(predicate: boolean, at: number): void {
    if (++this.depth > this.limits.depth + (predicate ? 1 : 0)) {
      throw over('depth', this.limits.depth, this.depth, at)
    }
  }

  /** Leaves a container. */
  leave(at: number): void {
    if (this.depth-- > this.limits.depth) {
      throw over('depth', this.limits.depth, this.depth + 1, at)
    }
  }

  /** Leaves a predicate that was an Int: it was no level, and one node with its text. */
  leaveInt(bits: number, at: number): void {
    this.depth--
    this.nodes--
    this.#check('int', bits, at)
  }

  string(length: number, at: number): void {
    this.#check('string', length, at)
  }

  bytes(length: number, at: number): void {
    this.#check('bytes', length, at)
  }

  /** Checks an Int of 64 bits, whose width costs something to find out. */
  int(bits: () => number, at: number): void {
    if (this.limits.int < INT64_BITS) {
      this.#check('int', bits(), at)
    }
  }

  /** The whole is read: now the counts are exact. */
  end(at: number): void {
    this.#check('nodes', this.nodes, at)
    this.#check('size', this.size, at)
  }

  #check(limit: keyof Limits, got: number, at: number): void {
    if (got > this.limits[limit]) {
      throw over(limit, this.limits[limit], got, at)
    }
  }
}

/** Bytes of a CBOR head that carries `value`. */
export function headSize(value: number): number {
  return value < 24 ? 1 : value < 0x100 ? 2 : value < 0x10000 ? 3 : value < 0x100000000 ? 5 : 9
}

const MIN_INT64 = -(1n << 63n)
const MAX_INT64 = (1n << 63n) - 1n

/** Whether an Int is one that Go writes as such. */
export function isInt64(value: bigint): boolean {
  return value >= MIN_INT64 && value <= MAX_INT64
}

/** Bits of an Int's magnitude. */
export function bitsOf(value: bigint): number {
  return value === 0n ? 0 : (value < 0n ? -value : value).toString(2).length
}

function over(limit: keyof Limits, max: number, got: number, offset: number): XrError {
  return new XrError(CODES[limit], `${limit} is limited to ${max}, got ${got}`, { limit, max, got, offset })
}
