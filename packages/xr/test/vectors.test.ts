import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import * as stockCbor from '@ipld/dag-cbor'
import * as stockJson from '@ipld/dag-json'
import { DAG_CBOR_REFUSED } from '../src/conformance/data/dag-cbor-refused.ts'
import { DAG_JSON_REFUSED } from '../src/conformance/data/dag-json-refused.ts'
import { LIMITS } from '../src/conformance/data/limits.ts'
import { TEXT_REFUSED } from '../src/conformance/data/text-refused.ts'
import { TEXT_SPELLINGS } from '../src/conformance/data/text-spellings.ts'
import { VALUES } from '../src/conformance/data/values.ts'
import { hex, toHex, utf8 } from './hex.ts'
import { CBOR, canonicalOf, ipldOf, judge, JSON_FORM } from './oracle/natural.ts'
import { depthOf, nodesOf } from './spec-of.ts'

const ROOT = new URL('../../../', import.meta.url)

/** The cases of each file, as the conformance kit holds them. */
const FILES: ReadonlyArray<readonly [string, ReadonlyArray<{ readonly name: string }>]> = [
  ['values', VALUES],
  ['dag-cbor-refused', DAG_CBOR_REFUSED],
  ['dag-json-refused', DAG_JSON_REFUSED],
  ['text-spellings', TEXT_SPELLINGS],
  ['text-refused', TEXT_REFUSED],
  ['limits', LIMITS],
]

describe('the vectors', () => {
  it.each(FILES)('%s.json is in ASCII, one case a line, and the conformance kit holds its cases', (file, cases) => {
    const text = readFileSync(new URL(`vectors/xr/${file}.json`, ROOT), 'utf8')
    const read = JSON.parse(text) as { about: string; cases: object[] }
    const lines = read.cases.map((one) => ascii(JSON.stringify(one)))
    // a boolean: a difference of texts of a hundred thousand characters is not readable
    expect(text === `{"about":"${read.about}","cases":[\n${lines.join(',\n')}\n]}\n`).toBe(true)
    expect(lines).toEqual(cases.map((one) => ascii(JSON.stringify(one))))
  })

  it.each(VALUES.map((vector) => [vector.name, vector] as const))(
    'state the nodes and depth of %s',
    (_, { spec, nodes, depth }) => {
      expect({ nodes, depth }).toEqual({ nodes: nodesOf(spec), depth: depthOf(spec) })
    },
  )

  it('have unique case names', () => {
    for (const [, cases] of FILES) {
      const names = cases.map(({ name }) => name)
      expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    }
  })
})

describe('an oracle that shares no code with the codecs', () => {
  it.each(VALUES.map((vector) => [vector.name, vector] as const))('encodes %s to the same bytes', (_, vector) => {
    const natural = ipldOf(vector.spec)
    expect(toHex(CBOR.write(natural))).toBe(vector.dagCbor)
    expect(Buffer.from(JSON_FORM.write(natural)).toString()).toBe(vector.dagJson)
    expect(toHex(canonicalOf(vector.spec))).toBe(vector.canonical)
    expect(vector.size).toBe(vector.dagCbor.length / 2)
  })

  it.each(VALUES.map((vector) => [vector.name, vector] as const))('decodes %s', (_, vector) => {
    expect(canonical(judge(CBOR, hex(vector.dagCbor)))).toBe(vector.canonical)
    expect(canonical(judge(JSON_FORM, utf8(vector.dagJson)))).toBe(vector.canonical)
  })

  it.each(DAG_CBOR_REFUSED.map((vector) => [vector.name, vector] as const))('refuses dag-cbor of %s', (_, vector) => {
    expect(judge(CBOR, hex(vector.bytes))).toBeUndefined()
  })

  it.each(DAG_JSON_REFUSED.map((vector) => [vector.name, vector] as const))('refuses dag-json of %s', (_, vector) => {
    expect(judge(JSON_FORM, hex(vector.bytes))).toBeUndefined()
  })
})

/** What stock dag-json takes and writes again as it was, against the specification of the codec. */
const LENIENT: Record<string, string> = {
  'an escaped high surrogate': 'a lone surrogate is no Unicode',
  'an escaped low surrogate': 'a lone surrogate is no Unicode',
  'escaped surrogates in the wrong order': 'a lone surrogate is no Unicode',
  'an escaped surrogate in a key': 'a lone surrogate is no Unicode',
  'keys in the order of UTF-16': 'stock sorts keys by UTF-16 units, the specification by bytes',
}

/** Values that stock dag-cbor does not give back. */
const LOST: Record<string, string> = {
  'string that begins with a byte order mark': 'the mark is dropped',
}

/** Values that stock dag-json writes otherwise. */
const OTHERWISE: Record<string, string> = {
  'dict whose keys sort otherwise in UTF-16': 'stock sorts keys by UTF-16 units, the specification by bytes',
}

describe('the stock codecs', () => {
  // `design` says of a vector that other tools take it
  it.each(DAG_CBOR_REFUSED.map((vector) => [vector.name, vector] as const))('dag-cbor and %s', (_, vector) => {
    expect(takes(stockCbor, vector.bytes)).toBe(vector.design === true)
  })

  it.each(DAG_JSON_REFUSED.map((vector) => [vector.name, vector] as const))('dag-json and %s', (name, vector) => {
    expect(takes(stockJson, vector.bytes)).toBe(vector.design === true || LENIENT[name] !== undefined)
  })

  it.each(VALUES.map((vector) => [vector.name, vector] as const))(
    'decode %s, and encode it to the same bytes',
    (name, { spec, dagCbor, dagJson }) => {
      const kept = !hasIntegralFloat(JSON.stringify(spec))
      expect({ dagCbor: takes(stockCbor, dagCbor), dagJson: takes(stockJson, toHex(utf8(dagJson))) }).toEqual({
        dagCbor: kept && LOST[name] === undefined,
        dagJson: kept && OTHERWISE[name] === undefined,
      })
    },
  )
})

/** JSON in ASCII. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Whether a spec holds a Float that the stock codecs take for an Int. */
function hasIntegralFloat(spec: string): boolean {
  return [...spec.matchAll(/"float":"([0-9a-f]+)"/g)].some(([, bits]) =>
    Number.isSafeInteger(Buffer.from(bits ?? '', 'hex').readDoubleBE()),
  )
}

function canonical(spec: ReturnType<typeof judge>): string | undefined {
  return spec === undefined ? undefined : toHex(canonicalOf(spec))
}

/** Whether a codec reads bytes and writes them again as they were. */
function takes(
  codec: { decode: (bytes: Uint8Array) => unknown; encode: (value: unknown) => Uint8Array },
  bytes: string,
): boolean {
  try {
    return toHex(codec.encode(codec.decode(hex(bytes)))) === bytes
  } catch {
    return false
  }
}
