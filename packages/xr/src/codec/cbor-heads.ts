import { utf8Length } from '../bytes/utf8.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'

// Initial bytes of CBOR items: https://www.rfc-editor.org/rfc/rfc8949#section-3
export const UINT = 0x00
export const NEGATIVE = 0x20
export const BYTES = 0x40
export const TEXT = 0x60
export const ARRAY = 0x80
export const MAP = 0xa0
export const TAG = 0xc0
/** https://github.com/ipld/cid-cbor */
export const CID_TAG: number = 42
export const FALSE = 0xf4
export const TRUE = 0xf5
export const NULL = 0xf6
export const FLOAT64 = 0xfb

/** Writes the head of an item: its major type and its argument, up to 2^53 - 1, in the fewest bytes. */
export function writeHead(major: number, value: number, writer: ByteWriter): void {
  writer.reserve(9)
  const { bytes } = writer
  if (value < 24) {
    bytes[writer.at++] = major | value
  } else if (value < 0x100) {
    bytes[writer.at++] = major | 24
    bytes[writer.at++] = value
  } else if (value < 0x10000) {
    bytes[writer.at++] = major | 25
    bytes[writer.at++] = value >>> 8
    bytes[writer.at++] = value
  } else {
    if (value < 0x100000000) {
      bytes[writer.at++] = major | 26
    } else {
      const high = Math.floor(value / 0x100000000)
      bytes[writer.at++] = major | 27
      bytes[writer.at++] = high >>> 24
      bytes[writer.at++] = high >>> 16
      bytes[writer.at++] = high >>> 8
      bytes[writer.at++] = high
    }
    bytes[writer.at++] = value >>> 24
    bytes[writer.at++] = value >>> 16
    bytes[writer.at++] = value >>> 8
    bytes[writer.at++] = value
  }
}

/** Writes a text string. */
export function writeText(text: string, writer: ByteWriter): void {
  const start = writer.at
  writeHead(TEXT, text.length, writer)
  if (writer.tryAscii(text)) {
    return
  }
  const length = utf8Length(text)
  writer.at = start
  writeHead(TEXT, length, writer)
  writer.utf8(text, length)
}
