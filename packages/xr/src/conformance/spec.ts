import { Dict } from '../model/dict.ts'
import { List } from '../model/list.ts'
import type { Node } from '../model/node.ts'
import { Predicate } from '../model/predicate.ts'
import type { Spec } from './vectors.ts'

/** The node that a spec describes, made by the constructors and no codec. */
export function nodeOf(spec: Spec): Node {
  if ('string' in spec) {
    return spec.string
  }
  if ('bool' in spec) {
    return spec.bool
  }
  if ('int' in spec) {
    return BigInt(spec.int)
  }
  if ('float' in spec) {
    return new DataView(bytesOf(spec.float).buffer).getFloat64(0)
  }
  if ('bytes' in spec) {
    return bytesOf(spec.bytes)
  }
  if ('list' in spec) {
    return List.from(spec.list.map(nodeOf), { unique: true })
  }
  if ('dict' in spec) {
    return dictOf(spec.dict)
  }
  return new Predicate(spec.predicate.tag, spec.predicate.positional.map(nodeOf), dictOf(spec.predicate.named))
}

function dictOf(entries: ReadonlyArray<readonly [Spec, Spec]>): Dict {
  return Dict.from(entries.map(([name, value]) => [nodeOf(name), nodeOf(value)] as const))
}

/** Bytes of hex digits. */
export function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)
  }
  return bytes
}

/** Hex digits of bytes. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
