import type { Random } from '@sr/tests-kit/random'
import { decodeEnvelope, decodePayload, encodeEnvelope, encodePayload, type Envelope, signedBytes } from '@sr/update'
import { decode } from '@sr/xr/dag-cbor'
import { from, type Node } from '@sr/xr'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Author, type Captured, NETWORK } from './captured.ts'
import { highS, joined, plusOrder, resized, varint, withByte } from './signatures.ts'

/** What a forger has: what it has seen, and keys of its own. */
export interface Forger {
  readonly random: Random
  readonly captured: readonly Captured[]
  readonly forger: Author
}

type Mutation = (update: Captured, forger: Forger) => Uint8Array | Promise<Uint8Array>

/** The same envelope with another part. */
const part =
  (
    change: (envelope: Envelope, update: Captured, forger: Forger) => Partial<Envelope> | Promise<Partial<Envelope>>,
  ): Mutation =>
  async (update, forger) => {
    const envelope = decodeEnvelope(update.bytes)
    return encodeEnvelope({ ...envelope, ...(await change(envelope, update, forger)) })
  }

type Fields = Parameters<typeof encodePayload>[1]

/** The same payload with another field, under the old signature. */
const field =
  (change: (fields: Fields, forger: Forger) => Partial<Fields>): Mutation =>
  async (update, forger) =>
    await part(({ payload }) => ({
      payload: withFields(payload, update.author.id, (fields) => change(fields, forger)),
    }))(update, forger)

function withFields(payload: Uint8Array, writer: string, change: (fields: Fields) => Partial<Fields>): Uint8Array {
  const { key, seq, expires, retain, body } = decodePayload(payload, NETWORK)
  const fields: Fields = { key, writer, seq, expires, retain, body: decode(body) as Node }
  return encodePayload(NETWORK, { ...fields, ...change(fields) })
}

/** The four fields of the envelope as they stand, each with its tag and length. */
function rawFields(bytes: Uint8Array): Uint8Array[] {
  const { publicKey, payloadType, payload, signature } = decodeEnvelope(bytes)
  return [publicKey, payloadType, payload, signature].map((value, i) =>
    joined(Uint8Array.of(([1, 2, 3, 5][i] as number) * 8 + 2), varint(value.length), value),
  )
}

const other = ({ random, captured }: Forger): Captured => random.pick(captured)
const parts = (bytes: Uint8Array): Envelope => decodeEnvelope(bytes)

