import { type Limits, overLimit } from '@sr/xr'

/** Bits of the largest Int that the Go form writes as an Int; larger ones are predicates `bigint("…")`. */
const INT64_BITS = 64

/**
 * How much more a `link("…")` or `bigint("…")` counts while it is read as a predicate than as the link or
 * the Int it is: one node, and the length of the text above that of the bytes.
 */
const NODE_SLACK = 1

/** Counts a document against its limits while it is scanned: nodes, depth, and size in natural dag-cbor. */
export class LimitCounter {
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
      throw overLimit('nodes', this.limits.nodes, this.nodes, { offset: at })
    }
    this.add(size, at)
  }

  /** Counts bytes. */
  add(size: number, at: number): void {
    this.size += size
    if (this.size > this.limits.size + this.limits.string) {
      throw overLimit('size', this.limits.size, this.size, { offset: at })
    }
  }

  /** Enters a container; a predicate may turn out to be an Int, so one level above the limit is allowed until it ends. */
  enter(predicate: boolean, at: number): void {
    if (++this.depth > this.limits.depth + (predicate ? 1 : 0)) {
      throw overLimit('depth', this.limits.depth, this.depth, { offset: at })
    }
  }

  /** Leaves a container. */
  leave(at: number): void {
    if (this.depth-- > this.limits.depth) {
      throw overLimit('depth', this.limits.depth, this.depth + 1, { offset: at })
    }
  }

  /** Leaves a predicate that was an Int: not a level, and one node instead of two. */
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

  /** Checks an Int of 64 bits; `bits` is only called when the limit is below that. */
  int(bits: () => number, at: number): void {
    if (this.limits.int < INT64_BITS) {
      this.#check('int', bits(), at)
    }
  }

  /** Checks the exact counts, when the whole document was read. */
  end(at: number): void {
    this.#check('nodes', this.nodes, at)
    this.#check('size', this.size, at)
  }

  #check(limit: keyof Limits, got: number, at: number): void {
    if (got > this.limits[limit]) {
      throw overLimit(limit, this.limits[limit], got, { offset: at })
    }
  }
}

const MIN_INT64 = -(1n << 63n)
const MAX_INT64 = (1n << 63n) - 1n

/** Whether an Int is within int64, which Go writes as an Int. */
export function isInt64(value: bigint): boolean {
  return value >= MIN_INT64 && value <= MAX_INT64
}
