import { type Dict, kindOf, type List, type Node, type Predicate, XrError } from '@sr/xr'
import { base64Length, writeBase64 } from './base64.ts'
import { writeString } from './json-string.ts'
import { isInt64 } from './limit-counter.ts'
import type { ByteWriter } from '@sr/xr/codec-kit'

/** From this value on Go cannot read an integer written in full, even with a fraction: the digits overflow its uint64. */
const EXPONENT_FROM = 1e19
/** From this value on Go and JavaScript write exponents. */
const EXPONENT_ALWAYS = 1e21

/** The text around values at one level of indentation; cached. */
interface Level {
  readonly text: Uint8Array
  readonly textEnd: Uint8Array
  readonly int: Uint8Array
  readonly float: Uint8Array
  readonly true: Uint8Array
  readonly false: Uint8Array
  readonly bytes: Uint8Array
  readonly bytesEnd: Uint8Array
  readonly end: Uint8Array
  readonly dict: Uint8Array
  readonly list: Uint8Array
  readonly arrayEnd: Uint8Array
  readonly emptyEnd: Uint8Array
  readonly predicate: Uint8Array
  readonly positional: Uint8Array
  readonly named: Uint8Array
  readonly namedAfterArray: Uint8Array
  /** an item of an array at this level begins */
  readonly item: Uint8Array
  readonly key: Uint8Array
  readonly value: Uint8Array
}

const encoder: TextEncoder = new TextEncoder()
const levels: Level[] = []
/** Levels in the cache; deeper ones are rare, and long because of their indentation. */
const KEPT_LEVELS = 128

function levelAt(depth: number): Level {
  const known = levels[depth]
  if (known !== undefined) {
    return known
  }
  const line = (more: number): string => `\n${'\t'.repeat(depth + more)}`
  const bytes = (text: string): Uint8Array => encoder.encode(text)
  const level: Level = {
    text: bytes(`{${line(1)}"String_IPLD": "`),
    textEnd: bytes(`"${line(0)}}`),
    int: bytes(`{${line(1)}"Int_IPLD": `),
    float: bytes(`{${line(1)}"Float_IPLD": `),
    true: bytes(`{${line(1)}"Bool_IPLD": true${line(0)}}`),
    false: bytes(`{${line(1)}"Bool_IPLD": false${line(0)}}`),
    bytes: bytes(`{${line(1)}"Bytes_IPLD": {${line(2)}"/": {${line(3)}"bytes": "`),
    bytesEnd: bytes(`"${line(2)}}${line(1)}}${line(0)}}`),
    end: bytes(`${line(0)}}`),
    dict: bytes(`{${line(1)}"Dict_IPLD": {${line(2)}"Pairs": [`),
    list: bytes(`{${line(1)}"List_IPLD": {${line(2)}"Elements": [`),
    arrayEnd: bytes(`${line(2)}]${line(1)}}${line(0)}}`),
    emptyEnd: bytes(`]${line(1)}}${line(0)}}`),
    predicate: bytes(`{${line(1)}"Predicate_IPLD": {${line(2)}"Tag": "`),
    positional: bytes(`",${line(2)}"Positional": [`),
    named: bytes(`],${line(2)}"Named": [`),
    namedAfterArray: bytes(`${line(2)}],${line(2)}"Named": [`),
    item: bytes(line(0)),
    key: bytes(`{${line(1)}"Key": `),
    value: bytes(`,${line(1)}"Value": `),
  }
  if (depth < KEPT_LEVELS) {
    levels[depth] = level
  }
  return level
}

const COMMA = 0x2c

