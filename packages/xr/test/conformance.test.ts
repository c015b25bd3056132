import { describe, expect, it } from '@jest/globals'
import * as xr from '../src/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import * as dagJson from '../src/dag-json.ts'
import { type Case, casesFor, codecCases, modelCases, textCases } from '../src/conformance/index.ts'
import * as text from '../src/text/index.ts'

/** The kit on our own parts. */
const OURS = [
  ['dag-cbor', checks(casesFor(codecCases, ['dag-cbor', 'limits']), dagCbor)],
  ['dag-json', checks(casesFor(codecCases, ['dag-json', 'limits']), dagJson)],
  ['text', checks(casesFor(textCases, ['limits']), text)],
  ['model', checks(modelCases, { ...xr, canonical: dagCbor.canonical })],
] as const

describe.each(OURS)('the conformance kit on %s of this package', (_, cases) => {
  it.each(cases)('%s', (_name, check) => {
    expect(faultOf(check)).toBe('')
  })
})

describe('the conformance kit', () => {
  it('has unique case names', () => {
    const names = [...codecCases, ...textCases, ...modelCases].map(({ name }) => name)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  })

  it('omits cases that a setup does not support', () => {
    expect(casesFor(codecCases, [])).toEqual([])
    const all = casesFor(codecCases, ['dag-cbor', 'limits']).length
    const some = casesFor(codecCases, ['dag-cbor']).length
    expect(some).toBeLessThan(all)
    expect(all + casesFor(codecCases, ['dag-json', 'limits']).length).toBe(codecCases.length)
  })

  // each a codec with one fault, and a case that must catch it
  it.each([
    [
      'writes the bytes of Ints backwards',
      { encode: (node: xr.Node) => dagCbor.encode(node).reverse() },
      'dag-cbor writes int 255',
    ],
    [
      'takes trailing bytes',
      { decode: (bytes: Uint8Array) => dagCbor.decode(bytes.subarray(0, 1)) },
      'dag-cbor refuses a byte after any value',
    ],
    [
      'knows no limits',
      { decode: (bytes: Uint8Array) => dagCbor.decode(bytes) },
      'dag-cbor counts the nodes, depth and size of every value',
    ],
    ['keeps its input', { decode: viewing }, 'dag-cbor keeps nothing of its input'],
    [
      'refuses without a code',
      {
        decode: () => {
          throw new TypeError('no')
        },
      },
      'dag-cbor refuses nothing: there is no document',
    ],
    [
      'reads Floats as Ints',
      { decode: (bytes: Uint8Array) => (bytes[0] === 0xfb ? 1n : dagCbor.decode(bytes)) },
      'dag-cbor reads float 1',
    ],
  ])('catches a codec that %s', (_, fault, name) => {
    const found = codecCases.find((one) => one.name === name)
    expect(found).toBeDefined()
    expect(
      faultOf(() => {
        found?.run(dagCbor)
      }),
    ).toBe('')
    expect(
      faultOf(() => {
        found?.run({ ...dagCbor, ...fault } as unknown as xr.Codec)
      }),
    ).not.toBe('')
  })

  it('catches a text syntax that ignores quotes', () => {
    const found = textCases.find(({ name }) => name === 'text reads string "a b"')
    expect(
      faultOf(() => {
        found?.run({ ...text, parse: (source) => text.parse(source.replaceAll(' ', '')) })
      }),
    ).not.toBe('')
  })
})

/** What a check says, or nothing when it holds. */
function faultOf(check: () => void): string {
  try {
    check()
    return ''
  } catch (err) {
    return String(err)
  }
}

/** Decodes a List, with a view of the input for the Bytes `0x01` in it. */
function viewing(input: Uint8Array): xr.Node {
  const at = input.findIndex((byte, i) => byte === 0x41 && input[i + 1] === 0x01)
  const list = dagCbor.decode(input)
  return xr.List.from(
    Array.from(list as xr.List, (member) => (xr.isKind(member, 'bytes') ? input.subarray(at + 1, at + 2) : member)),
  )
}

function checks<Setup>(cases: ReadonlyArray<Case<Setup>>, setup: Setup): Array<[string, () => void]> {
  return cases.map(({ name, run }) => [
    name.replaceAll('%', '%%'),
    () => {
      run(setup)
    },
  ])
}
