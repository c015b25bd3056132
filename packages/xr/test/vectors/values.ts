import { Dict, List, type Node, Predicate } from '../../src/index.ts'

/** A value of the vectors, by name. */
export type Value = readonly [name: string, node: Node]

/** CIDs in their canonical strings: version 0, and version 1 with several codecs and hashes. */
export const CID = {
  v0: 'QmQg1v4o9xdT3Q14wh4S7dxZkDjyZ9ssFzFzyep1YrVJBY',
  dagCbor: 'bafyreidj5idub6mapiupjwjsyyxhyhedxycv4vihfsicm2vt46o7morwlm',
  raw: 'bafkreiebzrnroamgos2adnbpgw5apo3z4iishhbdx77gldnbk57d4zdio4',
  identity: 'bafkqabiaaebagba',
  /** the same bytes as `identity`, in strings that are no canonical ones */
  upper: 'BAFKQABIAAEBAGBA',
  base58: 'zz38REg85UM1',
} as const

const list = (...members: Node[]): List => List.from(members, { unique: true })
const dict = (...entries: Array<readonly [Node, Node]>): Dict => Dict.from(entries)
const predicate = (tag: string, positional: Node[] = [], ...named: Array<readonly [Node, Node]>): Predicate =>
  new Predicate(tag, positional, Dict.from(named))
const link = (cid: string): Predicate => predicate('link', [cid])
const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all)
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

const SCALARS: Value[] = [
  ['true', true],
  ['false', false],
  ...['', 'a', 'true', 'null', 'a b', '/', '__proto__'].map((text): Value => [`string ${JSON.stringify(text)}`, text]),
  ...[23, 24, 255, 256].map((length): Value => [`string of ${length} bytes`, 'x'.repeat(length)]),
  ['string of 24 bytes in 8 characters', '水'.repeat(8)],
  ['string of quotes and backslashes', '"\\"/'],
  ['string of all controls', String.fromCharCode(...range(32))],
  ['string of DEL and C1 controls', '\u007f\u0080\u009f'],
  ['string that begins with NUL', '\0s'],
  ['string of two, three and four bytes', 'é水𐅑'],
  ['string of characters nobody sees', '\u00ad\u200b\u2028\u2029\u202e\u2060\ufeff'],
  ['string that begins with a byte order mark', '\ufeffa'],
  ['string with joiners', '👨‍👩‍👧 क्‍ष'],
  ['string composed', 'é'],
  ['string decomposed', 'e\u0301'],
  ['string at the end of the basic plane', '\ud7ff\ue000\uffff'],
  ['string of the first and last astral character', '\u{10000}\u{10ffff}'],
]

const INTS = [
  0n,
  1n,
  10n,
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
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
  2n ** 64n,
  2n ** 64n + 1n,
  2n ** 65n,
  2n ** 72n - 1n,
  2n ** 72n,
  2n ** 1023n,
  2n ** 1024n - 1n,
]

/** An Int by its size, since 309 digits are no name. */
function nameOfInt(value: bigint): string {
  return value < 10n ** 21n && value > -(10n ** 21n)
    ? `int ${value}`
    : `int ${value < 0n ? 'of minus ' : 'of '}0x${(value < 0n ? -value : value).toString(16).slice(0, 4)}… (${String(value).length} digits)`
}

const NUMBERS: Value[] = [
  ...[...INTS, ...INTS.slice(1).map((value) => -value), -25n, -257n, -65537n, -(2n ** 32n) - 1n, -(2n ** 63n) - 1n].map(
    (value): Value => [nameOfInt(value), value],
  ),
  ...[
    0,
    1,
    -1,
    1.5,
    -1.5,
    0.1,
    1 / 3,
    100,
    65504,
    1e20,
    1e21,
    1.5e21,
    1e22,
    123456789012345680000,
    1e-6,
    1e-7,
    1.5e-7,
    5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    3.4028234663852886e38,
    2 ** 53,
    2 ** 63,
    2 ** 64,
    0.30000000000000004,
  ].map((value): Value => [`float ${value}`, value]),
]

const BYTES: Value[] = [
  ...[0, 1, 2, 3, 23, 24, 255, 256].map((length): Value => [`${length} bytes`, bytes(...range(length))]),
  ['bytes whose base64 has + and /', bytes(0xfb, 0xff, 0xbf)],
  ['bytes that are text', bytes(0x61, 0x62)],
]

