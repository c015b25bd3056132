import type { Random } from '@sr/tests-kit/random'
import type { Stock } from './bytes.ts'
import { edited, type Edit, EMPTY, joined, repeated } from './splice.ts'

/** A CBOR item: where its head begins and ends, and where its content does. */
export interface Item {
  from: number
  body: number
  to: number
  major: number
  argument: number
  /** index of the item around it, or -1 */
  parent: number
}

/** Items looked at in one input. */
const MOST_ITEMS = 400

/** The items of an input, as far as it reads as CBOR; lenient, since inputs are broken on purpose. */
export function itemsOf(input: Uint8Array): Item[] {
  const items: Item[] = []
  const open: Array<{ index: number; left: number }> = []
  let at = 0
  while (at < input.length && items.length < MOST_ITEMS) {
    const first = input[at] as number
    const info = first & 31
    const width = info < 24 || info > 27 ? 0 : 1 << (info - 24)
    let argument = width === 0 ? info : 0
    for (let i = 1; i <= width; i++) argument = argument * 256 + (input[at + i] ?? 0)
    const major = first >> 5
    const body = Math.min(input.length, at + 1 + width)
    const item: Item = { from: at, body, to: body, major, argument, parent: open.at(-1)?.index ?? -1 }
    items.push(item)
    at = body
    const children = major === 4 ? argument : major === 5 ? argument * 2 : major === 6 ? 1 : 0
    if (major === 2 || major === 3) at = item.to = Math.min(input.length, body + argument)
    if (children > 0) open.push({ index: items.length - 1, left: children })
    else at = closed(items, open, at)
  }
  for (const { index } of open) (items[index] as Item).to = at
  return items
}

function closed(items: Item[], open: Array<{ index: number; left: number }>, at: number): number {
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (--top.left > 0) break
    ;(items[top.index] as Item).to = at
    open.pop()
  }
  return at
}

/** A head in its shortest form, or `wide` steps longer. */
export function head(major: number, argument: number, wide = 0): Uint8Array {
  const least = argument < 24 ? 0 : argument < 0x100 ? 1 : argument < 0x10000 ? 2 : argument < 0x100000000 ? 3 : 4
  const step = Math.min(4, least + wide)
  if (step === 0) return Uint8Array.of((major << 5) | argument)
  const out = new Uint8Array(1 + (1 << (step - 1)))
  out[0] = (major << 5) | (23 + step)
  for (let i = out.length - 1, rest = argument; i > 0; i--, rest = Math.floor(rest / 256)) out[i] = rest % 256
  return out
}

const NULL = Uint8Array.of(0xf6)
const A = Uint8Array.of(0x61, 0x61)
const EDGES = [0, 1, 23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 2 ** 63]

/** One change that keeps the counts of arrays and maps right, most of the time. */
export function changeCbor(input: Uint8Array, random: Random, stock: Stock): Uint8Array {
  const items = itemsOf(input)
  if (items.length === 0) return random.pick(stock.tokens)
  const item = random.pick(items)
  const own = input.subarray(item.from, item.to)
  const other = random.once(3) ? ownPart(input, items, random) : donated(stock.donor, random)
  const replace = (bytes: Uint8Array): Uint8Array => edited(input, [{ from: item.from, to: item.to, bytes }])
  switch (random.below(11)) {
    case 0:
      return replace(other)
    case 1:
      return inserted(input, items, random, () =>
        random.once(2) ? donated(stock.donor, random) : ownPart(input, items, random),
      )
    case 2:
      return removed(input, items, item)
    case 3:
      return swapped(input, items, item, random)
    case 4:
      return replace(wrapped(own, other, random))
    case 5:
      return replace(
        ownPart(
          input,
          items.filter((one) => one.from > item.from && one.to <= item.to),
          random,
        ),
      )
    case 6:
      return edited(input, [{ from: item.from, to: item.body, bytes: reheaded(item, random) }])
    case 7:
      return replace(resized(input, item, random))
    case 8:
      return replace(random.pick(stock.tokens))
    case 9:
      return replace(nested(own, random))
    default:
      return sorted(input, items)
  }
}

function donated(donor: Uint8Array, random: Random): Uint8Array {
  return ownPart(donor, itemsOf(donor), random)
}

function ownPart(input: Uint8Array, items: readonly Item[], random: Random): Uint8Array {
  if (items.length === 0) return A
  const item = random.pick(items)
  return input.subarray(item.from, item.to)
}

function recounted(item: Item, by: number): Edit {
  return { from: item.from, to: item.body, bytes: head(item.major, Math.max(0, item.argument + by)) }
}

function inserted(input: Uint8Array, items: Item[], random: Random, part: () => Uint8Array): Uint8Array {
  const containers = items.filter((one) => one.major === 4 || one.major === 5)
  if (containers.length === 0) return input
  const into = random.pick(containers)
  const at = random.once(2) ? into.body : into.to
  const bytes = into.major === 5 ? joined([random.once(3) ? part() : A, part()]) : part()
  return edited(input, [recounted(into, 1), { from: at, to: at, bytes }])
}

