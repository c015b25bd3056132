/** https://www.rfc-editor.org/rfc/rfc4648#section-4 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const PAD = 0x3d
const LF = 0x0a
const CR = 0x0d

/** The value of a digit; SKIPPED for a line break, 0xff for any other byte. */
const VALUES: Uint8Array = new Uint8Array(256).fill(0xff)
const SKIPPED = 0xfe

const DIGITS: Uint8Array = new Uint8Array(64)

for (let i = 0; i < 64; i++) {
  DIGITS[i] = ALPHABET.charCodeAt(i)
  VALUES[ALPHABET.charCodeAt(i)] = i
}
// Go ignores line breaks inside base64
VALUES[LF] = SKIPPED
VALUES[CR] = SKIPPED

/** Length of the padded base64 of `length` bytes. */
export function base64Length(length: number): number {
  return Math.ceil(length / 3) * 4
}

/** Writes padded base64 at `at`, where there must be room; returns the offset behind it. */
export function writeBase64(bytes: Uint8Array, out: Uint8Array, at: number): number {
  const whole = bytes.length - (bytes.length % 3)
  let to = at
  let i = 0
  for (; i < whole; i += 3) {
    const bits = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number)
    out[to++] = DIGITS[bits >> 18] as number
    out[to++] = DIGITS[(bits >> 12) & 63] as number
    out[to++] = DIGITS[(bits >> 6) & 63] as number
    out[to++] = DIGITS[bits & 63] as number
  }
  if (i < bytes.length) {
    const two = i + 1 < bytes.length
    const bits = ((bytes[i] as number) << 16) | (two ? (bytes[i + 1] as number) << 8 : 0)
    out[to++] = DIGITS[bits >> 18] as number
    out[to++] = DIGITS[(bits >> 12) & 63] as number
    out[to++] = two ? (DIGITS[(bits >> 6) & 63] as number) : PAD
    out[to++] = PAD
  }
  return to
}

/**
 * How many bytes base64 text encodes, or -1 when it is malformed. As in Go's decoder, line breaks may be
 * anywhere, unused bits of the last digit are ignored, and padding is complete; padding may be absent,
 * as later Go versions write it.
 */
export function base64Bytes(text: Uint8Array, from: number, to: number): number {
  let digits = 0
  let pads = 0
  for (let i = from; i < to; i++) {
    const byte = text[i] as number
    const value = VALUES[byte] as number
    if (value < 64) {
      if (pads > 0) {
        return -1
      }
      digits++
    } else if (byte === PAD) {
      pads++
    } else if (value !== SKIPPED) {
      return -1
    }
  }
  const rest = digits % 4
  if (rest === 1 || (pads > 0 && (rest === 0 || pads !== 4 - rest))) {
    return -1
  }
  return Math.floor((digits * 3) / 4)
}

/** Reads base64 text that {@link base64Bytes} has counted. */
export function readBase64(text: Uint8Array, from: number, to: number, length: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length)
  let bits = 0
  let held = 0
  let at = 0
  for (let i = from; i < to; i++) {
    const value = VALUES[text[i] as number] as number
    if (value < 64) {
      bits = ((bits << 6) | value) & 0xffffff
      held += 6
      if (held >= 8) {
        held -= 8
        out[at++] = bits >> held
      }
    }
  }
  return out
}
