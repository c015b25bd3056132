import { writeUtf8 } from './utf8.ts'

/** Longest string, in UTF-16 units, that is copied unit by unit; for longer ones a call into TextEncoder is faster. */
const MAX_SHORT_UNITS = 40

/**
 * A byte array that grows as it is written. `bytes` is the buffer, `at` where the next byte goes; a caller that
 * writes into `bytes` itself reserves room first.
 *
 * @example
 * ```ts
 * import { ByteWriter } from '@sr/xr/codec-kit'
 *
 * const writer = new ByteWriter(16)
 * writer.ascii('ab')
 * writer.byte(10)
 * console.log(writer.take().join(' ')) // 97 98 10
 * ```
 */
export class ByteWriter {
  bytes: Uint8Array
  at: number

  /** @param expect bytes to allocate at first */
  constructor(expect: number) {
    this.bytes = new Uint8Array(expect)
    this.at = 0
  }

  /** Makes room for `more` bytes. */
  reserve(more: number): void {
    const needed = this.at + more
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2))
      larger.set(this.bytes.subarray(0, this.at))
      this.bytes = larger
    }
  }

  byte(value: number): void {
    if (this.at === this.bytes.length) {
      this.reserve(1)
    }
    this.bytes[this.at++] = value
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  /** Writes text that the caller knows to be ASCII. */
  ascii(text: string): void {
    this.reserve(text.length)
    const { bytes, at } = this
    for (let i = 0; i < text.length; i++) {
      bytes[at + i] = text.charCodeAt(i)
    }
    this.at = at + text.length
  }

  /** Writes a string if it is short and ASCII; returns whether it did. */
  tryAscii(text: string): boolean {
    const length = text.length
    if (length > MAX_SHORT_UNITS) {
      return false
    }
    this.reserve(length)
    const { bytes, at } = this
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x80) {
        return false
      }
      bytes[at + i] = unit
    }
    this.at = at + length
    return true
  }

  /** Writes a string if it is short, ASCII and free of characters that JSON escapes; returns whether it did. */
  tryPlain(text: string): boolean {
    const length = text.length
    if (length > MAX_SHORT_UNITS) {
      return false
    }
    this.reserve(length)
    const { bytes, at } = this
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x80 || unit < 0x20 || unit === 0x22 || unit === 0x5c) {
        return false
      }
      bytes[at + i] = unit
    }
    this.at = at + length
    return true
  }

  /** Writes a string that takes at most `length` bytes of UTF-8. */
  utf8(text: string, length: number): void {
    this.reserve(length)
    this.at += writeUtf8(text, this.bytes, this.at)
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.at) as Uint8Array<ArrayBuffer>
  }
}
