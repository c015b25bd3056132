import { validateDraft, validateUpdate } from '@sr/ir/validate'
import { Dict, isKind, type Kind, type KindTypes, LIMITS, type Node } from '@sr/xr'
import * as dagCbor from '@sr/xr/dag-cbor'
import type {
  EncodedUpdate,
  ParsedUpdate,
  UpdateCodec,
  UpdateErrorCode,
  UpdateFields,
} from '../admission/codec-port.ts'
import { MAX_KEY_BYTES } from '../limits.ts'

/** An {@link UpdateCodec} without keys: its signatures prove nothing. */
export interface PlainUpdates extends UpdateCodec {
  sign(fields: Omit<UpdateFields, 'writer'>): Promise<EncodedUpdate>
  /** The bytes of an update that another writer signed. They are not validated, so that tests can hand in invalid ones. */
  signAs(fields: UpdateFields): Promise<Uint8Array>
}

/** Seven fields around the body, and the longest key and writer. */
const BYTES_LIMITS = { ...LIMITS, depth: LIMITS.depth + 1, nodes: LIMITS.nodes + 14, size: LIMITS.size + 2048 }

interface PlainParsed extends ParsedUpdate {
  readonly body: Node
}

/**
 * An {@link UpdateCodec} for tests and for programs that keep their records to themselves: dag-cbor of the fields. Its
 * signature is a flag and its hash a checksum, so it must not be given bytes from other peers.
 * It takes any text as a writer's id: documents of writers that are no peer ids cannot be served over the wire.
 * It awaits nothing, so a machine under a manual clock runs the same way every time.
 *
 * @example
 * ```ts
 * import { from } from '@sr/xr'
 * import { plainUpdates } from '@sr/vm/testing'
 *
 * const updates = plainUpdates('me')
 * const { bytes } = await updates.sign({ key: Uint8Array.of(1), seq: 1, expires: 1_000, retain: 1_000, body: from({ a: 1 }) })
 * const { update } = await updates.decode(bytes)
 * console.log(update.writer, update.signed) // me true
 * ```
 */
export function plainUpdates(self: string): PlainUpdates {
  const verify = async (parsed: ParsedUpdate): Promise<EncodedUpdate> => {
    const { body, bytes, ...head } = parsed as PlainParsed
    const { seq, hash, expires, retain } = head
    return { update: { ...head, content: validateUpdate({ seq, hash, expires, retain, body }) }, bytes }
  }
  return {
    parse: async (bytes) => parse(bytes),
    verify,
    decode: async (bytes) => await verify(parse(bytes)),
    encode: async (fields) => encode(fields, false),
    signer: self,
    sign: async (fields) => encode({ ...fields, writer: self }, true),
    signAs: async (fields) => serialize(fields, true),
  }
}

function encode(fields: UpdateFields, signed: boolean): EncodedUpdate {
  const { body, ...head } = fields
  const { seq, expires, retain } = head
  const draft = validateDraft({ seq, expires, retain, body })
  const bytes = serialize(fields, signed)
  const hash = checksum(bytes)
  return { update: { ...head, hash, signed, content: draft.withHash(hash) }, bytes }
}

function serialize({ key, writer, seq, expires, retain, body }: UpdateFields, signed: boolean): Uint8Array {
  return dagCbor.encode(
    Dict.from([
      ['key', key],
      ['writer', writer],
      ['seq', BigInt(seq)],
      ['expires', BigInt(expires)],
      ['retain', BigInt(retain)],
      ['body', body],
      ['signed', signed],
    ]),
  )
}

function parse(bytes: Uint8Array): PlainParsed {
  const fields = dagCbor.decode(bytes, BYTES_LIMITS)
  const read = <K extends Kind>(name: string, kind: K): KindTypes[K] => {
    const value = isKind(fields, 'dict') ? fields.get(name) : undefined
    if (value === undefined || !isKind(value, kind)) {
      throw failure('UPDATE_FORM', `the field ${name} of an update is missing or of another kind than ${kind}`)
    }
    return value
  }
  const time = (name: string): number => {
    const value = Number(read(name, 'int'))
    if (!Number.isSafeInteger(value) || value < 0) {
      throw failure('UPDATE_FORM', `${name} is ${value}; expected an integer from 0 to 2^53 - 1`)
    }
    return value
  }
  const key = read('key', 'bytes')
  if (key.length < 1 || key.length > MAX_KEY_BYTES) {
    const limits = { limit: 'keyBytes', max: MAX_KEY_BYTES, got: key.length }
    throw failure('UPDATE_KEY', `the key has ${key.length} bytes; expected 1 to ${MAX_KEY_BYTES}`, limits)
  }
  return {
    bytes,
    key,
    writer: read('writer', 'string'),
    seq: time('seq'),
    expires: time('expires'),
    retain: time('retain'),
    signed: read('signed', 'bool'),
    hash: checksum(bytes),
    body: (fields as Dict).get('body') ?? false,
  }
}

function failure(code: UpdateErrorCode, message: string, limits: object = {}): Error {
  return Object.assign(new Error(message), { code, ...limits })
}

/** https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
const FNV_PRIME = 0x01000193
const FNV_START = 0x811c9dc5
const LANES = 8

/** 64 hex digits that differ for different contents: FNV-1a in eight lanes with different start values. */
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
