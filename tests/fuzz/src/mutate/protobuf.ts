import type { Random } from '@sr/tests-kit/random'
import type { Stock } from './bytes.ts'
import { edited, EMPTY, joined } from './splice.ts'

interface Field {
  from: number
  body: number
  to: number
  wire: number
}

/** Fields looked at in one input. */
const MOST_FIELDS = 200

/** The fields of an input, as far as it reads as protobuf. */
function fieldsOf(input: Uint8Array): Field[] {
  const fields: Field[] = []
  let at = 0
  while (at < input.length && fields.length < MOST_FIELDS) {
    const from = at
    const tag = varintAt(input, at)
    const wire = tag.value & 7
    const body = tag.end
    if (wire === 0) at = varintAt(input, body).end
    else if (wire === 2) {
      const { value, end } = varintAt(input, body)
      at = end + value
    } else at = body + (wire === 1 ? 8 : wire === 5 ? 4 : 0)
    at = Math.min(at, input.length)
    fields.push({ from, body, to: at, wire })
  }
  return fields
}

function varintAt(input: Uint8Array, from: number): { value: number; end: number } {
  let value = 0
  let at = from
  for (let scale = 1; at < input.length; scale *= 128) {
    const byte = input[at++] as number
    value += (byte & 0x7f) * scale
    if (byte < 0x80) break
  }
  return { value, end: at }
}

/** A varint, `wide` bytes longer than it needs to be. */
function varint(value: bigint, wide = 0): Uint8Array {
  const out: number[] = []
  let rest = value
  do {
    out.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  } while (rest > 0n)
  for (let i = 0; i < wide; i++) out.push(0x80)
  out.push((out.pop() as number) & 0x7f)
  return Uint8Array.from(out)
}

const EDGES = [
  0n,
  1n,
  2n,
  3n,
  99n,
  127n,
  128n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 32n,
  (1n << 32n) + 1n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
  1n << 64n,
  (1n << 70n) - 1n,
]
const TAGS = [
  0x00, 0x07, 0x08, 0x0a, 0x10, 0x12, 0x18, 0x1a, 0x20, 0x22, 0x25, 0x21, 0x28, 0x2a, 0x2b, 0x2c, 0x2d, 0x29, 0x2e,
  0x78,
]

/** One change that keeps to fields. */
export function changeProtobuf(input: Uint8Array, random: Random, stock: Stock): Uint8Array {
  const fields = fieldsOf(input)
  const field = random.pick(fields)
  if (field === undefined) return random.pick(stock.tokens)
  const own = input.subarray(field.from, field.to)
  const donors = fieldsOf(stock.donor)
  const donor = donors.length === 0 ? undefined : random.pick(donors)
  const other = donor === undefined ? EMPTY : stock.donor.subarray(donor.from, donor.to)
  const replace = (bytes: Uint8Array): Uint8Array => edited(input, [{ from: field.from, to: field.to, bytes }])
  switch (random.below(8)) {
    case 0:
      return replace(other)
    case 1:
      return replace(joined([own, other]))
    case 2:
      return replace(EMPTY)
    case 3:
      return replace(joined([own, own]))
    case 4:
      return edited(input, [
        {
          from: field.from,
          to: field.body,
          bytes: random.once(3)
            ? varint(BigInt(random.pick(TAGS)), random.small(0, 9))
            : Uint8Array.of(random.pick(TAGS)),
        },
      ])
    case 5:
      return edited(input, [
        {
          from: field.body,
          to: field.wire === 0 ? field.to : Math.min(field.body + 1, field.to),
          bytes: varint(random.pick(EDGES), random.once(3) ? random.small(0, 9) : 0),
        },
      ])
    case 6: {
      // a field of bytes with other content
      const content = random.once(3) ? stock.donor.subarray(0, random.small(0, 300)) : random.pick(stock.tokens)
      return replace(joined([Uint8Array.of(random.pick([0x12, 0x1a, 0x2a])), varint(BigInt(content.length)), content]))
    }
    default:
      return joined([own, input.subarray(0, field.from), input.subarray(field.to)])
  }
}
