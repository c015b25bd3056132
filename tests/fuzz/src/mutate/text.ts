import type { Random } from '@sr/tests-kit/random'
import type { Shape } from '../targets/target.ts'
import type { Stock } from './bytes.ts'
import { edited, EMPTY, joined, repeated } from './splice.ts'

/** A token, or a group from bracket to bracket. */
export interface Span {
  from: number
  to: number
  kind: 'string' | 'word' | 'mark' | 'group'
}

/** Spans looked at in one input. */
const MOST_SPANS = 600

const utf8 = new TextEncoder()

/** The tokens and groups of JSON, of the text syntax, or of what was one of these. */
export function spansOf(input: Uint8Array): Span[] {
  const spans: Span[] = []
  const open: number[] = []
  let at = 0
  while (at < input.length && spans.length < MOST_SPANS) {
    const from = at
    const byte = input[at++] as number
    if (byte <= 0x20) continue
    if (byte === 0x22) {
      while (at < input.length && input[at] !== 0x22) at += input[at] === 0x5c ? 2 : 1
      at = Math.min(at + 1, input.length)
      spans.push({ from, to: at, kind: 'string' })
    } else if (byte === 0x5b || byte === 0x7b || byte === 0x28) {
      open.push(from)
    } else if (byte === 0x5d || byte === 0x7d || byte === 0x29) {
      const start = open.pop()
      if (start !== undefined) spans.push({ from: start, to: at, kind: 'group' })
    } else if (isWord(byte)) {
      while (at < input.length && isWord(input[at] as number)) at++
      spans.push({ from, to: at, kind: 'word' })
    } else {
      spans.push({ from, to: at, kind: 'mark' })
    }
  }
  return spans
}

/** Letters, digits, `$ + - . _` and all beyond ASCII. */
function isWord(byte: number): boolean {
  return (
    byte >= 0x80 ||
    (byte >= 0x30 && byte <= 0x39) ||
    ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) ||
    byte === 0x5f ||
    byte === 0x24 ||
    (byte >= 0x2b && byte <= 0x2e && byte !== 0x2c)
  )
}

const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '00',
  '01',
  '23',
  '24',
  '255',
  '256',
  '65535',
  '65536',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
  '18446744073709551615',
  '18446744073709551616',
  '-18446744073709551616',
  '-18446744073709551617',
  '1.0',
  '-0.0',
  '0.0',
  '1.5',
  '1e0',
  '1e2',
  '1E5',
  '1e+21',
  '1e21',
  '1e-7',
  '1e-8',
  '0.000001',
  '100000000000000000000.0',
  '5e-324',
  '2e-324',
  '1.7976931348623157e+308',
  '1.7976931348623159e308',
  '1e400',
  '-1e400',
  '0.1',
  '0.10',
  '1.',
  '.5',
  '+1',
  '1_0',
  '0x',
  '0xAb',
  '0xabc',
  'NaN',
  'Infinity',
  `${2n ** 1024n - 1n}`,
  `${2n ** 1024n}`,
  `-${2n ** 1023n}`,
].map((text) => utf8.encode(text))

const PIECES = [
  '\\u0000',
  '\\u001f',
  '\\u007f',
  '\\u0061',
  '\\u2028',
  '\\ud83d\\ude00',
  '\\ud800',
  '\\udc00',
  '\\"',
  '\\\\',
  '\\/',
  '\\b',
  '\\f',
  '\\n',
  '\\r',
  '\\t',
  '\\a',
  '\\v',
  '\\x41',
  '\\xff',
  '\\U0001f600',
  '\\U00110000',
  '\\q',
  '\\u12',
  '\u00e9',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\u{1f600}',
  '\ue000',
  '\uffff',
  '\u007f',
  '\0',
  '\n',
]
  .map((text) => utf8.encode(text))
  .concat([
    Uint8Array.of(0xed, 0xa0, 0x80),
    Uint8Array.of(0xed, 0xb0, 0x80),
    Uint8Array.of(0xc0, 0xaf),
    Uint8Array.of(0xff),
    Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
    Uint8Array.of(0xe2, 0x80),
  ])

