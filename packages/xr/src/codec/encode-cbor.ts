import { check } from '../model/check.ts'
import { compareBytes } from '../bytes/compare.ts'
import { kindOf } from '../model/kind.ts'
import { linkCid } from '../model/link.ts'
import type { Dict, List, Node, Predicate } from '../model/node.ts'
import { isUint8Array } from '../model/realm.ts'
import { isBeyond64Bits, magnitudeBytes, needsPairs } from '../model/size.ts'
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
import { ByteWriter } from '../bytes/byte-writer.ts'

/** Largest buffer, in bytes, that is kept between calls. */
const MAX_SPARE_BYTES = 64 * 1024
let spare: ByteWriter | undefined = new ByteWriter(4096)

/** Natural dag-cbor of a node; with `sets`, List members in the order of their canonical bytes. */
export function encodeCbor(node: Node, sets: boolean): Uint8Array<ArrayBuffer> {
  const writer = spare ?? new ByteWriter(64)
  spare = undefined // in use: byCanonical below encodes while this one is written
  writer.at = 0
  try {
    write(check(node), writer, sets)
    return writer.take()
  } finally {
    spare = writer.bytes.length <= MAX_SPARE_BYTES ? writer : new ByteWriter(4096)
  }
}

/**
 * The identity of a node as bytes, the same in every language: natural dag-cbor with List members
 * sorted by their own canonical bytes. Two nodes are equal exactly when these bytes are.
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

/** Cache of the canonical bytes of containers that are Dict keys; without it nested keys take time exponential in the depth. */
const ofKeys: WeakMap<object, Uint8Array> = new WeakMap()

/** The canonical bytes of a Dict's key, by which keys are ordered. The caller must not change them. */
export function canonicalKey(node: Node): Uint8Array {
  if (typeof node !== 'object' || isUint8Array(node)) {
    return canonical(node)
  }
  let bytes = ofKeys.get(node)
  if (bytes === undefined) {
    bytes = canonical(node)
    ofKeys.set(node, bytes)
  }
  return bytes
}

function write(node: Node, writer: ByteWriter, sets: boolean): void {
  switch (typeof node) {
    case 'string':
      writeText(node, writer)
      return
    case 'bigint':
      writeInt(node, writer)
      return
    case 'number':
      writeFloat(node, writer)
      return
    case 'boolean':
      writer.byte(node ? TRUE : FALSE)
      return
    default:
      writeContainer(node, writer, sets)
  }
}

function writeContainer(node: Uint8Array | List | Dict | Predicate, writer: ByteWriter, sets: boolean): void {
  const kind = kindOf(node)
  switch (kind) {
    case 'bytes':
      writeHead(BYTES, (node as Uint8Array).length, writer)
      writer.raw(node as Uint8Array)
      return
    case 'list': {
      writeHead(ARRAY, (node as List).size, writer)
      if (sets) {
        Array.from(node as List, canonical)
          .sort(compareBytes)
          .forEach((member) => writer.raw(member))
        return
      }
      for (const member of node as List) {
        write(member, writer, sets)
      }
      return
    }
    case 'dict':
      writeDict(node as Dict, writer, sets)
      return
    case 'predicate':
      writePredicate(node as Predicate, writer, sets)
      return
    default:
      throw new TypeError(`${kind} is not a container`)
  }
}

function writeDict(dict: Dict, writer: ByteWriter, sets: boolean): void {
  if (needsPairs(dict)) {
    writer.byte(ARRAY | 2)
    writer.byte(NULL)
    writeHead(ARRAY, dict.size, writer)
    for (const [name, value, bytes] of byCanonical(dict, canonicalKey)) {
      writer.byte(ARRAY | 2)
      if (sets) {
        writer.raw(bytes) // encoding it again would double the time for every level of nested keys
      } else {
        write(name, writer, sets)
      }
      write(value, writer, sets)
    }
    return
  }
  writeHead(MAP, dict.size, writer)
  for (const entry of byLength(dict)) {
    writeText(entry[0], writer)
    write(entry[1], writer, sets)
  }
}

function writePredicate(node: Predicate, writer: ByteWriter, sets: boolean): void {
  const cid = linkCid(node)
  if (cid !== undefined) {
    writeHead(TAG, CID_TAG, writer)
    writeHead(BYTES, cid.length + 1, writer)
    writer.byte(0) // the identity multibase prefix
    writer.raw(cid)
    return
  }
  writer.byte(ARRAY | 4)
  writer.byte(NULL)
  writeText(node.tag, writer)
  writeHead(ARRAY, node.positional.length, writer)
  for (const argument of node.positional) {
    write(argument, writer, sets)
  }
  writeDict(node.named, writer, sets)
}

function writeInt(value: bigint, writer: ByteWriter): void {
  if (isBeyond64Bits(value)) {
    writer.byte(ARRAY | 3)
    writer.byte(NULL)
    writer.byte(value < 0n ? NEGATIVE : UINT | 1) // -1 or 1
    const length = magnitudeBytes(value)
    writeHead(BYTES, length, writer)
    writeMagnitude(value < 0n ? -value : value, length, writer)
    return
  }
  const major = value < 0n ? NEGATIVE : UINT
  const argument = value < 0n ? -1n - value : value
  if (argument <= 0xffffffffn) {
    writeHead(major, Number(argument), writer)
    return
  }
  writer.byte(major | 27)
  writeMagnitude(argument, 8, writer)
}

function writeMagnitude(value: bigint, length: number, writer: ByteWriter): void {
  const digits = value.toString(16).padStart(length * 2, '0')
  writer.reserve(length)
  for (let i = 0; i < digits.length; i += 2) {
    writer.byte(Number.parseInt(digits.slice(i, i + 2), 16))
  }
}

const scratch: Uint8Array = new Uint8Array(8)
const view: DataView = new DataView(scratch.buffer)

function writeFloat(value: number, writer: ByteWriter): void {
  view.setFloat64(0, value === 0 ? 0 : value)
  writer.byte(FLOAT64)
  writer.raw(scratch)
}
