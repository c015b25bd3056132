import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { Dict, equal, List, type Node, Predicate } from '../src/index.ts'
import { parse } from '../src/text/index.ts'

/** A node as the vectors spell it; floats as the hex of their 8 bytes. */
type Spec =
  | { string: string }
  | { int: string }
  | { float: string }
  | { bool: boolean }
  | { bytes: string }
  | { list: Spec[] }
  | { dict: Array<[Spec, Spec]> }
  | { predicate: { tag: string; positional: Spec[]; named: Array<[Spec, Spec]> } }

interface Case {
  name: string
  spec: Spec
  pretty: string
}

const { cases } = JSON.parse(readFileSync(new URL('../../../vectors/xr/go-pretty.json', import.meta.url), 'utf8')) as {
  cases: Case[]
}

/** What Go prints in a way that no reader can take back, and what ours makes of it. */
const LOST: Record<string, string> = {
  'floats integral': 'prints Floats as Ints',
  'floats with many digits': 'rounds to ten digits',
  'floats where the exponent starts': 'prints Floats as Ints',
  'floats at the ends': 'rounds the largest Float up to one that is infinite',
  'float infinite': 'is none of the eight kinds',
  'predicate whose name equals its value': 'prints a named argument like a positional one',
  'predicate with a spaced tag': 'does not quote tags',
  'predicate with a tag of syntax': 'does not quote tags',
  'predicate with a tag over lines': 'does not quote tags',
  'predicate with a tag of unicode': 'does not quote tags',
  'predicate with a tag like a number': 'does not quote tags',
}

describe('what Go prints', () => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', (name, { spec, pretty }) => {
    const readable = ((): boolean => {
      try {
        return equal(parse(pretty), nodeOf(spec))
      } catch {
        return false
      }
    })()
    expect({ name, readable }).toEqual({ name, readable: LOST[name] === undefined })
  })

  it('has a case for every known loss', () => {
    expect(Object.keys(LOST).filter((name) => !cases.some((one) => one.name === name))).toEqual([])
  })
})

function nodeOf(spec: Spec): Node {
  if ('string' in spec) return spec.string
  if ('bool' in spec) return spec.bool
  if ('int' in spec) return BigInt(spec.int)
  if ('float' in spec) return Buffer.from(spec.float, 'hex').readDoubleBE()
  if ('bytes' in spec) return new Uint8Array(Buffer.from(spec.bytes, 'hex'))
  if ('list' in spec) return List.from(spec.list.map(nodeOf))
  if ('dict' in spec) return dictOf(spec.dict)
  return new Predicate(spec.predicate.tag, spec.predicate.positional.map(nodeOf), dictOf(spec.predicate.named))
}

function dictOf(entries: Array<[Spec, Spec]>): Dict {
  return Dict.from(entries.map(([name, value]) => [nodeOf(name), nodeOf(value)] as const))
}
