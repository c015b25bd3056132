import { XrError } from '../model/errors.ts'
import { CID_TAG } from './cbor-heads.ts'
import { Op } from './tape.ts'
import type { NaturalForm } from './natural.ts'

/**
 * First pass over dag-cbor: checks heads and lengths, the order of keys, and kinds. Open containers are
 * kept in arrays, so depth uses no stack; a declared length is compared with the rest of the input first.
 */
export class CborScanner {
  readonly #input: Uint8Array
  readonly #form: NaturalForm
  /** of each open container, the remaining items; a map has two per entry */
  readonly #left: number[]
  /** of each open map, the offset of the previous key, or -1 */
  readonly #before: number[]
  #depth: number
  #at: number
  /** argument of the last head, and the offset behind that head */
  #argument: number
  #next: number

  constructor(input: Uint8Array, form: NaturalForm) {
    this.#input = input
    this.#form = form
    this.#left = []
    this.#before = []
    this.#depth = 0
    this.#at = 0
    this.#argument = 0
    this.#next = 0
  }

  /**
   * @throws XrError
   */
  scan(): void {
    const form = this.#form
    for (;;) {
      this.#closeFull()
      if (form.done) {
        break
      }
      if (this.#at >= this.#input.length) {
        throw truncated(this.#at)
      }
      if (form.wantsKey) {
        this.#key()
      } else {
        this.#item()
      }
    }
    if (this.#at < this.#input.length) {
      throw new XrError('XR_SYNTAX', `${this.#input.length - this.#at} unexpected bytes after the document`, {
        offset: this.#at,
      })
    }
  }

  /** Closes the complete containers, and counts down the remaining items of the innermost open one. */
  #closeFull(): void {
    while (this.#depth > 0) {
      const left = this.#left[this.#depth - 1] as number
      if (left > 0) {
        this.#left[this.#depth - 1] = left - 1
        return
      }
      this.#depth--
      this.#form.close(this.#at)
    }
  }

