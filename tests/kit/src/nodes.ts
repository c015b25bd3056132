// Random documents as fast-check arbitraries.
import fc from 'fast-check'
import { Dict, key, List, Predicate, type Node } from '@sr/xr'

/** CIDs in canonical string form, of several codecs, hashes and both versions. */
export const CIDS: readonly string[] = [
  'QmQg1v4o9xdT3Q14wh4S7dxZkDjyZ9ssFzFzyep1YrVJBY',
  'bafkqabiaaebagba',
  'bafyreidj5idub6mapiupjwjsyyxhyhedxycv4vihfsicm2vt46o7morwlm',
  'bahaacvrasyauh7rmlyrmyc7qzvktjv7x6q2h6ttvei6qon43tl3riaaaaaaa',
]

// strings that meet the corners: reserved words, the escape key, prototype names, quotes, controls,
// marks a reader cannot see, astral characters, and the halves of the UTF-16 order trap
const CORNERS = [
  '',
  '/',
  'bytes',
  'bigint',
  'link',
  'true',
  'false',
  'null',
  '__proto__',
  'constructor',
  'toString',
  '\0',
  '\0s',
  '\0i1',
  '0x',
  '1',
  '-1',
  '1.0',
  '"',
  '\\',
  '#',
  '\n',
  '\t',
  '\b',
  '\f',
  'a\nb\tc\rd',
  '\u007f',
  '\u2028',
  '\u2029',
  '\u202e',
  '\ufeff',
  '\ufeffa',
  'é',
  '\ue000',
  '\uffff',
  '\ufffd',
  '😀',
  '😀\u0000',
  'a b',
  'a=b',
  '(',
  '$set',
  '$',
  '-',
  'b64',
  'b64"',
  'ab',
  'aaa',
  'b',
]

export const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...CORNERS),
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 4 }).filter((s) => s.isWellFormed()),
  fc.string({ minLength: 20, maxLength: 90 }),
  fc.string({ unit: 'grapheme', minLength: 10, maxLength: 150 }),
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
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
  2n ** 64n,
  2n ** 64n + 1n,
  2n ** 65n,
  2n ** 1024n - 1n,
]

const int: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(...EDGES, ...EDGES.map((n) => -n), -(2n ** 63n) - 1n, -(2n ** 64n) - 1n),
  fc.bigInt({ min: -300n, max: 300n }),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.bigInt({ min: -(2n ** 1024n) + 1n, max: 2n ** 1024n - 1n }),
)

const float: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(
    0,
    1,
    -1,
    1.5,
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
    2 ** 63,
    2 ** 64,
    1.7976931348623157e308,
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x)),
)

const bytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 40 })

const lookalike = fc.oneof(
  fc.constantFrom(...CIDS).map((cid) => new Predicate('link', [cid])),
  // looks like a link, and is not one
  fc.oneof(fc.constantFrom('bafk', 'Qm', 'BAFKQABIAAEBAGBA'), text).map((x) => new Predicate('link', [x])),
  fc.constantFrom(...CIDS).map((cid) => new Predicate('link', [cid], Dict.from([['a', true]]))),
  // looks like an Int as the Go form writes it, and is not one
  fc
    .constantFrom('1', '9223372036854775807', '09223372036854775808', (2n ** 1024n).toString())
    .map((digits) => new Predicate('bigint', [digits])),
)

const leaf: fc.Arbitrary<Node> = fc.oneof(fc.boolean(), text, int, float, bytes)

/** Dict entries, equal keys dropped. */
function dictOf(name: fc.Arbitrary<Node>, value: fc.Arbitrary<Node>, maxLength: number): fc.Arbitrary<Dict> {
  return fc
    .array(fc.tuple(name, value), { maxLength })
    .map((entries) => Dict.from(new Map(entries.map((entry) => [key(entry[0]), entry])).values()))
}

/** Any node, every kind at every place. */
export const node: fc.Arbitrary<Node> = fc.letrec<{ node: Node; key: Node }>((tie) => ({
  key: fc.oneof({ weight: 5, arbitrary: text }, { weight: 2, arbitrary: leaf }, { weight: 1, arbitrary: tie('node') }),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    lookalike,
    fc.array(tie('node'), { maxLength: 5 }).map((members) => List.from(members)),
    dictOf(text, tie('node'), 5),
    dictOf(tie('key'), tie('node'), 4),
    fc
      .tuple(text, fc.array(tie('node'), { maxLength: 3 }), dictOf(tie('key'), tie('node'), 3))
      .map(([tag, positional, named]) => new Predicate(tag, positional, named)),
  ),
})).node
