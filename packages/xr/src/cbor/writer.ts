import { ARRAY, BYTES, FALSE, MAP, NEGATIVE, NULL, TRUE, UINT, writeHead, writeText } from '../codec/cbor-heads.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import { XrError } from '../model/errors.ts'
import { isMap, isUint8Array } from '../model/realm.ts'
import { compareUtf8, utf8Length } from '../bytes/utf8.ts'
import type { CborValue } from './value.ts'

/**
 * Writes canonical CBOR item by item into one buffer.
 *
 * @example
 * ```ts
 * import { CborWriter } from '@sr/xr/cbor'
 *
 * const bytes = new CborWriter().list(2).int(1).text('a').take()
 * console.log(bytes.join(' ')) // 130 1 97 97
 * ```
 */
export class CborWriter {
  readonly #writer: ByteWriter

  /** @param expect bytes to reserve at first; the buffer grows when more is written */
  constructor(expect = 64) {
    this.#writer = new ByteWriter(expect)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#writer.at
  }

  /**
   * An integer.
   *
   * @throws XrError `XR_INT` beyond ±(2^53 - 1), `XR_VALUE` for a fraction
   */
  int(value: number): this {
    if (!Number.isSafeInteger(value)) {
      throw Number.isInteger(value)
        ? new XrError('XR_INT', `an integer must be within ±(2^53 - 1), not ${value}`)
        : new XrError('XR_VALUE', `an integer is expected, not ${value}`)
    }
    writeHead(value < 0 ? NEGATIVE : UINT, value < 0 ? -1 - value : value, this.#writer)
    return this
  }

  bytes(value: Uint8Array): this {
    writeHead(BYTES, value.length, this.#writer)
    this.#writer.raw(value)
    return this
  }

  /** @throws XrError `XR_VALUE` for a lone surrogate */
  text(value: string): this {
    if (!value.isWellFormed()) {
      throw new XrError('XR_VALUE', 'a text holds a lone surrogate')
    }
    writeText(value, this.#writer)
    return this
  }

  bool(value: boolean): this {
    this.#writer.byte(value ? TRUE : FALSE)
    return this
  }

  null(): this {
    this.#writer.byte(NULL)
    return this
  }

  /** The head of a list; its items are written next. */
  list(count: number): this {
    writeHead(ARRAY, count, this.#writer)
    return this
  }

  /** The head of a map; its keys, in canonical order, each followed by its value, are written next. */
  map(count: number): this {
    writeHead(MAP, count, this.#writer)
    return this
  }

  /** An item that is encoded already. */
  item(encoded: Uint8Array): this {
    this.#writer.raw(encoded)
    return this
  }

  /** Any value, Maps in canonical order. */
  value(value: CborValue): this {
    switch (typeof value) {
      case 'number':
        return this.int(value)
      case 'string':
        return this.text(value)
      case 'boolean':
        return this.bool(value)
      default:
        return this.#composite(value)
    }
  }

  #composite(value: Exclude<CborValue, number | string | boolean>): this {
    if (value === null) {
      return this.null()
    }
    if (isUint8Array(value)) {
      return this.bytes(value)
    }
    if (isMap(value)) {
      const entries = [...(value as ReadonlyMap<string, CborValue>)].sort(([a], [b]) => compareKeys(a, b))
      this.map(entries.length)
      for (const [name, inner] of entries) {
        this.text(name).value(inner)
      }
      return this
    }
    const items = value as readonly CborValue[]
    this.list(items.length)
    for (const inner of items) {
      this.value(inner)
    }
    return this
  }

  /** What was written. The writer may not be used afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#writer.take()
  }
}

/** dag-cbor's order of map keys: shorter UTF-8 first, then bytewise. https://ipld.io/specs/codecs/dag-cbor/spec/#strictness */
export function compareKeys(a: string, b: string): number {
  return utf8Length(a) - utf8Length(b) || compareUtf8(a, b)
}
