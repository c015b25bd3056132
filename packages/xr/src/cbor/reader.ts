import { FALSE, FLOAT64, NULL, TRUE } from '../codec/cbor-heads.ts'
import { XrError } from '../model/errors.ts'
import { fromUtf8 } from '../bytes/utf8.ts'
import { CBOR_LIMITS, type CborLimits, type CborValue } from './value.ts'
import { compareKeys } from './writer.ts'

const MAJOR_NAMES = [
  'an integer',
  'an integer',
  'a byte string',
  'a text',
  'a list',
  'a map',
  'a tag',
  'a simple value',
]

/**
 * Reads canonical CBOR item by item. It accepts only what {@link CborWriter} writes: shortest heads, no indefinite
 * lengths, map keys in canonical order, no floats, no tags. Byte strings are views of the input.
 *
 * All methods throw XrError with the offset: `XR_SYNTAX` (truncated, trailing bytes, reserved heads), `XR_FORM` (not
 * canonical), `XR_KIND` (an item of another type), `XR_VALUE` (bad UTF-8), `XR_INT` (beyond ±(2^53 - 1)),
 * `XR_DUPLICATE` (a key twice), `XR_DEPTH`, `XR_NODES` (limits).
 *
 * @example
 * ```ts
 * import { CborReader } from '@sr/xr/cbor'
 *
 * const reader = new CborReader(Uint8Array.of(130, 1, 97, 97))
 * console.log(reader.list(), reader.int(), reader.text()) // 2 1 a
 * reader.end()
 * ```
 */
export class CborReader {
  readonly #input: Uint8Array
  readonly #limits: CborLimits
  #at = 0
  #items = 0
  /** argument of the head last read */
  #argument = 0

  constructor(input: Uint8Array, limits: Partial<CborLimits> = {}) {
    this.#input = input
    this.#limits = { ...CBOR_LIMITS, ...limits }
  }

  /** Offset of the next item. */
  get offset(): number {
    return this.#at
  }

  /** An integer within ±(2^53 - 1). */
  int(): number {
    const at = this.#at
    this.#count(at)
    const major = this.#head()
    if (major > 1) {
      throw this.#unexpected('an integer', major, at)
    }
    const value = major === 0 ? this.#argument : -1 - this.#argument
    if (!Number.isSafeInteger(value)) {
      throw new XrError('XR_INT', 'an integer must be within ±(2^53 - 1)', { offset: at, max: Number.MAX_SAFE_INTEGER })
    }
    return value
  }

  /** A view of a byte string. */
  bytes(): Uint8Array {
    return this.#run(2)
  }

  text(): string {
    const at = this.#at
    return fromUtf8(this.#run(3), at)
  }

  /** Reads the head of a list; returns the number of its items. */
  list(): number {
    return this.#open(4, 1)
  }

  /** Reads the head of a map; returns the number of its entries. */
  map(): number {
    return this.#open(5, 2)
  }

  /** A view of the next item of any type. It is well-formed; its content is not checked, so limits do not apply. */
  span(): Uint8Array {
    const from = this.#at
    this.#count(from)
    for (let pending = 1; pending > 0; pending--) {
      const at = this.#at
      const major = this.#head()
      if (major === 2 || major === 3) {
        this.#advance(this.#argument, at)
      } else if (major === 4 || major === 5) {
        pending += this.#argument * (major - 3)
        if (pending > this.#input.length) {
          throw truncated(at)
        }
      } else if (major === 6) {
        pending++
      }
    }
    return this.#input.subarray(from, this.#at)
  }

  /** Any value within the limits. */
  value(): CborValue {
    return this.#value(0)
  }

  /** @throws XrError `XR_SYNTAX` unless all input was read */
  end(): void {
    if (this.#at < this.#input.length) {
      throw new XrError('XR_SYNTAX', 'bytes after the last item', { offset: this.#at })
    }
  }

  #value(depth: number): CborValue {
    const at = this.#at
    const first = this.#input[at] ?? 0
    switch (first >> 5) {
      case 0:
      case 1:
        return this.int()
      case 2:
        return new Uint8Array(this.bytes()) // a copy: the input is the caller's
      case 3:
        return this.text()
      case 4: {
        this.#descend(depth, at)
        const list: CborValue[] = []
        for (let left = this.list(); left > 0; left--) {
          list.push(this.#value(depth + 1))
        }
        return list
      }
      case 5:
        this.#descend(depth, at)
        return this.#entries(depth)
      default:
        return this.#simple(at)
    }
  }

  #entries(depth: number): ReadonlyMap<string, CborValue> {
    const map = new Map<string, CborValue>()
    let before: string | undefined
    for (let left = this.map(); left > 0; left--) {
      const at = this.#at
      const name = this.text()
      const order = before === undefined ? -1 : compareKeys(before, name)
      if (order >= 0) {
        throw order === 0
          ? new XrError('XR_DUPLICATE', 'a map has a key twice', { offset: at })
          : new XrError('XR_FORM', 'the keys of a map are not in canonical order', { offset: at })
      }
      before = name
      map.set(name, this.#value(depth + 1))
    }
    return map
  }

  #simple(at: number): boolean | null {
    this.#count(at)
    const major = this.#head()
    const head = this.#input[at] as number
    if (head !== FALSE && head !== TRUE && head !== NULL) {
      throw this.#unexpected('an integer, string, list, map, boolean or null', major, at)
    }
    return head === NULL ? null : head === TRUE
  }

  #descend(depth: number, at: number): void {
    if (depth >= this.#limits.depth) {
      const max = this.#limits.depth
      throw new XrError('XR_DEPTH', `depth is limited to ${max} levels, got ${depth + 1}`, {
        limit: 'depth',
        max,
        got: depth + 1,
        offset: at,
      })
    }
  }

  #open(expected: 4 | 5, each: 1 | 2): number {
    const at = this.#at
    this.#count(at)
    const major = this.#head()
    if (major !== expected) {
      throw this.#unexpected(MAJOR_NAMES[expected] as string, major, at)
    }
    if (this.#argument * each > this.#input.length - this.#at) {
      throw truncated(at) // every item takes at least one byte
    }
    return this.#argument
  }

