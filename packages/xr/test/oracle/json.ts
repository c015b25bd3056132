import * as cborgJson from 'cborg/json'
import { CID } from 'multiformats/cid'
import { textOf } from './cbor.ts'
import { type Ipld, NULL, Refused } from './ipld.ts'

const OPTIONS = { allowBigInt: true }

/** dag-json by its specification: no white space, keys in the order of their bytes, Floats with a point or an exponent. */
export function writeJson(value: Ipld): Uint8Array {
  return Buffer.from(json(value))
}

function json(value: Ipld): string {
  switch (value.kind) {
    case 'null':
      return 'null'
    case 'bool':
    case 'int':
      return String(value.value)
    case 'float':
      return float(value.value)
    case 'text':
      return JSON.stringify(value.value)
    case 'bytes':
      return `{"/":{"bytes":"${Buffer.from(value.value).toString('base64').replaceAll('=', '')}"}}`
    case 'link':
      return `{"/":"${value.value}"}`
    case 'list':
      return `[${value.value.map(json).join(',')}]`
    case 'map':
      return `{${[...value.value]
        .sort(byBytes)
        .map(([name, inner]) => `${JSON.stringify(name)}:${json(inner)}`)
        .join(',')}}`
  }
}

function byBytes(a: readonly [string, Ipld], b: readonly [string, Ipld]): number {
  return Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0]))
}

function float(value: number): string {
  const text = JSON.stringify(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

/** dag-json by cborg's tokens. Throws for what is no JSON, and for a misuse of the key `/`. */
export function readJson(bytes: Uint8Array): Ipld {
  const tokens = new cborgJson.Tokenizer(bytes, OPTIONS)
  const value = next(tokens)
  if (value === undefined || !tokens.done()) {
    throw new Refused('something follows, or nothing was there')
  }
  return value
}

/** The next value, or undefined at a closing bracket. */
function next(tokens: InstanceType<typeof cborgJson.Tokenizer>): Ipld | undefined {
  const { type, value } = tokens.next()
  switch (type.name) {
    case 'uint':
    case 'negint':
      return { kind: 'int', value: BigInt(value as number | bigint) }
    case 'string':
      return { kind: 'text', value: value as string }
    case 'true':
    case 'false':
      return { kind: 'bool', value: value as boolean }
    case 'null':
      return NULL
    case 'float':
      if (!Number.isFinite(value)) throw new Refused('a Float that is not finite')
      return { kind: 'float', value: Object.is(value, -0) ? 0 : (value as number) }
    case 'array':
      return { kind: 'list', value: all(tokens) }
    case 'map':
      return reserved(pairs(all(tokens)))
    case 'break':
      return undefined
    default:
      throw new Refused(`no kind: ${type.name}`)
  }
}

function all(tokens: InstanceType<typeof cborgJson.Tokenizer>): Ipld[] {
  const values: Ipld[] = []
  for (let value = next(tokens); value !== undefined; value = next(tokens)) {
    values.push(value)
  }
  return values
}

function pairs(flat: readonly Ipld[]): Array<[string, Ipld]> {
  return Array.from({ length: flat.length / 2 }, (_, i) => {
    const key = flat[2 * i] as Ipld
    if (key.kind !== 'text') throw new Refused('a key is no string')
    return [key.value, flat[2 * i + 1] as Ipld]
  })
}

/** Links and Bytes are maps with the one key `/`; Bytes hold a map with the one key `bytes`. */
function reserved(entries: ReadonlyArray<readonly [string, Ipld]>): Ipld {
  const [first] = entries
  if (first === undefined || first[0] !== '/' || entries.length > 1) {
    return { kind: 'map', value: entries }
  }
  const [, inner] = first
  if (inner.kind === 'text') {
    return { kind: 'link', value: textOf(CID.parse(inner.value)) }
  }
  if (
    inner.kind === 'map' &&
    inner.value.length === 1 &&
    inner.value[0]?.[0] === 'bytes' &&
    inner.value[0][1].kind === 'text'
  ) {
    return { kind: 'bytes', value: Buffer.from(inner.value[0][1].value, 'base64') }
  }
  throw new Refused('the key / is reserved')
}
