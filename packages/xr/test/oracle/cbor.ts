import * as cborg from 'cborg'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { type Ipld, NULL, Refused } from './ipld.ts'

const CID_TAG = 42

/** The stock codec's options for CBOR, as far as a tokenizer heeds them. */
const OPTIONS = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowNaN: false,
  allowInfinity: false,
  allowBigInt: true,
  retainStringBytes: true,
}

/** cborg's own would drop a byte order mark at the beginning. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A Float, which cborg would write as an Int when it is one. */
class Float {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** A CID, for tag 42. */
class Link {
  readonly cid: CID
  constructor(cid: CID) {
    this.cid = cid
  }
}

/** CBOR as cborg writes it: Ints and lengths in their shortest form, keys by length and then bytes. */
export function writeCbor(value: Ipld): Uint8Array {
  return cborg.encode(plain(value), {
    float64: true,
    typeEncoders: {
      Object(data: unknown) {
        if (data instanceof Float) {
          return [new cborg.Token(cborg.Type.float, data.value)]
        }
        if (data instanceof Link) {
          return [
            new cborg.Token(cborg.Type.tag, CID_TAG),
            new cborg.Token(cborg.Type.bytes, Uint8Array.of(0, ...data.cid.bytes)),
          ]
        }
        return null
      },
    },
  })
}

function plain(value: Ipld): unknown {
  switch (value.kind) {
    case 'null':
      return null
    case 'float':
      return new Float(value.value)
    case 'link':
      return new Link(CID.parse(value.value))
    case 'list':
      return value.value.map(plain)
    case 'map':
      return new Map(value.value.map(([name, inner]) => [name, plain(inner)]))
    default:
      return value.value
  }
}

/** CBOR by cborg's tokens. Throws for what is no CBOR, and for what IPLD has no kind for. */
export function readCbor(bytes: Uint8Array): Ipld {
  const tokens = new cborg.Tokenizer(bytes, OPTIONS)
  const value = next(tokens)
  if (!tokens.done()) {
    throw new Refused('bytes follow')
  }
  return value
}

function next(tokens: InstanceType<typeof cborg.Tokenizer>): Ipld {
  if (tokens.done()) {
    throw new Refused('the input ends')
  }
  const { type, value, byteValue } = tokens.next()
  switch (type.name) {
    case 'uint':
    case 'negint':
      return { kind: 'int', value: BigInt(value as number | bigint) }
    case 'bytes':
      return { kind: 'bytes', value: value as Uint8Array }
    case 'string':
      return { kind: 'text', value: byteValue === undefined ? (value as string) : UTF8.decode(byteValue) }
    case 'true':
    case 'false':
      return { kind: 'bool', value: value as boolean }
    case 'null':
      return NULL
    case 'float':
      if (Object.is(value, -0)) throw new Refused('minus zero')
      return { kind: 'float', value: value as number }
    case 'array':
      return { kind: 'list', value: Array.from({ length: room(tokens, value as number) }, () => next(tokens)) }
    case 'map':
      return {
        kind: 'map',
        value: Array.from(
          { length: room(tokens, value as number) },
          () => [nameOf(next(tokens)), next(tokens)] as const,
        ),
      }
    case 'tag':
      return linkOf(value as number, next(tokens))
    default:
      throw new Refused(`no kind: ${type.name}`)
  }
}

/** A length, when so many items can follow. */
function room(tokens: InstanceType<typeof cborg.Tokenizer>, length: number): number {
  if (length > tokens.data.length) throw new Refused('the input ends')
  return length
}

function nameOf(key: Ipld): string {
  if (key.kind !== 'text') throw new Refused('a key is no string')
  return key.value
}

function linkOf(tag: number, content: Ipld): Ipld {
  if (tag !== CID_TAG || content.kind !== 'bytes' || content.value[0] !== 0) throw new Refused('a tag that is no link')
  const cid = CID.decode(content.value.subarray(1))
  return { kind: 'link', value: textOf(cid) }
}

/** The string of a CID that has one form in bytes and one as text. */
export function textOf(cid: CID): string {
  const again = CID.create(cid.version, cid.code, Digest.create(cid.multihash.code, cid.multihash.digest))
  if (Buffer.compare(again.bytes, cid.bytes) !== 0) throw new Refused('numbers of a CID not in their shortest form')
  const text = cid.toString()
  if (Buffer.compare(CID.parse(text).bytes, cid.bytes) !== 0)
    throw new Refused('a CID that its string does not give back')
  return text
}
