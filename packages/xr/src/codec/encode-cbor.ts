import { check } from '../check.ts'
import { compareBytes } from '../compare.ts'
import type { Dict } from '../dict.ts'
import { kindOf } from '../kind.ts'
import { linkCid } from '../link.ts'
import type { List } from '../list.ts'
import type { Node } from '../node.ts'
import type { Predicate } from '../predicate.ts'
import { isWide, magnitudeBytes, needsPairs } from '../size.ts'
import { byCanonical, byLength } from './order.ts'
import {
  ARRAY,
  BYTES,
  CID_TAG,
  FALSE,
  FLOAT64,
  MAP,
  NEGATIVE,
  NULL,
  TAG,
  TRUE,
  UINT,
  writeHead,
  writeText,
} from './cbor-heads.ts'
import { Sink } from './sink.ts'

/** Largest buffer kept between calls. */
const KEEP = 64 * 1024
let spare: Sink | undefined = new Sink(4096)

/** Natural dag-cbor of a node; with `sets`, List members in the order of their canonical bytes. */
export function encodeCbor(node: Node, sets: boolean): Uint8Array<ArrayBuffer> {
  const sink = spare ?? new Sink(64)
  spare = undefined // taken: byCanonical below encodes while this one is being written
  sink.at = 0
  try {
    write(check(node), sink, sets)
    return sink.take()
  } finally {
    spare = sink.bytes.length <= KEEP ? sink : new Sink(4096)
  }
}

/**
 * The bytes that stand for a node's identity in every language: natural dag-cbor with List members
 * sorted by their own canonical bytes. Two nodes are equal exactly when these are.
 *
 * @example
 * ```ts
 * import { from } from '@sr/xr'
 * import { canonical } from '@sr/xr/dag-cbor'
 *
 * console.log(canonical(from(['b', 'a'])).join(' ')) // 130 97 97 97 98
 * ```
 */
export function canonical(node: Node): Uint8Array<ArrayBuffer> {
  return encodeCbor(node, true)
}

/** Canonical bytes of containers that are Dict keys. With keys within keys each level would make those of all below again. */
const ofKeys: WeakMap<object, Uint8Array> = new WeakMap()

/** The canonical bytes of a Dict's key, by which keys are ordered; not to be changed. */
export function canonicalKey(node: Node): Uint8Array {
  if (typeof node !== 'object' || node instanceof Uint8Array) {
    return canonical(node)
  }
  let bytes = ofKeys.get(node)
  if (bytes === undefined) {
    bytes = canonical(node)
    ofKeys.set(node, bytes)
  }
  return bytes
}

function write(node: Node, sink: Sink, sets: boolean): void {
  switch (typeof node) {
    case 'string':
      writeText(node, sink)
      return
    case 'bigint':
      writeInt(node, sink)
      return
    case 'number':
      writeFloat(node, sink)
      return
    case 'boolean':
      sink.byte(node ? TRUE : FALSE)
      return
    default:
      writeContainer(node, sink, sets)
  }
}

function writeContainer(node: Uint8Array | List | Dict | Predicate, sink: Sink, sets: boolean): void {
  const kind = kindOf(node)
  switch (kind) {
    case 'bytes':
      writeHead(BYTES, (node as Uint8Array).length, sink)
      sink.raw(node as Uint8Array)
      return
    case 'list': {
      writeHead(ARRAY, (node as List).size, sink)
      if (sets) {
        Array.from(node as List, canonical)
          .sort(compareBytes)
          .forEach((member) => sink.raw(member))
        return
      }
      for (const member of node as List) {
        write(member, sink, sets)
      }
      return
    }
    case 'dict':
      writeDict(node as Dict, sink, sets)
      return
    case 'predicate':
      writePredicate(node as Predicate, sink, sets)
      return
    default:
      throw new TypeError(`${kind} is no container`)
  }
}

function writeDict(dict: Dict, sink: Sink, sets: boolean): void {
  if (needsPairs(dict)) {
    sink.byte(ARRAY | 2)
    sink.byte(NULL)
    writeHead(ARRAY, dict.size, sink)
    for (const [name, value, bytes] of byCanonical(dict, canonicalKey)) {
      sink.byte(ARRAY | 2)
      if (sets) {
        sink.raw(bytes) // written again it would take twice the time for every level of keys within keys
      } else {
        write(name, sink, sets)
      }
      write(value, sink, sets)
    }
    return
  }
  writeHead(MAP, dict.size, sink)
  for (const entry of byLength(dict)) {
    writeText(entry[0], sink)
    write(entry[1], sink, sets)
  }
}

function writePredicate(node: Predicate, sink: Sink, sets: boolean): void {
  const cid = linkCid(node)
  if (cid !== undefined) {
    writeHead(TAG, CID_TAG, sink)
    writeHead(BYTES, cid.length + 1, sink)
    sink.byte(0) // the identity multibase prefix
    sink.raw(cid)
    return
  }
  sink.byte(ARRAY | 4)
  sink.byte(NULL)
  writeText(node.tag, sink)
  writeHead(ARRAY, node.positional.length, sink)
  for (const argument of node.positional) {
    write(argument, sink, sets)
  }
  writeDict(node.named, sink, sets)
}

function writeInt(value: bigint, sink: Sink): void {
  if (isWide(value)) {
    sink.byte(ARRAY | 3)
    sink.byte(NULL)
    sink.byte(value < 0n ? NEGATIVE : UINT | 1) // -1 or 1
    const length = magnitudeBytes(value)
    writeHead(BYTES, length, sink)
    writeMagnitude(value < 0n ? -value : value, length, sink)
    return
  }
  const major = value < 0n ? NEGATIVE : UINT
  const argument = value < 0n ? -1n - value : value
  if (argument <= 0xffffffffn) {
    writeHead(major, Number(argument), sink)
    return
  }
  sink.byte(major | 27)
  writeMagnitude(argument, 8, sink)
}

function writeMagnitude(value: bigint, length: number, sink: Sink): void {
  const digits = value.toString(16).padStart(length * 2, '0')
  sink.reserve(length)
  for (let i = 0; i < digits.length; i += 2) {
    sink.byte(Number.parseInt(digits.slice(i, i + 2), 16))
  }
}

const scratch: Uint8Array = new Uint8Array(8)
const view: DataView = new DataView(scratch.buffer)

function writeFloat(value: number, sink: Sink): void {
  view.setFloat64(0, value === 0 ? 0 : value)
  sink.byte(FLOAT64)
  sink.raw(scratch)
}
