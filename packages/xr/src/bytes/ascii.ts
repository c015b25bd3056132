/** Longest string, in bytes, that is assembled here; for longer ones a call into TextDecoder is faster. */
export const MAX_SHORT_BYTES = 32

/** The value of `except` that excludes no byte. */
export const NO_EXCEPTION: number = -1

const { fromCharCode } = String

/**
 * Short ASCII as a string, or undefined when a byte is 0x80 or more, or equals `except`. Eight bytes at
 * a time: one string of eight units costs a fraction of eight strings of one.
 */
export function shortAscii(bytes: Uint8Array, from: number, to: number, except: number): string | undefined {
  let text = ''
  let i = from
  for (; i + 8 <= to; i += 8) {
    const a = bytes[i] as number
    const b = bytes[i + 1] as number
    const c = bytes[i + 2] as number
    const d = bytes[i + 3] as number
    const e = bytes[i + 4] as number
    const f = bytes[i + 5] as number
    const g = bytes[i + 6] as number
    const h = bytes[i + 7] as number
    if (
      ((a | b | c | d | e | f | g | h) & 0x80) !== 0 ||
      a === except ||
      b === except ||
      c === except ||
      d === except ||
      e === except ||
      f === except ||
      g === except ||
      h === except
    ) {
      return undefined
    }
    const part = fromCharCode(a, b, c, d, e, f, g, h)
    text = i === from ? part : text + part
  }
  if (i === to) {
    return text
  }
  const rest = shortRest(bytes, i, to, except)
  return rest === undefined ? undefined : text + rest
}

/** Up to seven units. */
function shortRest(bytes: Uint8Array, from: number, to: number, except: number): string | undefined {
  let all = 0
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number
    all |= byte
    if (byte === except) {
      return undefined
    }
  }
  if ((all & 0x80) !== 0) {
    return undefined
  }
  const a = bytes[from] as number
  const b = bytes[from + 1] as number
  const c = bytes[from + 2] as number
  const d = bytes[from + 3] as number
  const e = bytes[from + 4] as number
  const f = bytes[from + 5] as number
  switch (to - from) {
    case 1:
      return fromCharCode(a)
    case 2:
      return fromCharCode(a, b)
    case 3:
      return fromCharCode(a, b, c)
    case 4:
      return fromCharCode(a, b, c, d)
    case 5:
      return fromCharCode(a, b, c, d, e)
    case 6:
      return fromCharCode(a, b, c, d, e, f)
    default:
      return fromCharCode(a, b, c, d, e, f, bytes[from + 6] as number)
  }
}

/** Longest name, in bytes, that is cached. */
const NAME = 16
/** Names in the cache; a power of two. */
const NAMES = 512
const BACKSLASH = 0x5c
const names: Array<string | undefined> = new Array<string | undefined>(NAMES).fill(undefined)

/**
 * A short name as a string, from a cache of recent names: names recur, and a cached string is hashed
 * already. A collision replaces the cached name.
 */
export function shortName(bytes: Uint8Array, from: number, to: number, except: number): string | undefined {
  const length = to - from
  if (length > NAME) {
    return shortAscii(bytes, from, to, except)
  }
  let hash = length
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number
    if (byte === BACKSLASH) {
      // a backslash begins an escape in JSON but not in CBOR, so the bytes alone do not determine the name
      return shortAscii(bytes, from, to, except)
    }
    hash = (hash * 31 + byte) | 0
  }
  const slot = (hash ^ (hash >>> 9)) & (NAMES - 1)
  const known = names[slot]
  if (known !== undefined && known.length === length && sameAscii(bytes, from, known)) {
    return known
  }
  const name = shortAscii(bytes, from, to, except)
  names[slot] = name
  return name
}

function sameAscii(bytes: Uint8Array, from: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[from + i] !== text.charCodeAt(i)) {
      return false
    }
  }
  return true
}