/** How a span is put into another, by form: opening, what stands between it and another, closing. */
const WRAPS: Record<'json' | 'text', Array<readonly [string, string, string]>> = {
  json: [
    ['[', '', ']'],
    ['[', ',', ']'],
    ['{"a":', '', '}'],
    ['{"a":', ',"b":', '}'],
    ['[null,"t",[', '', '],{}]'],
    ['[null,"t",[],{"a":', '', '}]'],
    ['[null,[[', ',', ']]]'],
    ['[null,1,', '', ']'],
    ['[null,-1,', '', ']'],
    ['{"/":', '', '}'],
    ['{"/":{"bytes":', '', '}}'],
    ['[null,"t",[],[null,[[', ',', ']]]]'],
    ['{"List_IPLD":{"Elements":[', '', ']}}'],
    ['{"List_IPLD":{"Elements":[', ',', ']}}'],
    ['{"Dict_IPLD":{"Pairs":[{"Key":', ',"Value":', '}]}}'],
    ['{"Dict_IPLD":{"Pairs":[{"Value":', ',"Key":', '}]}}'],
    ['{"Predicate_IPLD":{"Tag":"t","Positional":[', ',', '],"Named":[]}}'],
    ['{"Predicate_IPLD":{"Named":[{"Key":', ',"Value":', '}],"Tag":"t","Positional":[]}}'],
    ['{"Predicate_IPLD":{"Tag":"bigint","Positional":[', '', '],"Named":[]}}'],
    ['{"Predicate_IPLD":{"Tag":"link","Positional":[', '', '],"Named":[]}}'],
    ['{"String_IPLD":', '', '}'],
    ['{"Int_IPLD":', '', '}'],
    ['{"Float_IPLD":', '', '}'],
    ['{"Bytes_IPLD":{"/":{"bytes":', '', '}}}'],
  ],
  text: [
    ['[', '', ']'],
    ['[', ' ', ']'],
    ['[', ',', ']'],
    ['{a=', '', '}'],
    ['{', '=', '}'],
    ['{', ':', '}'],
    ['{', '', '}'],
    ['t(', '', ')'],
    ['t(', ',', ')'],
    ['t(a=', '', ')'],
    ['t(', '=', ')'],
    ['"a b"(', '', ')'],
    ['(', '', ')'],
    ['link(', '', ')'],
    ['#', '\n', ''],
    ['b64', '', ''],
    ['{"a":', ',"b":', '}'],
  ],
}

/** Between two items: in JSON a comma, in the text syntax also a space. */
const SEPARATORS = [',', ' ', '\n', ':', '=', ', ', ''].map((text) => utf8.encode(text))

/** One change that keeps to tokens and brackets. */
export function changeText(input: Uint8Array, random: Random, stock: Stock, shape: Shape): Uint8Array {
  const spans = spansOf(input)
  if (spans.length === 0) return random.pick(stock.tokens)
  const span = random.pick(spans)
  const own = input.subarray(span.from, span.to)
  const other = random.once(3) ? part(input, spans, random) : part(stock.donor, spansOf(stock.donor), random)
  const replace = (bytes: Uint8Array): Uint8Array => edited(input, [{ from: span.from, to: span.to, bytes }])
  const wraps = WRAPS[shape === 'text' ? (random.once(4) ? 'json' : 'text') : 'json']
  switch (random.below(13)) {
    case 0:
      return replace(other)
    case 1:
      return edited(input, [
        {
          from: span.to,
          to: span.to,
          bytes: joined([shape === 'text' ? random.pick(SEPARATORS) : (SEPARATORS[0] as Uint8Array), other]),
        },
      ])
    case 2:
      return edited(input, [removal(input, span)])
    case 3:
      return swapped(input, span, random.pick(spans))
    case 4:
      return replace(wrapped(random.pick(wraps), own, other))
    case 5:
      return replace(
        part(
          input,
          spans.filter((one) => one.from > span.from && one.to < span.to),
          random,
        ),
      )
    case 6:
      return inNumber(input, spans, random)
    case 7:
      return inString(input, spans, random)
    case 8:
      return replace(random.pick(stock.tokens))
    case 9:
      return replace(nested(own, random.pick(wraps), random))
    case 10:
      return edited(input, [{ from: span.from, to: span.from, bytes: random.pick(SPACES) }])
    case 11:
      return replace(span.kind === 'string' ? own.subarray(1, -1) : joined([QUOTE, own, QUOTE]))
    default:
      return edited(input, [
        {
          from: span.to,
          to: span.to,
          bytes: repeated(joined([SEPARATORS[0] as Uint8Array, own]), random.small(1, 30)),
        },
      ])
  }
}

