import { Dict, isKind, type Node } from '@sr/xr'
import * as dagCbor from '@sr/xr/dag-cbor'
import type { DecodedUpdate, Payload, UpdateCodec } from './update-codec.ts'

/** An {@link UpdateCodec} that needs no keys, because its signatures prove nothing. */
export interface PlainUpdates extends UpdateCodec {
  sign (payload: Omit<Payload, 'writer'>): Promise<Uint8Array>
  /** What `sign` would give if this were another writer's program. */
  signAs (payload: Payload): Promise<Uint8Array>
}

/**
 * The in-memory twin of {@link UpdateCodec}, for tests and for programs that keep their records to
 * themselves: dag-cbor of the fields. Its signature is a mark that anybody can make, so never take
 * such bytes from a stranger.
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
export function plainUpdates (self: string): PlainUpdates {
  const encode = async (payload: Payload, signed: boolean): Promise<Uint8Array> => dagCbor.encode(Dict.from([
    ['key', payload.key],
    ['writer', payload.writer],
    ['seq', BigInt(payload.seq)],
    ['expires', BigInt(payload.expires)],
    ['retain', BigInt(payload.retain)],
    ['body', payload.body],
    ['signed', signed]
  ]))
  return {
    decode,
    encode: async (payload) => encode(payload, false),
    sign: async (payload) => encode({ ...payload, writer: self }, true),
    signAs: async (payload) => encode(payload, true)
  }
}

async function decode (bytes: Uint8Array): Promise<DecodedUpdate> {
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
    hash: await sha256(bytes)
  }
}

async function sha256 (bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
