import { describe, expect, it } from '@jest/globals'
import { Dict, equal, from, LIMITS, List, type Limits, type Node, Predicate, print, size, XrError } from '@sr/xr'
import * as dagCbor from '@sr/xr/dag-cbor'
import fc from 'fast-check'
import { goDocument } from '../src/index.ts'
import { node } from '../../../tests/kit/src/nodes.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (text: string, limits?: Partial<Limits>): Node => goDocument.decode(bytes(text), limits)
const BIG: Partial<Limits> = { depth: 256, nodes: 1e6, size: 1e8, string: 1e7, bytes: 1e7 }

function refusal(input: Uint8Array | string, limits?: Partial<Limits>): XrError {
  try {
    goDocument.decode(typeof input === 'string' ? bytes(input) : input, limits)
  } catch (err) {
    if (err instanceof XrError) {
      return err
    }
    throw err
  }
  throw new Error('it was accepted')
}

const s = (text: string): string => `{"String_IPLD":${JSON.stringify(text)}}`
const dict = (...pairs: Array<[string, string]>): string =>
  `{"Dict_IPLD":{"Pairs":[${pairs.map(([k, v]) => `{"Key":${k},"Value":${v}}`).join()}]}}`
const list = (...members: string[]): string => `{"List_IPLD":{"Elements":[${members.join()}]}}`

