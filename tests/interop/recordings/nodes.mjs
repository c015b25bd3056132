// Nodes worth seeing printed, as neutral specs: [name, spec].

/**
 * A node in neutral form: vectors/README.md says how to read it.
 *
 * @typedef {{ string: string } | { int: string } | { float: string } | { bool: boolean } | { bytes: string }
 *   | { list: Spec[] } | { dict: SpecPair[] } | { predicate: { tag: string, positional: Spec[], named: SpecPair[] } }} Spec
 * @typedef {[Spec, Spec]} SpecPair
 */

// Short builders, so that the tables read like the nodes they mean.

/** @type {(string: string) => Spec} */
export const str = (string) => ({ string })
/** @type {(n: number | bigint | string) => Spec} */
export const int = (n) => ({ int: String(n) })
/** @type {(b: boolean) => Spec} */
export const bool = (b) => ({ bool: b })
/** @type {(hex: string) => Spec} */
export const bytes = (hex) => ({ bytes: hex })
/** @type {(...elements: Spec[]) => Spec} */
export const list = (...elements) => ({ list: elements })
/** @type {(...pairs: SpecPair[]) => Spec} */
export const dict = (...pairs) => ({ dict: pairs })
/** @type {(tag: string, positional?: Spec[], named?: SpecPair[]) => Spec} */
export const pred = (tag, positional = [], named = []) => ({ predicate: { tag, positional, named } })

/**
 * A float by its bits: JSON has no way to say -0 or to tell 1.0 from 1.
 *
 * @type {(x: number) => Spec}
 */
export function float(x) {
  const b = Buffer.alloc(8)
  b.writeDoubleBE(x)
  return { float: b.toString('hex') }
}

/** @type {Array<[string, Spec]>} */
export const prettyNodes = [
  ['string', str('x')],
  ['string empty', str('')],
  ['string with quotes and backslash', str('say "hi" \\ \'there\'')],
  ['string with newline, tab, return', str('a\nb\tc\rd')],
  ['string with control characters', str('\u0000\u0001\u0007\b\f\v\u001b\u007f\u0080\u0085')],
  ['string with unicode', str('é 😀 日本 ñ')],
  ['string with marks, spaces, joiners', str('e\u0301 \u00a0 \u2028 \u2029 \u200b \u200d \ufeff \ufffd')],
  ['string with private use and unassigned', str('\ue000 \u0378 \u{10ffff} \u{1f9ff}')],
  ['string that looks like syntax', str('{a=1 b=[2]}, c(d)')],
  ['int', int(42)],
  ['int negative', int(-7)],
  ['int at the ends of int64', list(int('9223372036854775807'), int('-9223372036854775808'))],
  ['int beyond int64', int('123456789012345678901234567890')],
  ['floats integral', list(float(0), float(-0), float(1), float(-1), float(100), float(1e6))],
  ['floats with a fraction', list(float(1.5), float(-0.25), float(0.1), float(123.123))],
  ['floats with many digits', list(float(Math.PI), float(1.23456789012345), float(0.1 + 0.2), float(1e10 + 0.5))],
  ['floats where the exponent starts', list(...[1e9, 1e10, 12345678901, 1e20, 1e21, 1e-4, 1e-5, 1e-7].map(float))],
  ['floats at the ends', list(float(1.7976931348623157e308), float(5e-324), float(2 ** 53))],
  ['float infinite', float(Infinity)],
  ['bools', list(bool(true), bool(false))],
  ['bytes', bytes('deadbeef')],
  ['bytes empty', bytes('')],
  ['bytes zero', bytes('00')],
  ['list empty', list()],
  ['list of one', list(int(1))],
  ['list nested', list(int(1), list(int(2), list(int(3), list())), list())],
  ['list with equal elements', list(int(1), int(1), str('a'), str('a'))],
  ['dict empty', dict()],
  ['dict', dict([str('nick'), str('bob')], [str('age'), int(7)])],
  ['dict nested', dict([str('a'), dict([str('b'), dict([str('c'), dict()])])], [str('d'), list(dict())])],
  [
    'dict with keys of other kinds',
    dict([int(1), bytes('dead')], [bool(true), str('t')], [float(1.5), int(2)], [bytes('00ff'), int(3)]),
  ],
  [
    'dict with container keys',
    dict([list(int(1), int(2)), str('l')], [dict([str('a'), int(1)]), str('d')], [pred('p', [int(1)]), str('p')]),
  ],
  ['dict whose key equals its value', dict([str('a'), str('a')], [int(1), int(1)], [str('b'), int(1)])],
  ['dict whose container key equals its value', dict([list(int(1), int(2)), list(int(2), int(1))])],
  ['dict with a string value over lines', dict([str('t'), str('a\nb')])],
  ['predicate without arguments', pred('now')],
  ['predicate positional', pred('f', [int(1), str('x')])],
  [
    'predicate named',
    pred(
      'f',
      [],
      [
        [str('a'), int(1)],
        [str('b'), int(2)],
      ],
    ),
  ],
  ['predicate with both', pred('f', [int(1)], [[str('a'), int(2)]])],
  [
    'predicate named with other kinds of name',
    pred(
      'f',
      [],
      [
        [int(1), int(2)],
        [list(), str('x')],
        [str('with space'), bool(true)],
      ],
    ),
  ],
  ['predicate whose name equals its value', pred('f', [int(9)], [[str('a'), str('a')]])],
  [
    'predicate nested',
    dict([str('at'), pred('dialable', [], [[str('address'), pred('multiaddr', [str('/ip4/127.0.0.1/tcp/1')])]])]),
  ],
  ['predicate in predicate, both ways', pred('a', [pred('b', [pred('c')])], [[pred('k'), pred('v', [list(int(1))])]])],
  ['predicate with empty tag', pred('', [int(1)])],
  ['predicate with a spaced tag', pred('two words', [int(1)])],
  ['predicate with a tag of syntax', pred('a(b)="c"', [int(1)])],
  ['predicate with a tag over lines', list(pred('a\nb', [int(1)]))],
  ['predicate with a tag of unicode', pred('été😀\u0000', [int(1)])],
  ['predicate with a tag like a number', pred('0x12', [int(1)])],
]
