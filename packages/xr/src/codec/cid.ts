import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { encodeCbor } from './encode-cbor.ts'
import type { Node } from '../model/node.ts'

/** https://github.com/multiformats/multicodec/blob/master/table.csv */
const DAG_CBOR = 0x71

/**
 * The CID (version 1, dag-cbor, SHA-256) of a node's natural dag-cbor block, as any IPLD tool computes
 * it. Lists keep their order in the block, so equal nodes may have several CIDs; the CID of
 * `canonical(node)` is the same for all of them.
 *
 * @throws XrError `XR_KIND` or `XR_VALUE` when the argument is not a valid node
 * @example
 * ```ts
 * import { from } from '@sr/xr'
 * import { cid } from '@sr/xr/dag-cbor'
 *
 * console.log(String(await cid(from({ nick: 'bob' })))) // bafyreig4gzpjrxpg3x2vy2qgl7lcrag3vpw6dpgrtqjcu3ejdosfbpn2om
 * ```
 */
export async function cid(node: Node): Promise<CID> {
  return CID.createV1(DAG_CBOR, await sha256.digest(encodeCbor(node, false)))
}
