import type { SlicedWork } from '@sr/protocol'
import { type Dict, isKind, type List, type Node, type Predicate, XrError } from '@sr/xr'
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

/** Bytes written between two yields: about a tenth of a millisecond. */
const BYTES_PER_STEP = 16 * 1024

/** What is being written, and from which length on the work yields. */
interface Progress {
  readonly writer: ByteWriter
  yieldAt: number
}

/** Writes a node whose opening brace is on a line indented by `depth`. The data model bounds the depth. */
export function* writeNode(node: Node, depth: number, writer: ByteWriter): SlicedWork<void> {
  yield* write(node, depth, { writer, yieldAt: writer.at + BYTES_PER_STEP })
}

function* write(node: Node, depth: number, progress: Progress): SlicedWork<void> {
  if (isLeaf(node)) {
    writeLeaf(node, depth, progress.writer)
    return
  }
  const { writer } = progress
  const level = levelAt(depth)
  if (isKind(node, 'list')) {
    writer.raw(level.list)
    yield* writeItems(node, node.size, depth, progress)
    writer.raw(node.size > 0 ? level.arrayEnd : level.emptyEnd)
  } else if (isKind(node, 'dict')) {
    writer.raw(level.dict)
    yield* writePairs(node, depth, progress)
    writer.raw(node.size > 0 ? level.arrayEnd : level.emptyEnd)
  } else {
    yield* writePredicate(node, depth, level, progress)
  }
}

type Leaf = Exclude<Node, List | Dict | Predicate>

function isLeaf(node: Node): node is Leaf {
  return typeof node !== 'object' || isKind(node, 'bytes')
}

function writeLeaf(node: Leaf, depth: number, writer: ByteWriter): void {
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
      writeBytes(node, level, writer)
  }
}

function writeInt(value: bigint, depth: number, level: Level, writer: ByteWriter): void {
  if (!isInt64(value)) {
    // Go would write the low 64 bits of such an Int
    writer.raw(level.predicate)
    writer.ascii('bigint')
    writer.raw(level.positional)
    writer.raw(levelAt(depth + 3).item)
    writeLeaf(value.toString(), depth + 3, writer)
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

function* writePredicate(node: Predicate, depth: number, level: Level, progress: Progress): SlicedWork<void> {
  const { writer } = progress
  writer.raw(level.predicate)
  writeString(node.tag, writer)
  writer.raw(level.positional)
  yield* writeItems(node.positional, node.positional.length, depth, progress)
  writer.raw(node.positional.length > 0 ? level.namedAfterArray : level.named)
  yield* writePairs(node.named, depth, progress)
  writer.raw(node.named.size > 0 ? level.arrayEnd : level.emptyEnd)
}

/** Writes the items of an array that is a field of a field of the node at `depth`. */
function* writeItems(items: Iterable<Node>, size: number, depth: number, progress: Progress): SlicedWork<void> {
  const { writer } = progress
  const { item } = levelAt(depth + 3)
  let left = size
  for (const node of items) {
    writer.raw(item)
    if (isLeaf(node)) {
      writeLeaf(node, depth + 3, writer)
    } else {
      yield* write(node, depth + 3, progress)
    }
    if (--left > 0) {
      writer.byte(COMMA)
    }
    if (writer.at >= progress.yieldAt) {
      yield
      // the caller may have taken out what was written
      progress.yieldAt = writer.at + BYTES_PER_STEP
    }
  }
}

function* writePairs(dict: Dict, depth: number, progress: Progress): SlicedWork<void> {
  const { writer } = progress
  const { item, key, value, end } = levelAt(depth + 3)
  let left = dict.size
  for (const [name, node] of dict) {
    writer.raw(item)
    writer.raw(key)
    if (isLeaf(name)) {
      writeLeaf(name, depth + 4, writer)
    } else {
      yield* write(name, depth + 4, progress)
    }
    writer.raw(value)
    if (isLeaf(node)) {
      writeLeaf(node, depth + 4, writer)
    } else {
      yield* write(node, depth + 4, progress)
    }
    writer.raw(end)
    if (--left > 0) {
      writer.byte(COMMA)
    }
    if (writer.at >= progress.yieldAt) {
      yield
      // the caller may have taken out what was written
      progress.yieldAt = writer.at + BYTES_PER_STEP
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
