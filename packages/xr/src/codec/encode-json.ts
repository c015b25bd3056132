import { base64 } from 'multiformats/bases/base64'
import { check } from '../model/check.ts'
import { kindOf } from '../model/kind.ts'
import { linkCid } from '../model/link.ts'
import type { Dict, List, Node, Predicate } from '../model/node.ts'
import { isBeyond64Bits, magnitudeBytes, needsPairs } from '../model/size.ts'
import { printFloat } from '../text/float.ts'
import { utf8Length } from '../bytes/utf8.ts'
import { canonicalKey } from './encode-cbor.ts'
import { byCanonical, bytewise } from './order.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'

const COMMA = 0x2c
const LIST = 0x5b
const LIST_END = 0x5d
const QUOTE = 0x22

/** Natural dag-json of a node. */
export function encodeJson(node: Node): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(1024)
  write(check(node), writer)
  return writer.take()
}

function write(node: Node, writer: ByteWriter): void {
  switch (typeof node) {
    case 'string':
      writeText(node, writer)
      return
    case 'bigint':
      writeInt(node, writer)
      return
    case 'number':
      writer.ascii(printFloat(node))
      return
    case 'boolean':
      writer.ascii(node ? 'true' : 'false')
      return
    default:
      writeContainer(node, writer)
  }
}

function writeContainer(node: Uint8Array | List | Dict | Predicate, writer: ByteWriter): void {
  const kind = kindOf(node)
  switch (kind) {
    case 'bytes':
      writeBytes(node as Uint8Array, writer)
      return
    case 'list':
      writeList(node as List, writer)
      return
    case 'dict':
      writeDict(node as Dict, writer)
      return
    case 'predicate':
      writePredicate(node as Predicate, writer)
      return
    default:
      throw new TypeError(`${kind} is not a container`)
  }
}

function writeList(members: Iterable<Node>, writer: ByteWriter): void {
  writer.byte(LIST)
  let first = true
  for (const member of members) {
    if (!first) {
      writer.byte(COMMA)
    }
    first = false
    write(member, writer)
  }
  writer.byte(LIST_END)
}

function writeDict(dict: Dict, writer: ByteWriter): void {
  if (needsPairs(dict)) {
    writer.ascii('[null,[')
    let first = true
    for (const [name, value] of byCanonical(dict, canonicalKey)) {
      if (!first) {
        writer.byte(COMMA)
      }
      first = false
      writeList([name, value], writer)
    }
    writer.ascii(']]')
    return
  }
  writer.byte(0x7b)
  let first = true
  for (const [name, value] of bytewise(dict)) {
    if (!first) {
      writer.byte(COMMA)
    }
    first = false
    writeText(name, writer)
    writer.byte(0x3a)
    write(value, writer)
  }
  writer.byte(0x7d)
}

function writePredicate(node: Predicate, writer: ByteWriter): void {
  if (linkCid(node) !== undefined) {
    writer.ascii('{"/":')
    writeText(node.positional[0] as string, writer)
    writer.byte(0x7d)
    return
  }
  writer.ascii('[null,')
  writeText(node.tag, writer)
  writer.byte(COMMA)
  writeList(node.positional, writer)
  writer.byte(COMMA)
  writeDict(node.named, writer)
  writer.byte(LIST_END)
}

function writeInt(value: bigint, writer: ByteWriter): void {
  if (!isBeyond64Bits(value)) {
    writer.ascii(value.toString())
    return
  }
  const magnitude = value < 0n ? -value : value
  const digits = magnitude.toString(16).padStart(magnitudeBytes(value) * 2, '0')
  writer.ascii(value < 0n ? '[null,-1,' : '[null,1,')
  writeBytes(
    Uint8Array.from(digits.match(/../g) as string[], (pair) => Number.parseInt(pair, 16)),
    writer,
  )
  writer.byte(LIST_END)
}

function writeBytes(bytes: Uint8Array, writer: ByteWriter): void {
  writer.ascii('{"/":{"bytes":"')
  writer.ascii(base64.baseEncode(bytes))
  writer.ascii('"}}')
}

function writeText(text: string, writer: ByteWriter): void {
  writer.byte(QUOTE)
  if (writer.tryPlain(text)) {
    writer.byte(QUOTE)
    return
  }
  writer.at-- // JSON.stringify writes both quotes
  const quoted = JSON.stringify(text)
  writer.utf8(quoted, utf8Length(quoted))
}