const LISTS: Value[] = [
  ['list, empty', list()],
  ['list of one', list('a')],
  ['list whose order is not the canonical one', list('b', 'a', 'aa', 1n)],
  ['list in canonical order', list(1n, 'a', 'b', 'aa')],
  ['list of every kind', list(true, 'a', 1n, 1.5, bytes(1), list(1n), dict(['a', 1n]), predicate('p'))],
  ['list of values that only their kind tells apart', list(1n, 1, true, '1', bytes(0x31), list(1n))],
  ['list that begins with the String null', list('null', 'tag', list(), dict())],
  ['list of lists', list(list(), list(list()), list(2n, 1n))],
  ['list of dicts', list(dict(['b', 1n], ['a', 2n]), dict(['a', 2n]))],
  ['list of 23', list(...range(23).map(BigInt))],
  ['list of 24', list(...range(24).map(BigInt))],
  ['list of 256', list(...range(256).map(BigInt))],
  ['lists 8 deep', range(7).reduce<Node>((inner) => list(inner), list())],
]

const DICTS: Value[] = [
  ['dict, empty', dict()],
  ['dict of one', dict(['a', 1n])],
  ['dict whose keys differ in length', dict(['b', 1n], ['aa', 2n], ['', 3n], ['ab', 4n])],
  ['dict whose keys are escaped in JSON', dict(['\n', 1n], ['A', 2n], ['"', 3n], ['\\', 4n], ['a', 5n])],
  [
    'dict whose keys sort otherwise in UTF-16',
    dict(['\ue000a', 1n], ['\u{10000}', 2n], ['\uffff', 3n], ['\ud7ff', 4n]),
  ],
  [
    'dict with names of JavaScript',
    dict(['__proto__', 1n], ['constructor', 2n], ['toString', 3n], ['hasOwnProperty', 4n], ['length', 5n]),
  ],
  [
    'dict with words of the text syntax',
    dict(
      ['true', 1n],
      ['false', 2n],
      ['null', 3n],
      ['b64', 4n],
      ['0x', 5n],
      ['$set', 6n],
      ['a-b', 7n],
      ['-a', 8n],
      ['a b', 9n],
    ),
  ],
  ['dict with keys that begin with NUL', dict(['\0', 1n], ['\0s', 2n], ['\0i1', 3n])],
  ['dict with the keys of dag-json', dict(['bytes', 'AQ'], ['link', 'x'])],
  ['dict with keys that begin with /', dict(['//', 1n], ['/a', 2n], ['/bytes', 3n])],
  ['dict of 23', dict(...range(23).map((i) => [`k${i}`, BigInt(i)] as const))],
  ['dict of 24', dict(...range(24).map((i) => [`k${i}`, BigInt(i)] as const))],
  ['dicts in dicts', dict(['a', dict(['a', dict(['a', dict()])])])],
  ['dicts 8 deep', range(7).reduce<Node>((inner) => dict(['a', inner]), dict())],
]

const PAIRS: Value[] = [
  ['dict with the key /', dict(['/', 1n])],
  ['dict with the key / and others', dict(['a', 1n], ['/', 2n], ['', 3n])],
  ['dict with the key / as bytes are written', dict(['/', dict(['bytes', 'AQ'])])],
  ['dict with the key / as links are written', dict(['/', CID.identity])],
  ['dict with an Int key', dict([1n, 'a'])],
  ['dict with Int keys out of order', dict([-1n, 1n], [24n, 2n], [23n, 3n], [256n, 4n], [0n, 5n])],
  ['dict with a Float key', dict([1, 'a'], [1n, 'b'])],
  ['dict with Bool keys', dict([true, 1n], [false, 2n])],
  ['dict with Bytes keys', dict([bytes(), 1n], [bytes(0x61), 2n], ['a', 3n])],
  ['dict with a List key', dict([list(2n, 1n), 'a'])],
  ['dict with List keys that their sorted members order', dict([list(9n, 1n), 'first'], [list(2n, 3n), 'second'])],
  ['dict with a Dict key', dict([dict(['a', 1n]), 'a'], [dict(), 'b'])],
  ['dict with a Dict key that is pairs', dict([dict([1n, 2n]), 'a'])],
  [
    'dict with a predicate key',
    dict([predicate('dialable', [], ['address', 'x']), predicate('dialed', [], ['at', 1n])]),
  ],
  ['dict with a link key', dict([link(CID.raw), true], [link(CID.v0), false])],
  ['dict with a wide Int key', dict([2n ** 64n, 1n], [-(2n ** 64n) - 1n, 2n])],
  [
    'dict with keys of every kind',
    dict(['a', 1n], [1n, 2n], [1.5, 3n], [true, 4n], [bytes(1), 5n], [list(), 6n], [dict(), 7n], [predicate('p'), 8n]),
  ],
  ['dict with pairs inside pairs', dict([1n, dict([2n, dict([3n, 4n])])])],
]

