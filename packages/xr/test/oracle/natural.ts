import { CID } from 'multiformats/cid'
import type { Spec } from '../../src/conformance/vectors.ts'
import { toHex } from '../hex.ts'
import { writeCbor, readCbor } from './cbor.ts'
import { type Ipld, NULL, type Oracle, Refused, type Verdict } from './ipld.ts'
import { readJson, writeJson } from './json.ts'

export const CBOR: Oracle = { read: readCbor, write: writeCbor }
export const JSON_FORM: Oracle = { read: readJson, write: writeJson }

const WIDE = 1n << 64n
const WIDEST = 1n << 1024n

/** What the oracle says of bytes: the value they stand for, when they are the one way to write it. */
export function judge(oracle: Oracle, bytes: Uint8Array): Verdict {
  try {
    const spec = specOf(oracle.read(bytes))
    return Buffer.compare(oracle.write(ipldOf(spec)), bytes) === 0 ? spec : undefined
  } catch {
    return undefined // whatever cborg does not read
  }
}

/** What the oracle says of a value of IPLD: the value of ours that it is. */
export function judgeValue(value: Ipld): Verdict {
  try {
    const spec = specOf(value)
    return Buffer.compare(writeCbor(ipldOf(spec)), writeCbor(value)) === 0 ? spec : undefined
  } catch {
    return undefined
  }
}

/** The natural form of a value. */
export function ipldOf(spec: Spec): Ipld {
  if ('bool' in spec) return { kind: 'bool', value: spec.bool }
  if ('string' in spec) return { kind: 'text', value: spec.string }
  if ('float' in spec) return { kind: 'float', value: Buffer.from(spec.float, 'hex').readDoubleBE() }
  if ('bytes' in spec) return { kind: 'bytes', value: Buffer.from(spec.bytes, 'hex') }
  if ('list' in spec) return list(...spec.list.map(ipldOf))
  if ('int' in spec) return intOf(BigInt(spec.int))
  if ('dict' in spec) return mapOf(spec.dict)
  const { tag, positional, named } = spec.predicate
  const [only] = positional
  if (
    tag === 'link' &&
    positional.length === 1 &&
    named.length === 0 &&
    only !== undefined &&
    'string' in only &&
    isCid(only.string)
  ) {
    return { kind: 'link', value: only.string }
  }
  return list(NULL, { kind: 'text', value: tag }, list(...positional.map(ipldOf)), mapOf(named))
}

function list(...value: Ipld[]): Ipld {
  return { kind: 'list', value }
}

function intOf(value: bigint): Ipld {
  if (value < WIDE && value >= -WIDE) return { kind: 'int', value }
  const digits = (value < 0n ? -value : value).toString(16)
  return list(
    NULL,
    { kind: 'int', value: value < 0n ? -1n : 1n },
    { kind: 'bytes', value: Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex') },
  )
}

function mapOf(entries: ReadonlyArray<readonly [Spec, Spec]>): Ipld {
  if (entries.every(([name]) => 'string' in name && name.string !== '/')) {
    return { kind: 'map', value: entries.map(([name, inner]) => [(name as { string: string }).string, ipldOf(inner)]) }
  }
  const sorted = [...entries].sort(([a], [b]) => Buffer.compare(canonicalOf(a), canonicalOf(b)))
  return list(NULL, list(...sorted.map(([name, inner]) => list(ipldOf(name), ipldOf(inner)))))
}

/** The bytes that stand for a value whatever the order of its Lists. */
export function canonicalOf(spec: Spec): Uint8Array {
  return writeCbor(ipldOf(sorted(spec)))
}

function sorted(spec: Spec): Spec {
  if ('list' in spec)
    return { list: spec.list.map(sorted).sort((a, b) => Buffer.compare(writeCbor(ipldOf(a)), writeCbor(ipldOf(b)))) }
  if ('dict' in spec) return { dict: spec.dict.map(([name, inner]) => [sorted(name), sorted(inner)]) }
  if ('predicate' in spec) {
    const { tag, positional, named } = spec.predicate
    return {
      predicate: {
        tag,
        positional: positional.map(sorted),
        named: named.map(([name, inner]) => [sorted(name), sorted(inner)]),
      },
    }
  }
  return spec
}

function isCid(text: string): boolean {
  try {
    return CID.parse(text).toString() === text
  } catch {
    return false
  }
}

/** The value that a document of IPLD stands for; throws for a document without one. */
export function specOf(value: Ipld): Spec {
  switch (value.kind) {
    case 'null':
      throw new Refused('null')
    case 'bool':
      return { bool: value.value }
    case 'text':
      return { string: wellFormed(value.value) }
    case 'int':
      return { int: String(value.value) }
    case 'float':
      return { float: toHex(doubleOf(value.value)) }
    case 'bytes':
      return { bytes: toHex(value.value) }
    case 'link':
      return { predicate: { tag: 'link', positional: [{ string: value.value }], named: [] } }
    case 'map':
      return { dict: distinct(value.value.map(([name, inner]) => [{ string: wellFormed(name) }, specOf(inner)])) }
    case 'list':
      return value.value[0]?.kind === 'null' ? escape(value.value) : { list: members(value.value) }
  }
}

function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new Refused('a lone surrogate')
  return text
}

function doubleOf(value: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

function members(values: readonly Ipld[]): Spec[] {
  const specs = values.map(specOf)
  const seen = new Set(specs.map((spec) => toHex(canonicalOf(spec))))
  if (seen.size !== specs.length) throw new Refused('a member twice')
  return specs
}

function distinct(entries: Array<[Spec, Spec]>): Array<[Spec, Spec]> {
  const seen = new Set(entries.map(([name]) => toHex(canonicalOf(name))))
  if (seen.size !== entries.length) throw new Refused('a key twice')
  return entries
}

/** A list that begins with null. */
function escape(items: readonly Ipld[]): Spec {
  const [, second, third, fourth] = items
  if (items.length === 2 && second?.kind === 'list') {
    return { dict: pairsOf(second) }
  }
  if (items.length === 3 && second?.kind === 'int' && third?.kind === 'bytes') {
    return wideOf(second.value, third.value)
  }
  if (items.length === 4 && second?.kind === 'text' && third?.kind === 'list' && fourth !== undefined) {
    return { predicate: { tag: wellFormed(second.value), positional: third.value.map(specOf), named: namedOf(fourth) } }
  }
  throw new Refused('no escape')
}

function pairsOf(list: Ipld): Array<[Spec, Spec]> {
  if (list.kind !== 'list') throw new Refused('no pairs')
  return distinct(
    list.value.map((pair) => {
      const [name, inner, more] = pair.kind === 'list' ? pair.value : []
      if (name === undefined || inner === undefined || more !== undefined) throw new Refused('no pair')
      return [specOf(name), specOf(inner)]
    }),
  )
}

function namedOf(value: Ipld): Array<[Spec, Spec]> {
  if (value.kind === 'map') return (specOf(value) as { dict: Array<[Spec, Spec]> }).dict
  if (value.kind !== 'list' || value.value.length !== 2 || value.value[0]?.kind !== 'null')
    throw new Refused('no named arguments')
  return pairsOf(value.value[1] as Ipld)
}

function wideOf(sign: bigint, magnitude: Uint8Array): Spec {
  const value = BigInt(`0x0${toHex(magnitude)}`)
  if ((sign !== 1n && sign !== -1n) || value >= WIDEST) throw new Refused('no wide Int')
  return { int: String(value * sign) }
}
