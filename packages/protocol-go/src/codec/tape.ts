/**
 * The output of the first pass over a Go document: operations in the order of execution, a container
 * after its content. It holds offsets, never values, so a document above the limits is refused before
 * any node is built. (Fields may be in any order in the Go form, a value before its key, which the
 * tape of `@sr/xr`, in reading order, cannot express.)
 *
 * An entry is three numbers: the operation and two operands.
 */
export const Op = {
  TRUE: 0,
  FALSE: 1,
  /** operands of leaves: the offsets of their text */
  INT: 2,
  FLOAT: 3,
  TEXT: 4,
  /** base64, without and with escapes */
  BASE64: 5,
  BASE64_ESCAPED: 6,
  /** operands: number of members */
  LIST: 7,
  /** operands: number of pairs, each a key and then its value */
  DICT: 8,
  /** exchanges the last two nodes: a value was before its key */
  SWAP: 9,
  /** operands: numbers of positional arguments and of named ones; the tag is the last node before it */
  PREDICATE: 10,
  /** the same with the named arguments before the positional ones */
  PREDICATE_NAMED_FIRST: 11,
  /** the last node is the digits of an Int */
  BIGINT: 12,
} as const

/** One of the operations of {@link Op}. */
export type Operation = (typeof Op)[keyof typeof Op]

const ENTRY = 3

/** A growing array of entries. */
export class Tape {
  entries: Int32Array
  /** numbers written, three per entry */
  length: number

  /** @param expect bytes of the input, from which the first size is guessed */
  constructor(expect: number) {
    // the shortest node, {"Bool_IPLD":true}, is 18 bytes; pretty printed ones are 60 and more
    this.entries = new Int32Array(ENTRY * Math.min(4096, Math.max(8, expect >> 6)))
    this.length = 0
  }

  write(op: Operation, a: number, b: number): void {
    const at = this.length
    if (at + ENTRY > this.entries.length) {
      const larger = new Int32Array(this.entries.length * 2)
      larger.set(this.entries)
      this.entries = larger
    }
    this.entries[at] = op
    this.entries[at + 1] = a
    this.entries[at + 2] = b
    this.length = at + ENTRY
  }
}