const PREDICATES: Value[] = [
  ['predicate without arguments', predicate('self')],
  ['predicate with one argument', predicate('multiaddr', ['/ip4/127.0.0.1/tcp/4001'])],
  ['predicate whose arguments are in an order', predicate('p', [2n, 1n, 2n])],
  ['predicate with named arguments', predicate('dialed', [], ['at', 1700000000n], ['rtt', 0.25])],
  ['predicate with both', predicate('p', ['x', true], ['b', 1n], ['aa', 2n])],
  ['predicate with an empty tag', predicate('')],
  ['predicate with an empty tag and arguments', predicate('', [1n], ['a', 2n])],
  ...['a b', 'true', 'null', '1', 'é', '__proto__', '$set', 'b64', 'x'.repeat(24)].map((tag): Value => [
    `predicate with the tag ${JSON.stringify(tag)}`,
    predicate(tag, [1n]),
  ]),
  ['predicate with a name that is no String', predicate('p', [], [1n, 2n])],
  ['predicate with the name /', predicate('p', [], ['/', 1n], ['a', 2n])],
  ['predicate with names of many kinds', predicate('p', [0n], [true, 1n], [list(), 2n], ['a', 3n])],
  ['predicate with a List argument', predicate('p', [list(2n, 1n)], ['l', list('b', 'a')])],
  ['predicates in predicates', predicate('a', [predicate('b', [predicate('c')])], ['d', predicate('e')])],
  ['predicate that says what wide Ints say', predicate('', [1n, bytes(1)])],
  ['predicates 8 deep', range(7).reduce<Node>((inner) => predicate('p', [inner]), predicate('p'))],
]

const LINKS: Value[] = [
  ['link of version 0', link(CID.v0)],
  ['link of version 1, dag-cbor', link(CID.dagCbor)],
  ['link of version 1, raw', link(CID.raw)],
  ['link of version 1, identity', link(CID.identity)],
  [
    'links at every place',
    dict(
      ['list', list(link(CID.raw), link(CID.v0))],
      ['predicate', predicate('p', [link(CID.raw)], ['a', link(CID.v0)])],
      ['value', link(CID.raw)],
    ),
  ],
  ['no link: a CID in upper case', link(CID.upper)],
  ['no link: a CID in base58', link(CID.base58)],
  ['no link: a beginning of one', link('bafk')],
  ['no link: an empty String', link('')],
  ['no link: no argument', predicate('link')],
  ['no link: two arguments', predicate('link', [CID.identity, CID.identity])],
  ['no link: a named argument', predicate('link', [CID.identity], ['a', 1n])],
  ['no link: only a named argument', predicate('link', [], ['cid', CID.identity])],
  ['no link: Bytes', predicate('link', [bytes(1)])],
  ['no link: another tag', predicate('Link', [CID.identity])],
  ['no link: the String', CID.identity],
]

const DOCUMENTS: Value[] = [
  [
    'document of a peer',
    dict(
      ['nick', 'bob'],
      ['peers', list(predicate('dialable', [], ['address', predicate('multiaddr', ['/ip4/10.0.0.1/tcp/4001'])]))],
      [1n, bytes(0xde, 0xad, 0xbe, 0xef)],
    ),
  ],
  [
    'document of facts',
    dict([
      'facts',
      dict([
        predicate('dialable', [], ['address', predicate('multiaddr', ['/dns4/a.example/tcp/1'])]),
        predicate('dialed', [], ['at', 1700000000000n], ['rtt', 0.5]),
      ]),
    ]),
  ],
  [
    'document with a profile',
    dict(
      ['name', 'Čaues ßvěte! 水'],
      ['avatar', link(CID.raw)],
      ['tags', list('p2p', 'records')],
      ['karma', 2n ** 70n],
      ['weight', 1],
    ),
  ],
]

/** Every value of the vectors. */
export const VALUES: readonly Value[] = [
  ...SCALARS,
  ...NUMBERS,
  ...BYTES,
  ...LISTS,
  ...DICTS,
  ...PAIRS,
  ...PREDICATES,
  ...LINKS,
  ...DOCUMENTS,
]
