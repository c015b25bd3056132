import { XrError } from '../errors.ts'
import { Op } from '../tape.ts'
import type { NaturalForm } from './natural.ts'

const CID_TAG_HEAD = 0xd8
const CID_TAG = 42

/** A head: the argument, and where what follows it begins. Kept here, so that reading one allocates nothing. */
let argument = 0
let next = 0

/**
 * First pass over dag-cbor: heads and lengths, the order of keys, the kinds. No recursion; what is
 * declared is compared with what is there before anything is done with it.
 *
 * @throws XrError
 */
export function scanCbor (input: Uint8Array, form: NaturalForm): void {
  /** of each open container, items to come; a map has two per entry */
  const left: number[] = []
  /** of each open map, where the key before stands, or -1 */
  const before: number[] = []
  let at = 0
  let depth = 0
  for (;;) {
    while (depth > 0 && left[depth - 1] === 0) {
      depth--
      form.close(at)
    }
    if (form.done) {
      break
    }
    if (depth > 0) {
      (left[depth - 1] as number)--
    }
    if (at >= input.length) {
      throw truncated(at)
    }
    const head = input[at] as number
    const major = head >> 5
    if (form.wantsKey) {
      if (major !== 3) {
        throw new XrError('XR_FORM', 'the keys of a map are strings', { offset: at })
      }
      readHead(input, at, head)
      const end = next + argument
      if (end > input.length) {
        throw truncated(at)
      }
      compareKeys(input, before[depth - 1] as number, at, end)
      before[depth - 1] = at
      form.key(next, end, argument)
      at = end
      continue
    }
    if (major === 7) {
      at = scanSimple(input, at, head, form)
      continue
    }
    if (major === 6) {
      at = scanLink(input, at, head, form)
      continue
    }
    readHead(input, at, head)
    if (major <= 1) {
      // head byte 0x01 is 1, 0x20 is -1
      form.int(at, next, next - at, head === 0x01 ? 1 : head === 0x20 ? -1 : 0)
      at = next
      continue
    }
    if (major <= 3) {
      const end = next + argument
      if (end > input.length) {
        throw truncated(at)
      }
      if (major === 2) {
        form.bytes(next, end, argument)
      } else {
        form.text(next, end, argument)
      }
      at = end
      continue
    }
    const items = major === 5 ? argument * 2 : argument
    if (items > input.length - next) { // every item takes a byte at least
      throw truncated(at)
    }
    if (major === 5) {
      form.openMap(at)
    } else {
      form.openList(at)
    }
    left[depth] = items
    before[depth] = -1
    depth++
    at = next
  }
  if (at < input.length) {
    throw new XrError('XR_SYNTAX', `${input.length - at} bytes follow the document`, { offset: at })
  }
}

/** Reads a head's argument, which must be in its shortest form. */
function readHead (input: Uint8Array, at: number, head: number): void {
  const info = head & 31
  if (info < 24) {
    argument = info
    next = at + 1
    return
  }
  if (info > 27) {
    throw new XrError('XR_FORM', info === 31 ? 'indefinite lengths are not canonical' : 'a reserved length', { offset: at })
  }
  const width = 1 << (info - 24)
  next = at + 1 + width
  if (next > input.length) {
    throw truncated(at)
  }
  argument = 0
  for (let i = at + 1; i < next; i++) {
    argument = argument * 256 + (input[i] as number)
  }
  // beyond 2^53 the sum is rounded, but never to below what needs 8 bytes
  if (argument < (width === 1 ? 24 : 2 ** (4 * width))) {
    throw new XrError('XR_FORM', 'a number or length in more bytes than it needs', { offset: at })
  }
}

function scanSimple (input: Uint8Array, at: number, head: number, form: NaturalForm): number {
  switch (head) {
    case 0xf4:
      form.leaf(Op.FALSE, at, at, 1)
      return at + 1
    case 0xf5:
      form.leaf(Op.TRUE, at, at, 1)
      return at + 1
    case 0xf6:
      form.null(at)
      return at + 1
    case 0xfb:
      return scanFloat(input, at, form)
    case 0xf9:
    case 0xfa:
      throw new XrError('XR_FORM', 'a Float takes 8 bytes', { offset: at })
    case 0xf7:
      throw new XrError('XR_KIND', 'undefined is none of the eight kinds', { offset: at })
    default:
      throw new XrError('XR_KIND', 'a CBOR simple value that is none of the eight kinds', { offset: at })
  }
}

function scanFloat (input: Uint8Array, at: number, form: NaturalForm): number {
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
    throw new XrError('XR_FORM', '-0 is written as 0', { offset: at })
  }
  form.leaf(Op.FLOAT, at + 1, end, 9)
  return end
}

function scanLink (input: Uint8Array, at: number, head: number, form: NaturalForm): number {
  if (head !== CID_TAG_HEAD || input[at + 1] !== CID_TAG) {
    throw new XrError('XR_KIND', 'of CBOR\'s tags only 42, a link, has a kind', { offset: at })
  }
  const bytesHead = input[at + 2]
  if (bytesHead === undefined || bytesHead >> 5 !== 2) {
    throw new XrError('XR_VALUE', 'tag 42 must hold bytes', { offset: at })
  }
  readHead(input, at + 2, bytesHead)
  const end = next + argument
  if (end > input.length) {
    throw truncated(at)
  }
  if (argument === 0 || input[next] !== 0) {
    throw new XrError('XR_VALUE', 'a link must begin with a zero byte, the identity multibase', { offset: at })
  }
  // version 0 begins with its multihash, 0x12 0x20, and prints as 46 digits of base58; the others in base32
  const text = input[next + 1] === 0x12 ? 46 : 1 + Math.ceil((argument - 1) * 8 / 5)
  form.link(next + 1, end, end - at, text)
  return end
}

/** Keys must rise: shorter first, then bytewise. `before` and `at` are where their heads stand. */
function compareKeys (input: Uint8Array, before: number, at: number, end: number): void {
  if (end - next === 1 && input[next] === 0x2f) {
    throw new XrError('XR_FORM', 'a Dict with the key / is written as pairs', { offset: at })
  }
  if (before < 0) {
    return
  }
  // Heads rise with the length they carry, and come before the text: so the plain bytes decide.
  for (let i = before, j = at; j < end; i++, j++) {
    const difference = (input[j] as number) - (input[i] as number)
    if (difference > 0) {
      return
    }
    if (difference < 0) {
      throw new XrError('XR_FORM', 'the keys of a map must be sorted', { offset: at })
    }
  }
  throw new XrError('XR_DUPLICATE', 'a Dict holds each key once', { offset: at })
}

function truncated (at: number): XrError {
  return new XrError('XR_SYNTAX', 'the input ends before the document does', { offset: at })
}
