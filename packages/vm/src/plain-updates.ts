import { Dict, isKind, type Node } from '@sr/xr'
import * as dagCbor from '@sr/xr/dag-cbor'
import type { DecodedUpdate, Payload, UpdateCodec } from './update-codec.ts'

/** An {@link UpdateCodec} that needs no keys, because its signatures prove nothing. */
export interface PlainUpdates extends UpdateCodec {
  sign(payload: Omit<Payload, 'writer'>): Promise<Uint8Array>
  /** What `sign` would give if this were another writer's program. */
  signAs(payload: Payload): Promise<Uint8Array>
}

/**
 * The in-memory twin of {@link UpdateCodec}, for tests and for programs that keep their records to
 * themselves: dag-cbor of the fields. Its signature is a mark that anybody can make and its hash a
 * mere checksum, so never take such bytes from a stranger. It waits for nothing, which makes a
 * machine under a manual clock run the same way every time.
 *
 * @example
 * ```ts
 * import { from } from '@sr/xr'
 * import { plainUpdates } from '@sr/vm'
 *
 * const updates = plainUpdates('me')
 * const bytes = await updates.sign({ key: Uint8Array.of(1), seq: 1, expires: 1_000, retain: 1_000, body: from({ a: 1 }) })
 * const { writer, signed } = await updates.decode(bytes)
 * console.log(writer, signed) // me true
 * ```
 */
export function plainUpdates(self: string): PlainUpdates {
  const encode = async (payload: Payload, signed: boolean): Promise<Uint8Array> =>
    dagCbor.encode(
      Dict.from([
        ['key', payload.key],
        ['writer', payload.writer],
        ['seq', BigInt(payload.seq)],
        ['expires', BigInt(payload.expires)],
        ['retain', BigInt(payload.retain)],
        ['body', payload.body],
        ['signed', signed],
      ]),
    )
  return {
    decode,
    encode: async (payload) => encode(payload, false),
    sign: async (payload) => encode({ ...payload, writer: self }, true),
    signAs: async (payload) => encode(payload, true),
  }
}

async function decode(bytes: Uint8Array): Promise<DecodedUpdate> {
  const fields = dagCbor.decode(bytes)
  const read = (name: keyof DecodedUpdate): Node => {
    const value = isKind(fields, 'dict') ? fields.get(name) : undefined
    if (value === undefined) {
      throw new TypeError(`an update has a field ${name}`)
    }
    return value
  }
  return {
    key: read('key') as Uint8Array,
    writer: String(read('writer')),
    seq: Number(read('seq')),
    expires: Number(read('expires')),
    retain: Number(read('retain')),
    body: read('body'),
    signed: read('signed') === true,
    hash: checksum(bytes),
  }
}

/** https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
const FNV_PRIME = 0x01000193
const FNV_START = 0x811c9dc5
const LANES = 8

/** 64 hex digits that tell contents apart: FNV-1a in eight lanes, each begun elsewhere. */
function checksum(bytes: Uint8Array): string {
  let hex = ''
  for (let lane = 0; lane < LANES; lane++) {
    let sum = Math.imul(FNV_START ^ lane, FNV_PRIME)
    for (const byte of bytes) {
      sum = Math.imul(sum ^ byte, FNV_PRIME)
      sum ^= sum >>> (lane + 7)
    }
    hex += (sum >>> 0).toString(16).padStart(8, '0')
  }
  return hex
}