  #key(): void {
    const at = this.#at
    const head = this.#input[at] as number
    if (head >> 5 !== 3) {
      throw new XrError('XR_FORM', `expected a text string as a map key, found initial byte 0x${head.toString(16)}`, {
        offset: at,
      })
    }
    const end = this.#run(at, head)
    this.#compareKeys(this.#before[this.#depth - 1] as number, at, end)
    this.#before[this.#depth - 1] = at
    this.#form.key(this.#next, end, this.#argument)
    this.#at = end
  }

  #item(): void {
    const at = this.#at
    const head = this.#input[at] as number
    switch (head >> 5) {
      case 0:
      case 1:
        this.#head(at, head)
        // the head 0x01 is 1, 0x20 is -1
        this.#form.int(at, this.#next, this.#next - at, head === 0x01 ? 1 : head === 0x20 ? -1 : 0)
        this.#at = this.#next
        return
      case 2:
        this.#at = this.#run(at, head)
        this.#form.bytes(this.#next, this.#at, this.#argument)
        return
      case 3:
        this.#at = this.#run(at, head)
        this.#form.text(this.#next, this.#at, this.#argument)
        return
      case 4:
        this.#open(at, head, 1)
        return
      case 5:
        this.#open(at, head, 2)
        return
      case 6:
        this.#link(at, head)
        return
      default:
        this.#simple(at, head)
    }
  }

  #open(at: number, head: number, each: 1 | 2): void {
    this.#head(at, head)
    const items = this.#argument * each
    if (items > this.#input.length - this.#next) {
      // every item takes at least one byte
      throw truncated(at)
    }
    if (each === 2) {
      this.#form.openMap(at)
    } else {
      this.#form.openList(at)
    }
    this.#left[this.#depth] = items
    this.#before[this.#depth] = -1
    this.#depth++
    this.#at = this.#next
  }

  /** Reads the head of a string; returns the offset behind the string. */
  #run(at: number, head: number): number {
    this.#head(at, head)
    const end = this.#next + this.#argument
    if (end > this.#input.length) {
      throw truncated(at)
    }
    return end
  }

  /** Reads a head's argument, which must be in its shortest form. */
  #head(at: number, head: number): void {
    const input = this.#input
    const info = head & 31
    if (info < 24) {
      this.#argument = info
      this.#next = at + 1
      return
    }
    if (info > 27) {
      throw info === 31 && head >= 0x40 && head < 0xc0
        ? new XrError('XR_FORM', 'an indefinite length is not canonical', { offset: at })
        : new XrError('XR_SYNTAX', `reserved additional information ${info}`, { offset: at })
    }
    const width = 1 << (info - 24)
    this.#next = at + 1 + width
    if (this.#next > input.length) {
      throw truncated(at)
    }
    this.#argument = 0
    for (let i = at + 1; i < this.#next; i++) {
      this.#argument = this.#argument * 256 + (input[i] as number)
    }
    // above 2^53 the sum is rounded, but never below the smallest value that needs 8 bytes
    if (this.#argument < (width === 1 ? 24 : 2 ** (4 * width))) {
      throw new XrError(
        'XR_FORM',
        `${this.#argument} is encoded in ${width} bytes; the shortest encoding is required`,
        { offset: at },
      )
    }
  }

  #simple(at: number, head: number): void {
    switch (head) {
      case 0xf4:
        this.#form.leaf(Op.FALSE, at, at, 1)
        this.#at = at + 1
        return
      case 0xf5:
        this.#form.leaf(Op.TRUE, at, at, 1)
        this.#at = at + 1
        return
      case 0xf6:
        this.#form.null(at)
        this.#at = at + 1
        return
      case 0xfb:
        this.#float(at)
        return
      case 0xf9:
      case 0xfa:
        throw new XrError('XR_FORM', 'a Float must be encoded in 8 bytes', { offset: at })
      case 0xf7:
        throw new XrError('XR_KIND', 'undefined is none of the eight kinds', { offset: at })
      case 0xfc:
      case 0xfd:
      case 0xfe:
      case 0xff:
        throw new XrError('XR_SYNTAX', `unexpected initial byte 0x${head.toString(16)}`, { offset: at })
      default:
        throw new XrError('XR_KIND', `unsupported CBOR simple value, initial byte 0x${head.toString(16)}`, {
          offset: at,
        })
    }
  }

  #float(at: number): void {
    const input = this.#input
    const end = at + 9
    if (end > input.length) {
      throw truncated(at)
    }
    const first = input[at + 1] as number
    const second = input[at + 2] as number
    if ((first & 0x7f) === 0x7f && second >= 0xf0) {
      throw new XrError('XR_VALUE', 'a Float must be finite', { offset: at })
    }
    if (first === 0x80 && second === 0 && input.subarray(at + 3, end).every((byte) => byte === 0)) {
      throw new XrError('XR_FORM', '-0 must be encoded as 0', { offset: at })
    }
    this.#form.leaf(Op.FLOAT, at + 1, end, 9)
    this.#at = end
  }

  #link(at: number, head: number): void {
    const input = this.#input
    this.#head(at, head)
    if (this.#argument !== CID_TAG) {
      throw new XrError('XR_KIND', `CBOR tag ${this.#argument} is not supported; only tag 42, a link, is`, {
        offset: at,
      })
    }
    const bytesHead = input[this.#next]
    if (bytesHead === undefined) {
      throw truncated(at)
    }
    if (bytesHead >> 5 !== 2) {
      throw new XrError('XR_VALUE', 'tag 42 must contain a byte string', { offset: at })
    }
    const end = this.#run(this.#next, bytesHead)
    if (this.#argument === 0 || input[this.#next] !== 0) {
      throw new XrError('XR_VALUE', 'a link must begin with a zero byte, the prefix of the identity multibase', {
        offset: at,
      })
    }
    // version 0 begins with its multihash, 0x12 0x20, and prints as 46 digits of base58; the others in base32
    const text = input[this.#next + 1] === 0x12 ? 46 : 1 + Math.ceil(((this.#argument - 1) * 8) / 5)
    this.#form.link(this.#next + 1, end, end - at, text)
    this.#at = end
  }

  /** Keys must be in ascending order: shorter first, then bytewise. `before` and `at` are the offsets of their heads. */
  #compareKeys(before: number, at: number, end: number): void {
    const input = this.#input
    if (end - this.#next === 1 && input[this.#next] === 0x2f) {
      throw new XrError('XR_FORM', 'a Dict with the key / must be encoded as pairs', { offset: at })
    }
    if (before < 0) {
      return
    }
    // A head rises with its length and comes before the text, so comparing the encoded bytes is enough.
    for (let i = before, j = at; j < end; i++, j++) {
      const difference = (input[j] as number) - (input[i] as number)
      if (difference > 0) {
        return
      }
      if (difference < 0) {
        throw new XrError('XR_FORM', 'the keys of a map must be sorted', { offset: at })
      }
    }
    throw new XrError('XR_DUPLICATE', 'duplicate Dict key', { offset: at })
  }
}

function truncated(at: number): XrError {
  return new XrError('XR_SYNTAX', 'the input ends inside the document', { offset: at })
}
