import { XrError } from '@sr/xr'
import type { Sink } from './sink.ts'

const encoder: TextEncoder = new TextEncoder()

/** From this many units on it pays off to look for the next escape first, and then to encode at once. */
const LONG = 64

const SHORT_ESCAPES: Readonly<Record<number, string>> = {
  0x22: '\\"',
  0x5c: '\\\\',
  0x0a: '\\n',
  0x0d: '\\r',
  0x09: '\\t',
}

/**
 * Writes a string between quotes as Go does, without the quotes.
 *
 * @throws XrError `XR_VALUE` for a lone surrogate
 */
export function writeString(text: string, sink: Sink): void {
  sink.reserve(text.length)
  const { bytes } = sink
  const start = sink.at
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit >= 0x80 || unit === 0x22 || unit === 0x5c || i === LONG) {
      sink.at = start + i
      writeRest(text, i, sink)
      return
    }
    bytes[start + i] = unit
  }
  sink.at = start + text.length
}

function writeRest(text: string, from: number, sink: Sink): void {
  if (!text.isWellFormed()) {
    throw new XrError('XR_VALUE', 'a String must be well-formed Unicode: this one has a lone surrogate')
  }
  let start = from
  for (;;) {
    const next = nextSpecial(text, start)
    writeUtf8(text.slice(start, next), sink)
    if (next === text.length) {
      return
    }
    const unit = text.charCodeAt(next)
    sink.ascii(SHORT_ESCAPES[unit] ?? `\\u${unit.toString(16).padStart(4, '0')}`)
    start = next + 1
  }
}

/** Where the next character stands that Go escapes. (JSON.stringify has \b and \f short, and leaves U+2028 and U+2029 as they are.) */
function nextSpecial(text: string, from: number): number {
  let i = from
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || unit === 0x2028 || unit === 0x2029) {
      break
    }
  }
  return i
}

function writeUtf8(text: string, sink: Sink): void {
  if (text.length === 0) {
    return
  }
  sink.reserve(text.length * 3)
  sink.at += encoder.encodeInto(text, sink.bytes.subarray(sink.at)).written
}