function removed(input: Uint8Array, items: Item[], item: Item): Uint8Array {
  const around = items[item.parent]
  const gone: Edit = { from: item.from, to: item.to, bytes: EMPTY }
  if (around === undefined || around.major === 6) return edited(input, [gone])
  if (around.major === 4) return edited(input, [recounted(around, -1), gone])
  const siblings = childrenOf(items, around)
  const pair = siblings.indexOf(item) >> 1
  const first = siblings[pair * 2] as Item
  const last = siblings[pair * 2 + 1] ?? first
  return edited(input, [recounted(around, -1), { from: first.from, to: last.to, bytes: EMPTY }])
}

function childrenOf(items: readonly Item[], around: Item): Item[] {
  const index = items.indexOf(around)
  return items.filter((one) => one.parent === index)
}

function swapped(input: Uint8Array, items: Item[], item: Item, random: Random): Uint8Array {
  const other = random.pick(items.filter((one) => one.parent === item.parent))
  if (other === item || other === undefined) return input
  return edited(input, [
    { from: item.from, to: item.to, bytes: input.subarray(other.from, other.to) },
    { from: other.from, to: other.to, bytes: input.subarray(item.from, item.to) },
  ])
}

function wrapped(own: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  switch (random.below(9)) {
    case 0:
      return joined([Uint8Array.of(0x81), own])
    case 1:
      return joined([Uint8Array.of(0x82), own, other])
    case 2:
      return joined([Uint8Array.of(0xa1), A, own])
    case 3:
      return joined([Uint8Array.of(0xa1), other, own])
    case 4:
      return joined([Uint8Array.of(0x84), NULL, A, Uint8Array.of(0x81), own, Uint8Array.of(0xa0)]) // [null, tag, [own], {}]
    case 5:
      return joined([Uint8Array.of(0x84), NULL, A, Uint8Array.of(0x80, 0xa1), A, own]) // [null, tag, [], {a: own}]
    case 6:
      return joined([Uint8Array.of(0x82), NULL, Uint8Array.of(0x81, 0x82), own, other]) // [null, [[own, other]]]
    case 7:
      return joined([Uint8Array.of(0x83), NULL, Uint8Array.of(random.pick([0x00, 0x01, 0x20, 0x21])), own]) // [null, ±1, own]
    default:
      return joined([
        Uint8Array.of(0x84),
        NULL,
        A,
        Uint8Array.of(0x80, 0x82),
        NULL,
        Uint8Array.of(0x81, 0x82),
        own,
        other,
      ])
  }
}

function reheaded(item: Item, random: Random): Uint8Array {
  switch (random.below(4)) {
    case 0:
      return head(item.major, item.argument, random.small(1, 4))
    case 1:
      return head(item.major, random.pick(EDGES))
    case 2:
      return head(random.below(8), item.argument)
    default:
      return head(item.major, Math.max(0, item.argument + random.pick([-2, -1, 1, 2])))
  }
}

const LENGTHS = [0, 1, 23, 24, 46, 128, 129, 255, 256, 400, 4095, 4096, 65535, 65536, 65537]

/** An item with another argument, and content that fits it. */
function resized(input: Uint8Array, item: Item, random: Random): Uint8Array {
  if (item.major !== 2 && item.major !== 3)
    return head(item.major < 2 ? 1 - item.major : item.major, random.pick(EDGES))
  const content = input.subarray(item.body, item.to)
  const length = random.once(40) ? random.pick(LENGTHS) : random.pick(LENGTHS.slice(0, 7))
  const filler = content.length === 0 ? A : content
  return joined([head(item.major, length), repeated(filler, Math.ceil(length / filler.length)).subarray(0, length)])
}

function nested(own: Uint8Array, random: Random): Uint8Array {
  const times = random.once(50) ? random.small(1, 5000) : random.small(1, 70)
  switch (random.below(4)) {
    case 0:
      return joined([repeated(Uint8Array.of(0x81), times), own])
    case 1:
      return joined([repeated(Uint8Array.of(0xa1, 0x61, 0x61), times), own])
    case 2:
      return joined([repeated(Uint8Array.of(0x82, 0xf6, 0x81, 0x82), times), own, repeated(Uint8Array.of(0x00), times)]) // as keys
    default:
      return joined([
        repeated(Uint8Array.of(0x84, 0xf6, 0x61, 0x74, 0x81), times),
        own,
        repeated(Uint8Array.of(0xa0), times),
      ])
  }
}

/** The entries of the innermost maps in the order of dag-cbor, so that what was put in may be accepted. */
function sorted(input: Uint8Array, items: Item[]): Uint8Array {
  const edits: Edit[] = []
  for (const map of items) {
    if (map.major !== 5) continue
    const children = childrenOf(items, map)
    const entries: Uint8Array[][] = []
    for (let i = 0; i + 1 < children.length; i += 2) {
      const [name, value] = [children[i] as Item, children[i + 1] as Item]
      entries.push([input.subarray(name.from, name.to), input.subarray(value.from, value.to)])
    }
    entries.sort((a, b) => Buffer.compare(a[0] as Uint8Array, b[0] as Uint8Array))
    const bytes = joined(entries.flat())
    if (bytes.length === map.to - map.body) edits.push({ from: map.body, to: map.to, bytes })
  }
  return edited(input, edits.toReversed())
}