/** Writes a node whose opening brace is on a line indented by `depth`. The data model bounds the depth. */
export function writeNode(node: Node, depth: number, writer: ByteWriter): void {
  const level = levelAt(depth)
  switch (typeof node) {
    case 'string':
      writer.raw(level.text)
      writeString(node, writer)
      writer.raw(level.textEnd)
      return
    case 'boolean':
      writer.raw(node ? level.true : level.false)
      return
    case 'number':
      writer.raw(level.float)
      writer.ascii(floatText(node))
      writer.raw(level.end)
      return
    case 'bigint':
      writeInt(node, depth, level, writer)
      return
    default:
      writeContainer(node, depth, level, writer)
  }
}

function writeContainer(
  node: Uint8Array | List | Dict | Predicate,
  depth: number,
  level: Level,
  writer: ByteWriter,
): void {
  const kind = kindOf(node)
  switch (kind) {
    case 'bytes':
      writeBytes(node as Uint8Array, level, writer)
      return
    case 'list':
      writer.raw(level.list)
      writeItems(node as List, (node as List).size, depth, writer)
      writer.raw((node as List).size > 0 ? level.arrayEnd : level.emptyEnd)
      return
    case 'dict':
      writer.raw(level.dict)
      writePairs(node as Dict, depth, writer)
      writer.raw((node as Dict).size > 0 ? level.arrayEnd : level.emptyEnd)
      return
    case 'predicate':
      writePredicate(node as Predicate, depth, level, writer)
      return
    default:
      throw new TypeError(`${kind} is not a container`)
  }
}

function writeInt(value: bigint, depth: number, level: Level, writer: ByteWriter): void {
  if (!isInt64(value)) {
    // Go would write the low 64 bits of such an Int
    writer.raw(level.predicate)
    writer.ascii('bigint')
    writer.raw(level.positional)
    writeItems([value.toString()], 1, depth, writer)
    writer.raw(level.namedAfterArray)
    writer.raw(level.emptyEnd)
    return
  }
  writer.raw(level.int)
  writer.ascii(value.toString())
  writer.raw(level.end)
}

function writeBytes(bytes: Uint8Array, level: Level, writer: ByteWriter): void {
  writer.raw(level.bytes)
  writer.reserve(base64Length(bytes.length))
  writer.at = writeBase64(bytes, writer.bytes, writer.at)
  writer.raw(level.bytesEnd)
}

function writePredicate(node: Predicate, depth: number, level: Level, writer: ByteWriter): void {
  writer.raw(level.predicate)
  writeString(node.tag, writer)
  writer.raw(level.positional)
  writeItems(node.positional, node.positional.length, depth, writer)
  writer.raw(node.positional.length > 0 ? level.namedAfterArray : level.named)
  writePairs(node.named, depth, writer)
  writer.raw(node.named.size > 0 ? level.arrayEnd : level.emptyEnd)
}

/** Writes the items of an array that is a field of a field of the node at `depth`. */
function writeItems(items: Iterable<Node>, size: number, depth: number, writer: ByteWriter): void {
  const { item } = levelAt(depth + 3)
  let left = size
  for (const node of items) {
    writer.raw(item)
    writeNode(node, depth + 3, writer)
    if (--left > 0) {
      writer.byte(COMMA)
    }
  }
}

function writePairs(dict: Dict, depth: number, writer: ByteWriter): void {
  const { item, key, value, end } = levelAt(depth + 3)
  let left = dict.size
  for (const [name, node] of dict) {
    writer.raw(item)
    writer.raw(key)
    writeNode(name, depth + 4, writer)
    writer.raw(value)
    writeNode(node, depth + 4, writer)
    writer.raw(end)
    if (--left > 0) {
      writer.byte(COMMA)
    }
  }
}

/** A Float in a form that Go reads back: it reads `1` as an Int and refuses it here. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) {
    throw new XrError('XR_VALUE', `a Float must be finite, not ${value}`)
  }
  const size = Math.abs(value)
  if (!Number.isInteger(value) || size >= EXPONENT_ALWAYS) {
    return String(value)
  }
  return size >= EXPONENT_FROM ? value.toExponential().replace('e+', 'e') : `${value === 0 ? 0 : value}.0`
}
