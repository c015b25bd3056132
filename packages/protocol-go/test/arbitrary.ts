import { Dict, key, List, type Node, Predicate } from '@sr/xr'
import fc from 'fast-check'

/** Strings that meet what the Go form writes in its own way, and what plain maps cannot take as a key. */
const CORNERS = [
  '',
  '/',
  'link',
  'bigint',
  '__proto__',
  '"',
  '\\',
  '\b',
  '\f',
  '\0',
  '\u007f',
  '\u2028',
  '\u2029',
  '\ufeff',
  'é',
  '\uffff',
  '😀',
  'a\nb\tc\rd',
  '\ufffd',
]

export const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...CORNERS),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 6 }).filter((s) => s.isWellFormed()),
  fc.string({ unit: 'grapheme', minLength: 30, maxLength: 150 }),
)

const EDGES = [
  0n,
  1n,
  23n,
  24n,
  255n,
  256n,
  65535n,
  65536n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
  2n ** 64n,
  2n ** 1024n - 1n,
]

export const int: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(...EDGES, ...EDGES.map((n) => -n), -(2n ** 63n) - 1n),
  fc.bigInt({ min: -300n, max: 300n }),
  fc.bigInt({ min: -(2n ** 1024n) + 1n, max: 2n ** 1024n - 1n }),
)

export const float: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(
    0,
    1,
    -1,
    0.1,
    1e19,
    -1e19,
    123456789012345680000,
    1e20,
    1e21,
    1e22,
    5e-324,
    1e-6,
    1e-7,
    2 ** 53,
    1.7976931348623157e308,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x)),
)

const CIDS = ['QmQg1v4o9xdT3Q14wh4S7dxZkDjyZ9ssFzFzyep1YrVJBY', 'bafkqabiaaebagba']

const link = fc.oneof(
  fc.constantFrom(...CIDS).map((cid) => new Predicate('link', [cid])),
  text.map((x) => new Predicate('link', [x])),
  // what looks like an Int in Go's clothes, and is none
  fc
    .constantFrom('1', '9223372036854775807', '09223372036854775808', (2n ** 1024n).toString())
    .map((digits) => new Predicate('bigint', [digits])),
)

const leaf: fc.Arbitrary<Node> = fc.oneof(fc.boolean(), text, int, float, fc.uint8Array({ maxLength: 40 }))

function dictOf(name: fc.Arbitrary<Node>, value: fc.Arbitrary<Node>): fc.Arbitrary<Dict> {
  return fc
    .array(fc.tuple(name, value), { maxLength: 4 })
    .map((entries) => Dict.from(new Map(entries.map((entry) => [key(entry[0]), entry])).values()))
}

/** Any node, every kind at every place. */
export const node: fc.Arbitrary<Node> = fc.letrec<{ node: Node; key: Node }>((tie) => ({
  key: fc.oneof({ weight: 5, arbitrary: text }, { weight: 2, arbitrary: leaf }, { weight: 1, arbitrary: tie('node') }),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    link,
    fc.array(tie('node'), { maxLength: 4 }).map((members) => List.from(members)),
    dictOf(text, tie('node')),
    dictOf(tie('key'), tie('node')),
    fc
      .tuple(text, fc.array(tie('node'), { maxLength: 3 }), dictOf(tie('key'), tie('node')))
      .map(([tag, positional, named]) => new Predicate(tag, positional, named)),
  ),
})).node
