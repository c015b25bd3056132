import { utf8Length } from '../utf8.ts'
import type { Sink } from './sink.ts'

// Initial bytes of CBOR items: https://www.rfc-editor.org/rfc/rfc8949#section-3
export const UINT = 0x00
export const NEGATIVE = 0x20
export const BYTES = 0x40
export const TEXT = 0x60
export const ARRAY = 0x80
export const MAP = 0xa0
export const TAG = 0xc0
/** https://github.com/ipld/cid-cbor */
export const CID_TAG = 42
export const FALSE = 0xf4
export const TRUE = 0xf5
export const NULL = 0xf6
export const FLOAT64 = 0xfb

/** Writes the head of an item: its major type and its argument, up to 2^53 - 1, in the fewest bytes. */
export function writeHead(major: number, value: number, sink: Sink): void {
  sink.reserve(9)
  const { bytes } = sink
  if (value < 24) {
    bytes[sink.at++] = major | value
  } else if (value < 0x100) {
    bytes[sink.at++] = major | 24
    bytes[sink.at++] = value
  } else if (value < 0x10000) {
    bytes[sink.at++] = major | 25
    bytes[sink.at++] = value >>> 8
    bytes[sink.at++] = value
  } else {
    if (value < 0x100000000) {
      bytes[sink.at++] = major | 26
    } else {
      const high = Math.floor(value / 0x100000000)
      bytes[sink.at++] = major | 27
      bytes[sink.at++] = high >>> 24
      bytes[sink.at++] = high >>> 16
      bytes[sink.at++] = high >>> 8
      bytes[sink.at++] = high
    }
    bytes[sink.at++] = value >>> 24
    bytes[sink.at++] = value >>> 16
    bytes[sink.at++] = value >>> 8
    bytes[sink.at++] = value
  }
}

/** Writes a text string. */
export function writeText(text: string, sink: Sink): void {
  const start = sink.at
  writeHead(TEXT, text.length, sink)
  if (sink.tryAscii(text)) {
    return
  }
  const length = utf8Length(text)
  sink.at = start
  writeHead(TEXT, length, sink)
  sink.utf8(text, length)
}
