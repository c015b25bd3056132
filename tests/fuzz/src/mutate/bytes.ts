import type { Random } from '@sr/tests-kit/random'
import { edited, EMPTY, joined, repeated } from './splice.ts'

/** What a change may draw from. */
export interface Stock {
  /** tokens that mean something in this form */
  tokens: readonly Uint8Array[]
  /** another input */
  donor: Uint8Array
  /** longest input to make */
  most: number
}

const EDGES = [
  0x00, 0x01, 0x17, 0x18, 0x1f, 0x20, 0x22, 0x2f, 0x3f, 0x5b, 0x5f, 0x60, 0x7f, 0x80, 0x81, 0x9f, 0xa0, 0xbf, 0xc0,
  0xd8, 0xed, 0xf4, 0xf6, 0xf9, 0xfb, 0xff,
]

/** One change that knows nothing of the form. */
export function changeBytes(input: Uint8Array, random: Random, stock: Stock): Uint8Array {
  const at = random.below(input.length + 1)
  const to = Math.min(input.length, at + random.small(1, 16))
  switch (random.below(13)) {
    case 0:
      return flipped(input, random)
    case 1:
      return edited(input, [{ from: at, to: Math.min(input.length, at + 1), bytes: Uint8Array.of(random.pick(EDGES)) }])
    case 2:
      return edited(input, [{ from: at, to: at, bytes: Uint8Array.of(random.below(256)) }])
    case 3:
      return edited(input, [{ from: at, to, bytes: EMPTY }])
    case 4:
      return edited(input, [{ from: to, to, bytes: input.subarray(at, to) }])
    case 5:
      return edited(input, [{ from: at, to: at, bytes: repeated(input.subarray(at, to), random.small(1, 40)) }])
    case 6:
      return input.subarray(0, at)
    case 7:
      return edited(input, [{ from: at, to: at, bytes: random.pick(stock.tokens) }])
    case 8: {
      const token = random.pick(stock.tokens)
      return edited(input, [{ from: at, to: Math.min(input.length, at + token.length), bytes: token }])
    }
    case 9: {
      const from = random.below(stock.donor.length)
      return edited(input, [{ from: at, to, bytes: stock.donor.subarray(from, from + random.small(1, 32)) }])
    }
    case 10:
      return joined([input.subarray(0, at), stock.donor.subarray(random.below(stock.donor.length + 1))])
    case 11:
      return stepped(input, random)
    default: {
      // two places change their contents
      const other = random.below(input.length + 1)
      const end = Math.min(input.length, other + random.small(1, 16))
      if (other < to) return input.subarray(at)
      return edited(input, [
        { from: at, to, bytes: input.subarray(other, end) },
        { from: other, to: end, bytes: input.subarray(at, to) },
      ])
    }
  }
}

function flipped(input: Uint8Array, random: Random): Uint8Array {
  const out = input.slice()
  const at = random.below(out.length)
  if (out.length > 0) out[at] = (out[at] as number) ^ (1 << random.below(8))
  return out
}

function stepped(input: Uint8Array, random: Random): Uint8Array {
  const out = input.slice()
  const at = random.below(out.length)
  if (out.length > 0) out[at] = ((out[at] as number) + random.pick([-16, -2, -1, 1, 2, 16])) & 0xff
  return out
}
