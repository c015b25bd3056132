import type { Limits } from '../model/limits.ts'
import type { Node } from '../model/node.ts'
import type { Bytes } from './input.ts'

/**
 * The shape of a codec, as multiformats has it. `@sr/xr/dag-cbor` and `@sr/xr/dag-json` are
 * modules of this shape.
 */
export interface Codec {
  readonly name: string
  /** https://github.com/multiformats/multicodec/blob/master/table.csv */
  readonly code: number
  encode(node: Node): Uint8Array<ArrayBuffer>
  decode(bytes: Bytes, limits?: Partial<Limits>): Node
}
