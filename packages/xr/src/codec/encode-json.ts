import { base64 } from 'multiformats/bases/base64'
import { check } from '../check.ts'
import type { Dict } from '../dict.ts'
import { kindOf } from '../kind.ts'
import { linkCid } from '../link.ts'
import type { List } from '../list.ts'
import type { Node } from '../node.ts'
import type { Predicate } from '../predicate.ts'
import { isWide, magnitudeBytes, needsPairs } from '../size.ts'
import { printFloat } from '../text/float.ts'
import { utf8Length } from '../utf8.ts'
import { canonicalKey } from './encode-cbor.ts'
import { byCanonical, bytewise } from './order.ts'
import { Sink } from './sink.ts'

const COMMA = 0x2c
const LIST = 0x5b
const LIST_END = 0x5d
const QUOTE = 0x22

/** Natural dag-json of a node. */
export function encodeJson(node: Node): Uint8Array<ArrayBuffer> {
  const sink = new Sink(1024)
  write(check(node), sink)
  return sink.take()
}

function write(node: Node, sink: Sink): void {
  switch (typeof node) {
    case 'string':
      writeText(node, sink)
      return
    case 'bigint':
      writeInt(node, sink)
      return
    case 'number':
      sink.ascii(printFloat(node))
      return
    case 'boolean':
      sink.ascii(node ? 'true' : 'false')
      return
    default:
      writeContainer(node, sink)
  }
}

function writeContainer(node: Uint8Array | List | Dict | Predicate, sink: Sink): void {
  const kind = kindOf(node)
  switch (kind) {
    case 'bytes':
      writeBytes(node as Uint8Array, sink)
      return
    case 'list':
      writeList(node as List, sink)
      return
    case 'dict':
      writeDict(node as Dict, sink)
      return
    case 'predicate':
      writePredicate(node as Predicate, sink)
      return
    default:
      throw new TypeError(`${kind} is no container`)
  }
}

function writeList(members: Iterable<Node>, sink: Sink): void {
  sink.byte(LIST)
  let first = true
  for (const member of members) {
    if (!first) {
      sink.byte(COMMA)
    }
    first = false
    write(member, sink)
  }
  sink.byte(LIST_END)
}

function writeDict(dict: Dict, sink: Sink): void {
  if (needsPairs(dict)) {
    sink.ascii('[null,[')
    let first = true
    for (const [name, value] of byCanonical(dict, canonicalKey)) {
      if (!first) {
        sink.byte(COMMA)
      }
      first = false
      writeList([name, value], sink)
    }
    sink.ascii(']]')
    return
  }
  sink.byte(0x7b)
  let first = true
  for (const [name, value] of bytewise(dict)) {
    if (!first) {
      sink.byte(COMMA)
    }
    first = false
    writeText(name, sink)
    sink.byte(0x3a)
    write(value, sink)
  }
  sink.byte(0x7d)
}

function writePredicate(node: Predicate, sink: Sink): void {
  if (linkCid(node) !== undefined) {
    sink.ascii('{"/":')
    writeText(node.positional[0] as string, sink)
    sink.byte(0x7d)
    return
  }
  sink.ascii('[null,')
  writeText(node.tag, sink)
  sink.byte(COMMA)
  writeList(node.positional, sink)
  sink.byte(COMMA)
  writeDict(node.named, sink)
  sink.byte(LIST_END)
}

function writeInt(value: bigint, sink: Sink): void {
  if (!isWide(value)) {
    sink.ascii(value.toString())
    return
  }
  const magnitude = value < 0n ? -value : value
  const digits = magnitude.toString(16).padStart(magnitudeBytes(value) * 2, '0')
  sink.ascii(value < 0n ? '[null,-1,' : '[null,1,')
  writeBytes(
    Uint8Array.from(digits.match(/../g) as string[], (pair) => Number.parseInt(pair, 16)),
    sink,
  )
  sink.byte(LIST_END)
}

function writeBytes(bytes: Uint8Array, sink: Sink): void {
  sink.ascii('{"/":{"bytes":"')
  sink.ascii(base64.baseEncode(bytes))
  sink.ascii('"}}')
}

function writeText(text: string, sink: Sink): void {
  sink.byte(QUOTE)
  if (sink.tryPlain(text)) {
    sink.byte(QUOTE)
    return
  }
  sink.at-- // the quotes come with it
  const quoted = JSON.stringify(text)
  sink.utf8(quoted, utf8Length(quoted))
}
