import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { RecordEnvelope } from '@libp2p/peer-record'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { Dict, equal, from, type Node, Predicate } from '@sr/xr'
import * as dagCbor from '@sr/xr/dag-cbor'
import fc from 'fast-check'
import {
  createUpdateCodec,
  UPDATE_DOMAIN,
  UPDATE_PAYLOAD_TYPE,
  type UpdateCodec,
  type UpdatePayload,
} from '../src/index.ts'
import { frame } from '../src/frame.ts'
import { node } from './arbitrary.ts'

const network = 'test'
const type = new TextEncoder().encode(UPDATE_PAYLOAD_TYPE)
const said = {
  key: Uint8Array.of(1, 2, 3),
  seq: 1_700_000_000_000_000,
  expires: 1_700_000_060_000,
  retain: 1_700_000_060_000,
  body: from({ nick: 'bob', peers: ['ann'] }),
}

let privateKey: PrivateKey
let writer: string
let codec: UpdateCodec & Required<Pick<UpdateCodec, 'sign'>>

function signer(key: PrivateKey, of: string = network): typeof codec {
  return createUpdateCodec({ network: of, privateKey: key }) as typeof codec
}

beforeAll(async () => {
  privateKey = await generateKeyPair('Ed25519')
  writer = peerIdFromPrivateKey(privateKey).toString()
  codec = signer(privateKey)
})

async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await codec.decode(bytes)
    return 'accepted'
  } catch (err) {
    return (err as { code: string }).code
  }
}

const payloadOf = (fields: Record<string, Node>): Uint8Array =>
  dagCbor.encode(
    Dict.from(
      Object.entries({
        network,
        key: said.key,
        writer,
        seq: BigInt(said.seq),
        expires: BigInt(said.expires),
        retain: BigInt(said.retain),
        body: said.body,
        ...fields,
      }),
    ),
  )

/** An envelope made by the stock implementation. */
async function seal(
  payload: Uint8Array,
  options: { key?: PrivateKey; domain?: string; codec?: Uint8Array } = {},
): Promise<Uint8Array> {
  const { key = privateKey, domain = UPDATE_DOMAIN, codec: payloadType = type } = options
  return (
    await RecordEnvelope.seal({ domain, codec: payloadType, marshal: () => payload, equals: () => false }, key)
  ).marshal()
}

describe('a signed update', () => {
  it('says what was signed, by whom', async () => {
    const update = await codec.decode(await codec.sign(said))
    expect({ ...update, key: [...update.key], body: undefined }).toEqual({
      key: [1, 2, 3],
      writer,
      seq: said.seq,
      expires: said.expires,
      retain: said.retain,
      body: undefined,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      signed: true,
    })
    expect(equal(update.body, said.body)).toBe(true)
  })

  it('is a libp2p envelope to the stock implementation, and the other way round', async () => {
    const envelope = await RecordEnvelope.openAndCertify(await codec.sign(said), UPDATE_DOMAIN)
    expect(Buffer.from(envelope.payload)).toEqual(Buffer.from(payloadOf({})))
    expect((await codec.decode(await seal(payloadOf({})))).writer).toBe(writer)
  })

  it('has its payload for identity, and never its envelope', async () => {
    const signed = await codec.decode(await codec.sign(said))
    const unsigned = await codec.decode(await codec.encode({ ...said, writer }))
    expect(unsigned.hash).toBe(signed.hash)
    expect([signed.signed, unsigned.signed]).toEqual([true, false])
    const digest = Buffer.from(
      await crypto.subtle.digest('SHA-256', payloadOf({}) as Uint8Array<ArrayBuffer>),
    ).toString('hex')
    expect(signed.hash).toBe(digest)
  })

  it('carries any body, operators too', async () => {
    await fc.assert(
      fc.asyncProperty(node, async (body) => {
        const update = await codec.decode(await codec.sign({ ...said, body }))
        expect(equal(update.body, body)).toBe(true)
      }),
      { numRuns: 50 },
    )
    expect(
      equal(
        (await codec.decode(await codec.sign({ ...said, body: new Predicate('$remove') }))).body,
        new Predicate('$remove'),
      ),
    ).toBe(true)
  })

  it('is refused wherever a bit of it is flipped', async () => {
    const bytes = await codec.sign(said)
    for (let i = 0; i < bytes.length; i++) {
      const damaged = bytes.slice()
      damaged[i] = (damaged[i] as number) ^ (1 << (i % 8))
      expect([i, await refusal(damaged)]).not.toEqual([i, 'accepted'])
    }
    for (let i = 0; i < bytes.length; i++) {
      expect(await refusal(bytes.subarray(0, i))).not.toBe('accepted')
    }
  })

  it('may be signed with RSA up to 4,096 bits, and with nothing else', async () => {
    const rsa = await generateKeyPair('RSA', 2048)
    expect((await codec.decode(await signer(rsa).sign(said))).writer).toBe(peerIdFromPrivateKey(rsa).toString())
    const other = await generateKeyPair('secp256k1')
    expect(() => signer(other)).toThrow(expect.objectContaining({ code: 'PROTOCOL_CONFIG' }))
    expect(
      await refusal(await seal(payloadOf({ writer: peerIdFromPrivateKey(other).toString() }), { key: other })),
    ).toBe('PROTOCOL_SIG')
    expect(await refusal(await seal(payloadOf({}), { key: await generateKeyPair('ECDSA') }))).toBe('PROTOCOL_SIG')
  })
})

