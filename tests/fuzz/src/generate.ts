import { Dict, List, type Node, Predicate } from '@sr/xr'
import type { Random } from '@sr/tests-kit/random'

const TEXTS = [
  '',
  '/',
  'a',
  'b',
  'aa',
  'ab',
  'é',
  'z',
  '\0',
  '\0s',
  '\0i1',
  'true',
  'false',
  'null',
  'link',
  'bytes',
  'bigint',
  'b64',
  '__proto__',
  'a b',
  'a=b',
  '$set',
  '-',
  '0x',
  '1',
  '"',
  '\\',
  '#',
  '\n',
  '\u007f',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\ue000',
  '\uffff',
  '😀',
  '9223372036854775808',
  '-9223372036854775809',
  '9223372036854775807',
  '18446744073709551616',
  'Key',
  'String_IPLD',
  'bafkqabiaaebagba',
  'bafyreidj5idub6mapiupjwjsyyxhyhedxycv4vihfsicm2vt46o7morwlm',
  'QmQg1v4o9xdT3Q14wh4S7dxZkDjyZ9ssFzFzyep1YrVJBY',
  'BAFKQABIAAEBAGBA',
]
const TAGS = ['', 't', 'link', 'bigint', 'dialable', '$set', 'true', 'a b', 'null', '/']
const POWERS = [0, 1, 5, 8, 16, 24, 31, 32, 53, 63, 64, 65, 127, 128, 256, 1023, 1024]
const FLOATS = [
  0,
  1,
  -1,
  1.5,
  0.1,
  1e19,
  1e20,
  1e21,
  1e22,
  -1e21,
  5e-324,
  1e-6,
  1e-7,
  2 ** 53,
  2 ** 63,
  2 ** 64,
  1.7976931348623157e308,
]

/** A random node, small most of the time, with the corners where forms differ. */
export function generate(random: Random, levels = random.small(0, 4)): Node {
  if (levels === 0 || random.once(3)) return leaf(random)
  const many = (): Node[] => Array.from({ length: random.small(0, 3) }, () => generate(random, levels - 1))
  switch (random.below(6)) {
    case 0:
      return List.from(many())
    case 1:
      return dict(random, levels, true)
    case 2:
      return dict(random, levels, false)
    case 3:
      return new Predicate('link', [text(random)])
    case 4:
      return new Predicate(random.pick(TAGS), many(), dict(random, levels, random.once(2)))
    default:
      return random.once(8) ? deep(random) : List.of(leaf(random))
  }
}

function leaf(random: Random): Node {
  switch (random.below(7)) {
    case 0:
      return random.once(2)
    case 1:
    case 2:
      return text(random)
    case 3:
      return int(random)
    case 4:
      return random.once(2) ? random.pick(FLOATS) : float(random)
    case 5:
      return Uint8Array.from({ length: random.small(0, 40) }, () => random.below(256))
    default:
      return BigInt(random.small(0, 300)) * (random.once(2) ? 1n : -1n)
  }
}

function text(random: Random): string {
  if (random.once(30)) return random.pick(TEXTS).repeat(random.small(1, 300))
  return random.once(4) ? random.pick(TEXTS) + random.pick(TEXTS) : random.pick(TEXTS)
}

function int(random: Random): bigint {
  const power = 1n << BigInt(random.pick(POWERS))
  const value = power + BigInt(random.pick([-2, -1, -1, 0, 0, 1]))
  const bounded = value >= 1n << 1024n ? (1n << 1024n) - 1n : value
  return random.once(2) ? bounded : -bounded
}

const view = new DataView(new ArrayBuffer(8))

function float(random: Random): number {
  view.setUint32(0, random.bits())
  view.setUint32(4, random.bits())
  const value = view.getFloat64(0)
  return Number.isFinite(value) && value !== 0 ? value : 0
}

function dict(random: Random, levels: number, plain: boolean): Dict {
  const entries = new Map<string, Node>()
  const odd: Array<[Node, Node]> = []
  for (let more = random.small(0, 4); more > 0; more--) {
    if (plain || random.once(2)) entries.set(text(random), generate(random, levels - 1))
    else odd.push([generate(random, random.once(3) ? levels - 1 : 0), generate(random, levels - 1)])
  }
  const all: Array<readonly [Node, Node]> = [...entries]
  for (const [name, value] of odd) if (!Dict.from(all).has(name)) all.push([name, value])
  return Dict.from(all)
}

/** One node in another, about as deep as the limit allows. */
function deep(random: Random): Node {
  let node = leaf(random)
  const wrap = random.below(4)
  for (let more = random.once(2) ? random.small(1, 8) : random.small(55, 66); more > 0; more--) {
    node =
      wrap === 0
        ? List.of(node)
        : wrap === 1
          ? Dict.from([['a', node]])
          : wrap === 2
            ? Dict.from([[node, 1n]])
            : new Predicate('t', [], Dict.from([['a', node]]))
  }
  return node
}
