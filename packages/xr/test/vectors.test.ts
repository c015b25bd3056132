import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import * as stockCbor from '@ipld/dag-cbor'
import * as stockJson from '@ipld/dag-json'
import { hex, toHex, utf8 } from './hex.ts'
import { CBOR, canonicalOf, ipldOf, judge, JSON_FORM } from './oracle/natural.ts'
import { refusedCbor, refusedJson, valueVectors, vectorFiles } from './vectors/files.ts'

const ROOT = new URL('../../../', import.meta.url)
const VALUES = valueVectors()

describe('the vectors on disk', () => {
  it.each([...vectorFiles()])('%s is what the tables say', (path, content) => {
    const url = new URL(path, ROOT)
    const there = existsSync(url) ? readFileSync(url, 'utf8') : ''
    // not compared as texts: of a hundred thousand characters nobody sees the one that differs
    expect({ path, same: there === content, how: 'node packages/xr/test/vectors/write.ts' }).toEqual({
      path,
      same: true,
      how: 'node packages/xr/test/vectors/write.ts',
    })
  })

  it('name every case once', () => {
    for (const cases of [VALUES, refusedCbor(), refusedJson()]) {
      const names = cases.map(({ name }) => name)
      expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    }
  })
})

describe('an oracle that shares no code with ours', () => {
  it.each(VALUES.map((vector) => [vector.name, vector] as const))('writes %s alike', (_, vector) => {
    const natural = ipldOf(vector.spec)
    expect(toHex(CBOR.write(natural))).toBe(vector.dagCbor)
    expect(Buffer.from(JSON_FORM.write(natural)).toString()).toBe(vector.dagJson)
    expect(toHex(canonicalOf(vector.spec))).toBe(vector.canonical)
    expect(vector.size).toBe(vector.dagCbor.length / 2)
  })

  it.each(VALUES.map((vector) => [vector.name, vector] as const))('reads %s back', (_, vector) => {
    expect(canonical(judge(CBOR, hex(vector.dagCbor)))).toBe(vector.canonical)
    expect(canonical(judge(JSON_FORM, utf8(vector.dagJson)))).toBe(vector.canonical)
  })

  it.each(refusedCbor().map((vector) => [vector.name, vector] as const))('refuses dag-cbor of %s', (_, vector) => {
    expect(judge(CBOR, hex(vector.bytes))).toBeUndefined()
  })

  it.each(refusedJson().map((vector) => [vector.name, vector] as const))('refuses dag-json of %s', (_, vector) => {
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
  it.each(refusedCbor().map((vector) => [vector.name, vector] as const))('dag-cbor and %s', (_, vector) => {
    expect(takes(stockCbor, vector.bytes)).toBe(vector.design === true)
  })

  it.each(refusedJson().map((vector) => [vector.name, vector] as const))('dag-json and %s', (name, vector) => {
    expect(takes(stockJson, vector.bytes)).toBe(vector.design === true || LENIENT[name] !== undefined)
  })

  it.each(VALUES.map((vector) => [vector.name, vector] as const))(
    'read %s, and write it again as it was',
    (name, { spec, dagCbor, dagJson }) => {
      const kept = !hasIntegralFloat(JSON.stringify(spec))
      expect({ dagCbor: takes(stockCbor, dagCbor), dagJson: takes(stockJson, toHex(utf8(dagJson))) }).toEqual({
        dagCbor: kept && LOST[name] === undefined,
        dagJson: kept && OTHERWISE[name] === undefined,
      })
    },
  )
})

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