describe('the Go form', () => {
  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(node, (n) => {
        const again = goDocument.decode(goDocument.encode(n), BIG)
        expect(equal(again, n)).toBe(true)
        expect(goDocument.encode(again)).toEqual(goDocument.encode(n))
      }),
      { numRuns: 500 },
    )
  })

  it('has the same meaning with fields in any order, without space, and with any escapes', () => {
    fc.assert(
      fc.property(node, fc.infiniteStream(fc.boolean()), (n, coins) => {
        const shuffled = JSON.stringify(
          shuffle(JSON.parse(new TextDecoder().decode(goDocument.encode(noNumbers(n)))), coins),
        )
        expect(equal(decode(escaped(shuffled), BIG), noNumbers(n))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('encodes an Int outside 64 bits as a predicate that decodes to that Int', () => {
    expect(new TextDecoder().decode(goDocument.encode(2n ** 64n))).toBe(`{
	"Predicate_IPLD": {
		"Tag": "bigint",
		"Positional": [
			{
				"String_IPLD": "18446744073709551616"
			}
		],
		"Named": []
	}
}
`)
    expect(
      decode('{"Predicate_IPLD":{"Named":[],"Positional":[{"String_IPLD":"-9223372036854775809"}],"Tag":"bigint"}}'),
    ).toBe(-9223372036854775809n)
    // what an Int would not be written as stays what it is
    for (const digits of [
      '1',
      '9223372036854775807',
      '09223372036854775808',
      '+9223372036854775808',
      '1e30',
      (2n ** 1024n).toString(),
    ]) {
      expect(
        equal(
          decode(`{"Predicate_IPLD":{"Tag":"bigint","Positional":[${s(digits)}],"Named":[]}}`),
          new Predicate('bigint', [digits]),
        ),
      ).toBe(true)
    }
  })

  it('collapses equal members of a List to the first, and refuses equal keys', () => {
    expect(print(decode(list(s('a'), s('b'), s('a'))))).toBe('["a" "b"]')
    const err = refusal(dict([s('a'), list(s('z'), dict([s('x'), s('1')], [s('y'), s('2')], [s('x'), s('3')]))]))
    expect([err.code, err.path]).toEqual(['XR_DUPLICATE', ['a', 1n, 'x']])
    const inPredicate = `{"Predicate_IPLD":{"Named":[{"Value":${dict([s('k'), s('1')], [s('k'), s('2')])},"Key":${s('name')}}],"Positional":[${s('p')}],"Tag":"t"}}`
    expect(refusal(inPredicate).path).toEqual(['name', 'k'])
  })

  it.each([
    ['a trailing comma in a list', '{"List_IPLD":{"Elements":[{"Int_IPLD":1},]}}'],
    ['a trailing comma in pairs', '{"Dict_IPLD":{"Pairs":[{"Key":{"Int_IPLD":1},"Value":{"Int_IPLD":1}},]}}'],
    ['a trailing comma in a pair', '{"Dict_IPLD":{"Pairs":[{"Key":{"Int_IPLD":1},"Value":{"Int_IPLD":1},}]}}'],
    ['a trailing comma in a union', '{"Int_IPLD":1,}'],
    ['a trailing comma in a predicate', '{"Predicate_IPLD":{"Tag":"t","Positional":[],"Named":[],}}'],
    ['a trailing comma behind bytes', '{"Bytes_IPLD":{"/":{"bytes":"AA",}}}'],
    ['a missing comma in a list', '{"List_IPLD":{"Elements":[{"Int_IPLD":1}{"Int_IPLD":2}]}}'],
    ['a missing comma in a pair', '{"Dict_IPLD":{"Pairs":[{"Key":{"Int_IPLD":1}"Value":{"Int_IPLD":1}}]}}'],
    ['a missing comma in a predicate', '{"Predicate_IPLD":{"Tag":"t" "Positional":[],"Named":[]}}'],
    ['a comma before the first field of a union', '{"List_IPLD":{"Elements":[{,"Int_IPLD":1}]}}'],
    [
      'a comma before the first field of a pair',
      '{"Dict_IPLD":{"Pairs":[{,"Key":{"Int_IPLD":1},"Value":{"Int_IPLD":1}}]}}',
    ],
    ['a word that begins like true', '{"Bool_IPLD":tree}'],
    ['a word that begins like false', '{"Bool_IPLD":fence}'],
    ['true with a letter behind', '{"Bool_IPLD":truex}'],
    ['a number that ends with its point', '{"Float_IPLD":1.}'],
    ['a NUL behind the document', '{"Bool_IPLD":true}\0'],
  ])('refuses %s, which only the reader of Go tolerates', (_, text) => {
    expect(refusal(text).code).toBe('XR_SYNTAX')
  })

  it.each([
    ['an integer for a Float', '{"Float_IPLD":1}', 1],
    ['any white space', ' \t\r\n{ "Bool_IPLD" :\n false }\n', false],
    ['an escape in a field name', '{"\\u0042ool_IPLD":true}', true],
    ['every escape of JSON', '{"String_IPLD":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"}', '"\\/\b\f\n\r\té😀'],
  ])('reads %s', (_, text, node) => {
    expect(decode(text)).toBe(node)
  })

  it('refuses to encode a value that is not a node', () => {
    expect(() => goDocument.encode('\ud800')).toThrow(expect.objectContaining({ code: 'XR_VALUE' }))
    expect(() => goDocument.encode(Number.NaN)).toThrow(expect.objectContaining({ code: 'XR_VALUE' }))
  })

  it('reports the path of invalid UTF-8', () => {
    const err = refusal(
      Uint8Array.from([
        ...bytes('{"Dict_IPLD":{"Pairs":[{"Key":{"String_IPLD":"a"},"Value":{"String_IPLD":"'),
        0xff,
        ...bytes('"}}]}}'),
      ]),
    )
    expect([err.code, err.path]).toEqual(['XR_VALUE', ['a']])
  })
})

describe('limits of the Go form', () => {
  // the verdict must be that of the natural form, or two replicas would hold different things
  it('count as natural dag-cbor does', () => {
    fc.assert(
      fc.property(node, fc.nat(), (n, seed) => {
        const natural = dagCbor.encode(n)
        const go = goDocument.encode(n)
        for (const limits of [
          { ...BIG, size: size(n) - (seed % 3) },
          { ...BIG, nodes: seed % 12 },
          { ...BIG, depth: seed % 5 },
        ]) {
          expect(outcome(() => goDocument.decode(go, limits))).toBe(outcome(() => dagCbor.decode(natural, limits)))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('apply to single values', () => {
    expect(refusal(s('é'.repeat(32769))).code).toBe('XR_STRING')
    expect(decode(s('é'.repeat(32768)))).toHaveLength(32768)
    expect(refusal(`{"Bytes_IPLD":{"/":{"bytes":"${'AAAA'.repeat(4)}"}}}`, { bytes: 11 })).toMatchObject({
      code: 'XR_BYTES',
      limit: 'bytes',
      max: 11,
      got: 12,
    })
    expect(refusal('{"Int_IPLD":255}', { int: 7 })).toMatchObject({ code: 'XR_INT', got: 8 })
    expect(
      refusal(`{"Predicate_IPLD":{"Tag":"bigint","Positional":[${s('18446744073709551616')}],"Named":[]}}`, {
        int: 64,
      }),
    ).toMatchObject({ code: 'XR_INT', got: 65 })
  })

  it('count content, not space between tokens', () => {
    const padding = ' \n\t\r'.repeat(1024 * 1024 - 100)
    expect(print(decode(padding + dict([s('x'), s('1')])))).toBe('{x="1"}')
    const pairs = Array.from({ length: 5 }, (_, i) => [s(`k${i}`), s('x'.repeat(60_000))] as [string, string])
    expect(refusal(dict(...pairs))).toMatchObject({ code: 'XR_SIZE', max: LIMITS.size })
    expect(size(decode(dict(...pairs.slice(1))))).toBeGreaterThan(240_000)
  })

  it('refuse depth at once, and the same at any depth of the stack', () => {
    const bomb = bytes('{"List_IPLD":{"Elements":['.repeat(150_000))
    const shallow = refusal(bomb)
    expect(shallow).toMatchObject({ code: 'XR_DEPTH', max: 64, got: 65 })
    const deep = (left: number): XrError => (left === 0 ? refusal(bomb) : deep(left - 1))
    expect(deep(5000).message).toBe(shallow.message)
    const nested = (levels: number): string => '{"List_IPLD":{"Elements":['.repeat(levels) + ']}}'.repeat(levels)
    expect(goDocument.decode(bytes(nested(64)))).toBeInstanceOf(List)
    expect(refusal(nested(65)).code).toBe('XR_DEPTH')
    const predicates = (levels: number): string =>
      '{"Predicate_IPLD":{"Tag":"t","Named":[],"Positional":['.repeat(levels) + ']}}'.repeat(levels)
    expect(goDocument.decode(bytes(predicates(64)))).toBeInstanceOf(Predicate)
    expect(refusal(predicates(65)).code).toBe('XR_DEPTH')
  })

  it('refuse many small nodes before they are built', () => {
    const many = `{"List_IPLD":{"Elements":[${new Array<string>(150_000).fill('{"Bool_IPLD":true}').join()}]}}`
    const err = refusal(many)
    expect(err).toMatchObject({ code: 'XR_NODES', max: 10_000 })
    expect(err.offset).toBeLessThan(many.length / 10) // the rest was not looked at
  })

  it('leave Object.prototype unchanged', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    const hostile = decode(dict([s('__proto__'), dict([s('polluted'), s('yes')])], [s('constructor'), s('x')]))
    expect(hostile).toBeInstanceOf(Dict)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
  })
})

describe('damaged input', () => {
  it('is refused with a typed error wherever it is cut', () => {
    const whole = goDocument.encode(
      from({
        a: ['é', 1, 1.5, true, new Uint8Array([1, 2])],
        b: { c: new Predicate('t', ['x'], Dict.from([['n', 2n ** 70n]])) },
      }),
    )
    const text = whole.subarray(0, whole.length - 1) // without the line end, which may be missing
    for (let i = 0; i < text.length; i++) {
      expect(refusal(text.subarray(0, i)).code).toMatch(/^XR_(SYNTAX|VALUE)$/)
    }
  })

  it('decodes to a node or throws a typed error', () => {
    const sample = goDocument.encode(
      from({ a: [1, 'b', { c: new Uint8Array([1]) }], d: new Predicate('link', ['bafkqabiaaebagba']) }),
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const input = sample.slice()
          for (const [at, byte] of changes) {
            input[at] = byte
          }
          const read = attempt(input)
          // an error of another kind is thrown on by `attempt`
          expect(read instanceof XrError || equal(goDocument.decode(goDocument.encode(read)), read)).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

function attempt(input: Uint8Array): Node | XrError {
  try {
    return goDocument.decode(input)
  } catch (err) {
    if (err instanceof XrError) {
      return err
    }
    throw err
  }
}

function outcome(run: () => unknown): string {
  try {
    run()
    return 'accepted'
  } catch (err) {
    return (err as XrError).code
  }
}

/** JSON.parse would lose what numbers are; so numbers go. */
function noNumbers(n: Node): Node {
  if (typeof n === 'number' || typeof n === 'bigint') {
    return String(n)
  }
  if (n instanceof List) {
    return List.from(Array.from(n, noNumbers))
  }
  if (n instanceof Dict) {
    return Dict.from(Array.from(n, ([k, v]) => [`${print(k)}`, noNumbers(v)] as const))
  }
  return n instanceof Predicate ? new Predicate(n.tag, n.positional.map(noNumbers), noNumbers(n.named) as Dict) : n
}

function shuffle(value: unknown, coins: Iterator<boolean>): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => shuffle(item, coins))
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, inner]) => [name, shuffle(inner, coins)] as const)
    return Object.fromEntries(coins.next().value === true ? entries.reverse() : entries)
  }
  return value
}

function escaped(json: string): string {
  return json.replace(/[A-Z/=é]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

describe('base64', () => {
  const read = (text: string): string => {
    const node = attempt(bytes(`{"Bytes_IPLD":{"/":{"bytes":${JSON.stringify(text)}}}}`))
    return node instanceof Uint8Array ? Buffer.from(node).toString('hex') : (node as XrError).code
  }

  it.each([
    ['', ''],
    ['AA==', '00'],
    ['+/8=', 'fbff'],
    ['AAEC', '000102'],
    ['+x==', 'fb'],
    ['A\nA=\r=', '00'],
    ['AA==\n', '00'],
    ['AA', '00'],
    ['AAA', '0000'], // as later Go versions write it
  ])('%j is %s', (text, hex) => {
    expect(read(text)).toBe(hex)
  })

  it.each(['A', 'AAAAA', 'AA=', 'A===', '====', '=', 'AAAA=', 'AA==AA==', '=AAA', '-w==', '_w==', 'AA ==', 'é'])(
    'refuses %j',
    (text) => {
      expect(read(text)).toBe('XR_SYNTAX')
    },
  )
})
