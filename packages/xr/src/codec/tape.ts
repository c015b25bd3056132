import { type Limits, overLimit } from '../model/limits.ts'
import { headSize } from '../model/size.ts'

/**
 * The output of the first pass of every decoder: the nodes found in the input, in order, as numbers.
 * It holds offsets, never values, so a document above the limits is refused before any node is
 * built, the input is tokenised once, and one builder serves all forms. The idea is simdjson's
 * (https://simdjson.org, "tape").
 *
 * An entry is three numbers: the operation, and the offsets in the input where its value begins and ends.
 */
export const Op = {
  TRUE: 1,
  FALSE: 2,
  INT: 3,
  FLOAT: 4,
  TEXT: 5,
  BYTES: 6,
  /** a link predicate written as an IPLD link; from and to enclose the CID */
  LINK: 7,
  /** an Int beyond 64 bits; from and to enclose the magnitude */
  BIGINT: 8,
  NEGATIVE_BIGINT: 9,
  LIST: 10,
  DICT: 11,
  /** a Dict written as pairs */
  PAIRS: 12,
  /** from and to enclose the tag */
  PREDICATE: 13,
  /** named arguments follow, as a map or as pairs */
  NAMED: 14,
  NAMED_PAIRS: 15,
  END: 16,
  /** no operation; becomes NAMED when the next node turns out to be the name of the first named argument */
  MAYBE_NAMED: 17,
} as const

/** One of the operations of {@link Op}. */
export type Operation = (typeof Op)[keyof typeof Op]

const ENTRY = 3

/** Most numbers of a buffer that is kept for the next tape: 64 KiB; the default limit of nodes needs up to twice as much. */
const MAX_SPARE_NUMBERS = 16 * 1024
let spare: Int32Array | undefined
const EMPTY: Int32Array = new Int32Array(0)

/** Records the first pass and counts nodes, depth, and the size in natural dag-cbor. */
export class Tape {
  /** entries, three numbers each; the first `length` are written */
  entries: Int32Array
  length: number
  /** bytes so far in natural dag-cbor; decoders of that form set it from their input */
  size: number
  readonly limits: Readonly<Limits>
  #nodes: number
  #depth: number
  readonly #measure: boolean
  /** of each open container: the number of its items */
  readonly #items: number[]

  constructor(limits: Readonly<Limits>, options: { measure: boolean }) {
    this.limits = limits
    this.entries = spare ?? new Int32Array(MAX_SPARE_NUMBERS / 16)
    spare = undefined
    this.length = 0
    this.size = 0
    this.#nodes = 0
    this.#depth = 0
    this.#measure = options.measure
    this.#items = []
  }

  /** Releases the buffer, when the document is built or refused. */
  release(): void {
    if (this.entries.length <= MAX_SPARE_NUMBERS) {
      spare = this.entries
    }
    this.entries = EMPTY
    this.length = 0
  }

  /** Records a leaf. `bytes` is its size in natural dag-cbor. */
  leaf(op: Operation, from: number, to: number, bytes: number): void {
    this.#count(from)
    this.add(bytes, from)
    this.#write(op, from, to)
  }

  /** Records a String and checks its UTF-8 length. */
  text(from: number, to: number, utf8: number): void {
    this.checkString(utf8, from)
    this.leaf(Op.TEXT, from, to, utf8 + headSize(utf8))
  }

  /** Records Bytes and checks their length. */
  bytes(from: number, to: number, length: number): void {
    if (length > this.limits.bytes) {
      throw overLimit('bytes', this.limits.bytes, length, { offset: from })
    }
    this.leaf(Op.BYTES, from, to, length + headSize(length))
  }

  /** Refuses a String or tag that is too long. */
  checkString(utf8: number, at: number): void {
    if (utf8 > this.limits.string) {
      throw overLimit('string', this.limits.string, utf8, { offset: at })
    }
  }

  /** Refuses an Int with too many bits. */
  checkInt(bits: number, at: number): void {
    if (bits > this.limits.int) {
      throw overLimit('int', this.limits.int, bits, { offset: at })
    }
  }

  /** Records an IPLD link: a predicate with one String of `text` bytes, so two nodes and one level. */
  link(from: number, to: number, bytes: number, text: number): void {
    this.checkString(text, from)
    this.#count(from)
    this.#enter(from)
    this.#depth--
    this.leaf(Op.LINK, from, to, bytes)
  }

  /** Opens a List, a Dict or a Predicate. `bytes` is its size without the heads of counts and the items. */
  open(op: Operation, from: number, to: number, bytes: number): void {
    this.#count(from)
    this.#enter(from)
    this.#countItems()
    this.add(bytes, from)
    this.#write(op, from, to)
  }

  /** Begins a predicate's named arguments. */
  named(op: Operation, at: number, bytes: number): void {
    this.#closeCount(at)
    this.#countItems()
    this.add(bytes, at)
    this.#write(op, at, at)
  }

  /** Reserves an entry for {@link Tape.patchNamed}; returns its index. */
  maybeNamed(at: number): number {
    this.#write(Op.MAYBE_NAMED, at, at)
    return this.length - ENTRY
  }

  /** Makes the entry at `place` the beginning of the named arguments: the node after it is the name of the first. */
  patchNamed(place: number, at: number): void {
    this.entries[place] = Op.NAMED
    this.#closeCount(at)
    this.#countItems()
  }

  /** Records the entries from `place` on a second time; `size` is the size at `place`. */
  again(place: number, size: number, at: number): void {
    this.add(this.size - size, at)
    for (let i = place, end = this.length; i < end; i += ENTRY) {
      const op = this.entries[i] as Operation
      if (op < Op.NAMED) {
        this.#count(at)
      }
      if (op === Op.LINK) {
        // its String too
        this.#count(at)
      }
      this.#write(op, this.entries[i + 1] as number, this.entries[i + 2] as number)
    }
  }

  /** Counts one item of the innermost container: a member, an entry (not its key), an argument. */
  item(): void {
    if (this.#measure) {
      ;(this.#items[this.#items.length - 1] as number)++
    }
  }

  /** Closes the innermost container. */
  close(at: number): void {
    this.#closeCount(at)
    this.#depth--
    this.#write(Op.END, at, at)
  }

  /** Adds bytes to the size in natural dag-cbor, and checks it. */
  add(bytes: number, at: number): void {
    if (this.#measure) {
      this.size += bytes
      if (this.size > this.limits.size) {
        throw overLimit('size', this.limits.size, this.size, { offset: at })
      }
    }
  }

  #countItems(): void {
    if (this.#measure) {
      this.#items.push(0)
    }
  }

  #closeCount(at: number): void {
    if (this.#measure) {
      this.add(headSize(this.#items.pop() as number), at)
    }
  }

  #count(at: number): void {
    if (++this.#nodes > this.limits.nodes) {
      throw overLimit('nodes', this.limits.nodes, this.#nodes, { offset: at })
    }
  }

  #enter(at: number): void {
    if (++this.#depth > this.limits.depth) {
      throw overLimit('depth', this.limits.depth, this.#depth, { offset: at })
    }
  }

  #write(op: Operation, from: number, to: number): void {
    const at = this.length
    if (at + ENTRY > this.entries.length) {
      const larger = new Int32Array(this.entries.length * 2)
      larger.set(this.entries)
      this.entries = larger
    }
    this.entries[at] = op
    this.entries[at + 1] = from
    this.entries[at + 2] = to
    this.length = at + ENTRY
  }
}
