import { build } from './build.ts'
import { type Limits, limitsOf, overLimit } from '../model/limits.ts'
import { withPath } from './error-path.ts'
import type { Node } from '../model/node.ts'
import { Tape } from './tape.ts'
import { CborReader } from './cbor-reader.ts'
import { CborScanner } from './cbor-scan.ts'
import { encodeCbor } from './encode-cbor.ts'
import { type Bytes, bytesOf } from './input.ts'
import { NaturalForm } from './natural.ts'

export const name: 'dag-cbor' = 'dag-cbor'

/** https://github.com/multiformats/multicodec/blob/master/table.csv */
export const code: 0x71 = 0x71

/**
 * Encodes a node in natural dag-cbor: deterministic, and plain IPLD where IPLD has the kind.
 *
 * @throws XrError `XR_KIND` or `XR_VALUE` when the argument is not a valid node
 * @example
 * ```ts
 * import { from } from '@sr/xr'
 * import * as dagCbor from '@sr/xr/dag-cbor'
 *
 * console.log(dagCbor.encode(from({ nick: 'bob' })).length) // 10
 * ```
 */
export function encode(node: Node): Uint8Array<ArrayBuffer> {
  return encodeCbor(node, false)
}

/**
 * Decodes a node. Bytes that decode encode to the same bytes again; all others are refused, before
 * any node is built when a limit is exceeded.
 *
 * @throws XrError with path and offset: `XR_SYNTAX` (not CBOR, truncated, trailing bytes), `XR_FORM`
 * (not the canonical form), `XR_KIND` (null, undefined, tags), `XR_VALUE` (NaN, bad UTF-8, bad CID),
 * `XR_DUPLICATE`, and the limits' codes
 * @example
 * ```ts
 * import { print } from '@sr/xr'
 * import { decode } from '@sr/xr/dag-cbor'
 *
 * console.log(print(decode(Uint8Array.of(0xa1, 0x61, 0x61, 0x01)))) // {a=1}
 * ```
 */
export function decode(bytes: Bytes, limits?: Partial<Limits>): Node {
  const input = bytesOf(bytes)
  const bounds = limitsOf(limits)
  if (input.length > bounds.size) {
    throw overLimit('size', bounds.size, input.length)
  }
  const tape = new Tape(bounds, { measure: false })
  const reader = new CborReader(input)
  try {
    new CborScanner(input, new NaturalForm(tape, reader)).scan()
    return build(tape, reader, { strict: true, sorted: true })
  } catch (err) {
    throw withPath(err, tape, reader)
  } finally {
    tape.release()
  }
}