  #run(expected: 2 | 3): Uint8Array {
    const at = this.#at
    this.#count(at)
    const major = this.#head()
    if (major !== expected) {
      throw this.#unexpected(MAJOR_NAMES[expected] as string, major, at)
    }
    const from = this.#at
    this.#advance(this.#argument, at)
    return this.#input.subarray(from, this.#at)
  }

  /** Reads a head, which must be in its shortest form; returns the major type. */
  #head(): number {
    const input = this.#input
    const at = this.#at
    if (at >= input.length) {
      throw truncated(at)
    }
    const head = input[at] as number
    const info = head & 31
    this.#at = at + 1
    this.#argument = info
    if (info < 24) {
      return this.#checkSimple(head, at)
    }
    if (info > 27) {
      throw info === 31
        ? new XrError('XR_FORM', 'an indefinite length is not canonical', { offset: at })
        : new XrError('XR_SYNTAX', `unexpected initial byte 0x${head.toString(16)}`, { offset: at })
    }
    const width = 1 << (info - 24)
    if (at + 1 + width > input.length) {
      throw truncated(at)
    }
    this.#at = at + 1 + width
    if (head === FLOAT64) {
      return 7
    }
    let argument = 0
    for (let i = at + 1; i < this.#at; i++) {
      argument = argument * 256 + (input[i] as number)
    }
    // above 2^53 the sum is rounded, but never below the smallest value that needs 8 bytes
    if (head >> 5 === 7 || argument < (width === 1 ? 24 : 2 ** (4 * width))) {
      throw new XrError('XR_FORM', `${argument} is encoded in ${width} bytes; the shortest encoding is required`, {
        offset: at,
      })
    }
    this.#argument = argument
    return head >> 5
  }

  /** Of the simple values false, true and null alone are allowed. */
  #checkSimple(head: number, at: number): number {
    if (head >> 5 === 7 && head !== FALSE && head !== TRUE && head !== NULL) {
      throw new XrError('XR_KIND', `unexpected initial byte 0x${head.toString(16)}`, { offset: at })
    }
    return head >> 5
  }

  #count(at: number): void {
    const max = this.#limits.items
    if (++this.#items <= max) {
      return
    }
    throw new XrError('XR_NODES', `items are limited to ${max}, got ${this.#items}`, {
      limit: 'items',
      max,
      got: this.#items,
      offset: at,
    })
  }

  #advance(length: number, at: number): void {
    if (length > this.#input.length - this.#at) {
      throw truncated(at)
    }
    this.#at += length
  }

  #unexpected(expected: string, major: number, at: number): XrError {
    return new XrError('XR_KIND', `expected ${expected}, found ${MAJOR_NAMES[major]}`, { offset: at })
  }
}

function truncated(at: number): XrError {
  return new XrError('XR_SYNTAX', 'the input ends inside an item', { offset: at })
}
