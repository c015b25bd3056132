import { build } from './build.ts'
import { type Limits, limitsOf } from '../model/limits.ts'
import { withPath } from './error-path.ts'
import type { Node } from '../model/node.ts'
import { Tape } from './tape.ts'
import { encodeJson } from './encode-json.ts'
import { type Bytes, bytesOf } from './input.ts'
import { JsonReader } from './json-reader.ts'
import { JsonScanner } from './json-scan.ts'
import { NaturalForm } from './natural.ts'

export const name: 'dag-json' = 'dag-json'

/** https://github.com/multiformats/multicodec/blob/master/table.csv */
export const code: 0x0129 = 0x0129

/**
 * Encodes a node in natural dag-json: deterministic, without white space, and plain IPLD where IPLD has
 * the kind. A Float always has a point or an exponent, so that it is read back as a Float.
 *
 * @throws XrError `XR_KIND` or `XR_VALUE` when the argument is not a valid node
 * @example
 * ```ts
 * import { from } from '@sr/xr'
 * import * as dagJson from '@sr/xr/dag-json'
 *
 * console.log(new TextDecoder().decode(dagJson.encode(from({ nick: 'bob' })))) // {"nick":"bob"}
 * ```
 */
export function encode(node: Node): Uint8Array<ArrayBuffer> {
  return encodeJson(node)
}

/**
 * Decodes a node. Bytes that decode encode to the same bytes again; all others are refused, before
 * any node is built when a limit is exceeded.
 *
 * @throws XrError with path and offset: `XR_SYNTAX` (not JSON, truncated, trailing bytes), `XR_FORM`
 * (not the canonical form), `XR_KIND` (null), `XR_VALUE` (bad UTF-8, lone surrogates, 1e400, bad CID),
 * `XR_DUPLICATE`, and the limits' codes
 * @example
 * ```ts
 * import { print } from '@sr/xr'
 * import { decode } from '@sr/xr/dag-json'
 *
 * console.log(print(decode(new TextEncoder().encode('{"a":[1,1.0]}')))) // {a=[1 1.0]}
 * ```
 */
export function decode(bytes: Bytes, limits?: Partial<Limits>): Node {
  const input = bytesOf(bytes)
  const tape = new Tape(limitsOf(limits), { measure: true })
  const reader = new JsonReader(input)
  try {
    new JsonScanner(input, new NaturalForm(tape, reader)).scan()
    return build(tape, reader, { strict: true, sorted: false })
  } catch (err) {
    throw withPath(err, tape, reader)
  } finally {
    tape.release()
  }
}