const QUOTE = utf8.encode('"')
const SPACES = [' ', '\n', '\t', '\r\n', ' # note\n', '#', '\f', '\u00a0', ',', ';']
  .map((text) => utf8.encode(text))
  .concat([utf8.encode(' '.repeat(300))])

function part(input: Uint8Array, spans: readonly Span[], random: Random): Uint8Array {
  if (spans.length === 0) return EMPTY
  const span = random.pick(spans)
  return input.subarray(span.from, span.to)
}

/** Takes a span away, often with the comma beside it. */
function removal(input: Uint8Array, { from, to }: Span): { from: number; to: number; bytes: Uint8Array } {
  if (input[to] === 0x2c) return { from, to: to + 1, bytes: EMPTY }
  return { from: input[from - 1] === 0x2c ? from - 1 : from, to, bytes: EMPTY }
}

function swapped(input: Uint8Array, a: Span, b: Span): Uint8Array {
  if (a.from < b.to && b.from < a.to) return input
  return edited(input, [
    { from: a.from, to: a.to, bytes: input.subarray(b.from, b.to) },
    { from: b.from, to: b.to, bytes: input.subarray(a.from, a.to) },
  ])
}

function wrapped(
  [open, between, close]: readonly [string, string, string],
  own: Uint8Array,
  other: Uint8Array,
): Uint8Array {
  const parts = between === '' ? [utf8.encode(open), own] : [utf8.encode(open), own, utf8.encode(between), other]
  return joined([...parts, utf8.encode(close)])
}

function inNumber(input: Uint8Array, spans: readonly Span[], random: Random): Uint8Array {
  const words = spans.filter((one) => one.kind === 'word')
  if (words.length === 0) return random.pick(NUMBERS)
  const { from, to } = random.pick(words)
  return edited(input, [{ from, to, bytes: random.pick(NUMBERS) }])
}

const SIZES = [1, 2, 4, 16, 45, 46, 64, 4096, 65536]

function inString(input: Uint8Array, spans: readonly Span[], random: Random): Uint8Array {
  const strings = spans.filter((one) => one.kind === 'string')
  if (strings.length === 0) return input
  const { from, to } = random.pick(strings)
  const at = from + 1 + random.below(to - from - 1)
  const piece = random.pick(PIECES)
  const times = random.once(200) ? random.pick(SIZES) : random.small(1, 4)
  return edited(input, [
    { from: at, to: random.once(2) ? at : Math.min(to - 1, at + 1), bytes: repeated(piece, times) },
  ])
}

function nested(
  own: Uint8Array,
  [open, between, close]: readonly [string, string, string],
  random: Random,
): Uint8Array {
  // a key said once is its value too, so each level of {…} doubles what is built: enough of that is soon enough
  const most = open === '{' && between === '' ? 4 : random.once(50) ? 3000 : 70
  const times = random.small(1, most)
  return joined([
    repeated(utf8.encode(open), times),
    own,
    repeated(utf8.encode(between === '' ? close : `${between}1${close}`), times),
  ])
}
