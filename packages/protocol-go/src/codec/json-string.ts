import { XrError } from '@sr/xr'
import type { ByteWriter } from '@sr/xr/codec-kit'

const SHORT_ESCAPES: Readonly<Record<number, string>> = {
  0x22: '\\"',
  0x5c: '\\\\',
  0x0a: '\\n',
  0x0d: '\\r',
  0x09: '\\t',
}

/**
 * Writes a string as Go does, without the quotes around it.
 *
 * @throws XrError `XR_VALUE` for a lone surrogate
 */
export function writeString(text: string, writer: ByteWriter): void {
  if (writer.tryPlain(text)) {
    return
  }
  if (!text.isWellFormed()) {
    throw new XrError('XR_VALUE', 'a String must be well-formed Unicode, found a lone surrogate')
  }
  for (let start = 0; ;) {
    const next = nextEscaped(text, start)
    writer.utf8(text.slice(start, next), (next - start) * 3)
    if (next === text.length) {
      return
    }
    const unit = text.charCodeAt(next)
    writer.ascii(SHORT_ESCAPES[unit] ?? `\\u${unit.toString(16).padStart(4, '0')}`)
    start = next + 1
  }
}

/** Where the next character stands that Go escapes. (JSON.stringify has \b and \f short, and leaves U+2028 and U+2029 as they are.) */
function nextEscaped(text: string, from: number): number {
  let i = from
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || unit === 0x2028 || unit === 0x2029) {
      break
    }
  }
  return i
}