describe('an update is refused', () => {
  it('when it was signed by, for or as something else', async () => {
    const other = await generateKeyPair('Ed25519')
    expect(await refusal(await seal(payloadOf({}), { key: other }))).toBe('PROTOCOL_SIG')
    expect(await refusal(await seal(payloadOf({}), { domain: 'libp2p-peer-record' }))).toBe('PROTOCOL_SIG')
    expect(await refusal(await seal(payloadOf({}), { codec: Uint8Array.of(3, 1) }))).toBe('PROTOCOL_SIG')
    expect(await refusal(await signer(privateKey, 'elsewhere').sign(said))).toBe('PROTOCOL_SIG')
    expect(await refusal(await createUpdateCodec({ network: 'elsewhere' }).encode({ ...said, writer }))).toBe(
      'PROTOCOL_SIG',
    )
  })

  it.each<[string, Record<string, Node>, string]>([
    ['an empty key', { key: new Uint8Array() }, 'PROTOCOL_KEY'],
    ['a key of 1,025 bytes', { key: new Uint8Array(1025) }, 'PROTOCOL_KEY'],
    ['a key that is a String', { key: 'abc' }, 'PROTOCOL_DOC'],
    ['a negative seq', { seq: -1n }, 'PROTOCOL_DOC'],
    ['a seq of 2^53', { seq: 2n ** 53n }, 'PROTOCOL_DOC'],
    ['a seq that is a Float', { seq: 1.5 }, 'PROTOCOL_DOC'],
    ['an expiry that is a String', { expires: 'soon' }, 'PROTOCOL_DOC'],
    ['a field more', { more: true }, 'PROTOCOL_DOC'],
    [
      'a body of more than 256 KiB',
      { body: from(Array.from({ length: 5 }, (_, i) => `${i}${'x'.repeat(60_000)}`)) },
      'PROTOCOL_TOO_LARGE',
    ],
    ['a body of 10,001 nodes', { body: from(Array.from({ length: 10_000 }, (_, i) => i)) }, 'XR_NODES'],
  ])('for %s', async (_name, fields, code) => {
    expect(await refusal(await seal(payloadOf(fields)))).toBe(code)
  })

  it('for fields in another order, or a longer form of the same', async () => {
    const payload = payloadOf({})
    const canonical = Buffer.from(payload)
    const keyAt = canonical.indexOf(Buffer.concat([Buffer.from([0x63]), Buffer.from('key'), Buffer.from([0x43])]))
    const longer = Buffer.concat([
      canonical.subarray(0, keyAt + 4),
      Buffer.from([0x58, 0x03]),
      canonical.subarray(keyAt + 5),
    ])
    expect(await refusal(await seal(longer))).toBe('XR_FORM')
    expect(await refusal(await seal(Buffer.concat([canonical, Buffer.from([0])])))).toBe('XR_SYNTAX')
  })

  it('for an envelope that others would take as well', async () => {
    const bytes = Buffer.from(await codec.sign(said))
    expect(await refusal(Buffer.concat([bytes, Buffer.from([0x30, 0x01])]))).toBe('PROTOCOL_PROTO') // an unknown field
    expect(await refusal(Buffer.concat([bytes, bytes.subarray(0, bytes.indexOf(type) - 2)]))).toBe('PROTOCOL_PROTO') // a public key again
    const envelope = await RecordEnvelope.openAndCertify(bytes, UPDATE_DOMAIN)
    const field = (number: number, value: Uint8Array): Uint8Array =>
      Buffer.concat([Buffer.from([(number << 3) | 2]), frame(value)])
    const parts = [
      field(1, publicKeyToProtobuf(envelope.publicKey)),
      field(2, envelope.payloadType),
      field(3, envelope.payload),
      field(5, envelope.signature),
    ]
    expect(await refusal(Buffer.concat(parts))).toBe('accepted')
    expect(await refusal(Buffer.concat([...parts].reverse()))).toBe('PROTOCOL_PROTO')
    const overlong = Buffer.concat([Buffer.from([(5 << 3) | 2, 0xc0, 0x00]), envelope.signature])
    expect(await refusal(Buffer.concat([...parts.slice(0, 3), overlong]))).toBe('PROTOCOL_PROTO')
  })

  it('for its size, before anything else is looked at', async () => {
    // neither an envelope nor anything in it
    expect(await refusal(new Uint8Array(4 * 1024 * 1024).fill(0x0a))).toBe('PROTOCOL_TOO_LARGE')
  })

  it('when it cannot be made', async () => {
    await expect(codec.sign({ ...said, seq: 0.5 })).rejects.toMatchObject({ code: 'PROTOCOL_DOC' })
    await expect(codec.sign({ ...said, key: new Uint8Array() })).rejects.toMatchObject({ code: 'PROTOCOL_KEY' })
    await expect(codec.encode({ ...said, writer, retain: -1 })).rejects.toMatchObject({ code: 'PROTOCOL_DOC' })
    expect(() => createUpdateCodec({ network: 'x'.repeat(200) })).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_CONFIG' }),
    )
  })
})

describe('an unsigned update', () => {
  it('is told by its bytes from a signed one', async () => {
    const payload: UpdatePayload = { ...said, writer: 'anyone' }
    const bytes = await codec.encode(payload)
    const update = await codec.decode(bytes)
    expect([update.signed, update.writer]).toEqual([false, 'anyone'])
    expect(bytes[0]).toBe(0x01)
    expect((await codec.sign(said))[0]).toBe(0x0a)
    await expect(RecordEnvelope.openAndCertify(bytes, UPDATE_DOMAIN)).rejects.toBeInstanceOf(Error)
  })

  it('needs no key', async () => {
    expect('sign' in createUpdateCodec({ network })).toBe(false)
  })
})