/** Kinds of forgeries by name. None of them signs as its writer for this record, network and purpose. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  bit: ({ bytes }, { random }) => withByte(bytes, random.below(bytes.length), (byte) => byte ^ (1 << random.below(8))),
  byte: ({ bytes }, { random }) => withByte(bytes, random.below(bytes.length), () => random.below(256)),
  cut: ({ bytes }, { random }) => bytes.slice(0, random.below(bytes.length)),
  'trailing bytes': ({ bytes }, { random }) =>
    joined(bytes, new Uint8Array(random.integer(1, 40)).fill(random.below(256))),
  insert: ({ bytes }, { random }) => {
    const at = random.below(bytes.length)
    return joined(bytes.subarray(0, at), Uint8Array.of(random.below(256)), bytes.subarray(at))
  },
  remove: ({ bytes }, { random }) => {
    const at = random.below(bytes.length)
    return joined(bytes.subarray(0, at), bytes.subarray(at + random.integer(1, 8)))
  },
  splice: ({ bytes }, forger) => {
    const second = other(forger).bytes
    return joined(
      bytes.subarray(0, forger.random.below(bytes.length)),
      second.subarray(forger.random.below(second.length)),
    )
  },
  seq: field(({ seq }, { random }) => ({ seq: seq + random.integer(1, 1_000_000) * random.pick([1, -1]) })),
  expires: field(({ expires, retain }, { random }) => ({
    expires: Math.min(retain, expires + random.pick([-1, 1, 1000, 86_400_000])),
  })),
  retain: field(({ retain }, { random }) => ({ retain: retain + random.pick([1, 1000, 86_400_000]) })),
  'past retain, prolonged': field((_, { random }) => {
    const later = Date.now() + random.integer(1, 1e9)
    return { expires: later, retain: later }
  }),
  key: field((_, forger) => ({ key: other(forger).key })),
  'new key': field((_, { random }) => ({ key: Uint8Array.of(random.below(256), random.below(256)) })),
  body: field((_, { random }) => ({ body: from({ nick: `eve${random.below(1000)}` }) })),
  extra: field((_, { random }) => ({ extra: new Map([['x', random.below(1000)]]) })),
  writer: field((_, forger) => ({ writer: other(forger).author.id })),
  network: part(({ payload }, { author }) => {
    const { key, seq, expires, retain, body } = decodePayload(payload, NETWORK)
    return {
      payload: encodePayload('other', { key, writer: author.id, seq, expires, retain, body: decode(body) as Node }),
    }
  }),
  'network, signed by its author': async ({ bytes, author }) => {
    const { key, seq, expires, retain, body } = decodePayload(parts(bytes).payload, NETWORK)
    const fields = { key, writer: author.id, seq, expires, retain, body: decode(body) as Node }
    const payload = encodePayload('other', fields)
    return encodeEnvelope({ ...parts(bytes), payload, signature: await author.privateKey.sign(signedBytes(payload)) })
  },
  'writer and key of another author': part(({ payload }, { author }, forger) => {
    const { author: second } = other(forger)
    return { publicKey: second.publicKey, payload: withFields(payload, author.id, () => ({ writer: second.id })) }
  }),
  'public key of another author': part((_, __, forger) => ({ publicKey: other(forger).author.publicKey })),
  'signature of another update': part((_, __, forger) => ({ signature: parts(other(forger).bytes).signature })),
  'payload of another update': part((_, __, forger) => ({ payload: parts(other(forger).bytes).payload })),
  'signed by the forger': part(async ({ payload }, _, { forger }) => ({
    signature: await forger.privateKey.sign(signedBytes(payload)),
  })),
  'signed and sealed by the forger': part(async ({ payload }, _, { forger }) => ({
    publicKey: forger.publicKey,
    signature: await forger.privateKey.sign(signedBytes(payload)),
  })),
  'signed for another purpose': part(async ({ payload }, { author }, { random }) => ({
    signature: await author.privateKey.sign(random.pick([payload, joined(Uint8Array.of(0), signedBytes(payload))])),
  })),
  'another payload type': part(({ payloadType }, _, { random }) => ({
    payloadType: withByte(payloadType, random.below(payloadType.length), (byte) => byte ^ 1),
  })),
  'a signature of another length': part(({ signature }, _, { random }) => ({
    signature: resized(signature, random.integer(0, 2 * signature.length)),
  })),
  'bits of the signature': part(({ signature }, _, { random }) => ({
    signature: withByte(signature, random.below(signature.length), (byte) => byte ^ (1 << random.below(8))),
  })),
  'the other signature of the same curve': part(({ signature }, { author }) => ({
    signature: author.privateKey.type === 'secp256k1' ? highS(signature) : plusOrder(signature),
  })),
  'fields twice': ({ bytes }, { random }) => {
    const fields = rawFields(bytes)
    fields.splice(random.below(5), 0, random.pick(fields))
    return joined(...fields)
  },
  'a field left out': ({ bytes }, { random }) => joined(...rawFields(bytes).toSpliced(random.below(4), 1)),
  'fields in another order': ({ bytes }, { random }) => joined(...random.shuffle(rawFields(bytes))),
  'an unknown field': ({ bytes }, { random }) => {
    const unknown = joined(Uint8Array.of(random.pick([4, 6, 7, 15]) * 8 + 2), varint(3), Uint8Array.of(1, 2, 3))
    return joined(...rawFields(bytes).toSpliced(random.below(5), 0, unknown))
  },
  'a length that is not minimal': ({ bytes }, { random }) => {
    const { publicKey, payloadType, payload, signature } = parts(bytes)
    const wide = random.below(4)
    return joined(
      ...[publicKey, payloadType, payload, signature].flatMap((value, i) => [
        Uint8Array.of(([1, 2, 3, 5][i] as number) * 8 + 2),
        varint(value.length, i === wide ? 1 : 0),
        value,
      ]),
    )
  },
  'without its signature': ({ bytes }) => joined(Uint8Array.of(1), parts(bytes).payload),
  'an integer that is not minimal': part(({ payload }, _, { random }) => ({
    // the head of the list with one byte more
    payload: joined(Uint8Array.of(0x98, 7), payload.subarray(random.pick([1, 1, 2]))),
  })),
  'the writer as another multihash': part(({ payload }, { author }) => {
    const id = peerIdFromString(author.id).toMultihash().bytes
    const at = Buffer.from(payload).indexOf(id)
    return { payload: withByte(payload, at, () => 0x12) }
  }),
}
