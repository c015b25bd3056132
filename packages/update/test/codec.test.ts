import { createHash, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { generateKeyPair, generateKeyPairFromSeed, privateKeyFromRaw, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { RecordEnvelope } from '@libp2p/peer-record'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { Dict, equal, from, List, LIMITS, type Node, Predicate, print } from '@sr/xr'
import { type CborValue, encode as encodeCbor } from '@sr/xr/cbor'
import * as dagCbor from '@sr/xr/dag-cbor'
import fc from 'fast-check'
import {
  createUpdateCodec,
  decodeEnvelope,
  encodeEnvelope,
  encodePayload,
  MAX_UPDATE_BYTES,
  UPDATE_DOMAIN,
  UPDATE_PAYLOAD_TYPE,
  type UpdateCodec,
  type UpdateError,
  type UpdateFields,
} from '../src/index.ts'
import { Random } from '../../../tests/kit/src/random.ts'

const network = 'test'
const type = new TextEncoder().encode(UPDATE_PAYLOAD_TYPE)
const fields = {
  key: Uint8Array.of(1, 2, 3),
  seq: 1_700_000_000_000_000,
  expires: 1_700_000_060_000,
  retain: 1_700_000_060_000,
  body: from({ nick: 'bob', peers: ['ann'] }),
}

type Signer = UpdateCodec & Required<Pick<UpdateCodec, 'sign'>>

let privateKey: PrivateKey
let writer: string
let writerBytes: Uint8Array
let codec: Signer

const signer = (key: PrivateKey, of: string = network): Signer =>
  createUpdateCodec({ network: of, privateKey: key }) as Signer

beforeAll(async () => {
  privateKey = await generateKeyPair('Ed25519')
  writer = peerIdFromPrivateKey(privateKey).toString()
  writerBytes = peerIdFromPrivateKey(privateKey).toMultihash().bytes
  codec = signer(privateKey)
})

async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await codec.decode(bytes)
    return 'accepted'
  } catch (err) {
    return (err as UpdateError).code
  }
}

/** Lists in lists, `levels` of them. */
function nested(levels: number): CborValue {
  return levels === 0 ? 1 : [nested(levels - 1)]
}

/** A payload with some of its items replaced, by position; `undefined` leaves an item out. */
function payloadOf(
  changes: Record<number, CborValue | Buffer | undefined> = {},
  more: readonly CborValue[] = [],
): Buffer {
  const { key, seq, expires, retain, body } = fields
  const items = [network, key, writerBytes, seq, expires, retain].map((item, i) =>
    encodeCbor((i in changes ? changes[i] : item) as CborValue),
  )
  const last = changes[6] instanceof Buffer ? changes[6] : Buffer.from(dagCbor.encode(body))
  const extra = more.map((item) => encodeCbor(item))
  return Buffer.concat([Uint8Array.of(0x87 + extra.length), ...items, last, ...extra])
}

/** An envelope made by the stock implementation. */
async function seal(
  payload: Uint8Array,
  options: { key?: PrivateKey; domain?: string; codec?: Uint8Array } = {},
): Promise<Uint8Array> {
  const { key = privateKey, domain = UPDATE_DOMAIN, codec: payloadType = type } = options
  const record = { domain, codec: payloadType, marshal: () => payload, equals: () => false }
  return (await RecordEnvelope.seal(record, key)).marshal()
}

describe('the published example', () => {
  const vectors = JSON.parse(
    readFileSync(new URL('../../../vectors/wire/1.0.0/smart-record-1.0.0.json', import.meta.url), 'utf8'),
  ) as { alice: { seed: string; id: string }; signed: { payload: string; envelope: string; hash: string } }
  const { alice, signed } = vectors

  it('is written and read byte for byte', async () => {
    const key = await generateKeyPairFromSeed('Ed25519', Buffer.from(alice.seed, 'hex'))
    const own = signer(key, 'main')
    const { update: read } = await own.decode(Buffer.from(signed.envelope, 'hex'))
    expect(read).toMatchObject({ writer: alice.id, signed: true, hash: signed.hash })
    const { key: recordKey, seq, expires, retain, content } = read
    expect(Buffer.from(recordKey).toString()).toBe('lobby')
    expect(equal(content.body, from({ nick: 'rob' }))).toBe(true)
    const { bytes, update } = await own.sign({ key: recordKey, seq, expires, retain, body: from({ nick: 'rob' }) })
    expect(Buffer.from(bytes).toString('hex')).toBe(signed.envelope)
    expect(bytes.length).toBe(219)
    expect(update.hash).toBe(signed.hash)
  })
})

describe('a signed update', () => {
  it('holds what was signed, and by whom', async () => {
    const { update, bytes } = await codec.sign(fields)
    const decoded = await codec.decode(bytes)
    expect(decoded.bytes).toEqual(bytes)
    expect(decoded.update).toEqual({ ...update, key: Uint8Array.from(update.key) })
    expect(decoded.update).toMatchObject({
      writer,
      signed: true,
      seq: fields.seq,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(equal(decoded.update.content.body, fields.body)).toBe(true)
  })

  it('signs with the bytes of an Ed25519 key as that key does, and through an object that has none', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const { type, publicKey } = privateKey
    const remote = { type, publicKey, sign: async (data: Uint8Array) => await privateKey.sign(data) }
    const fields = { key: Uint8Array.of(1), seq: 1, expires: 2000, retain: 2000, body: from({ nick: 'bob' }) }
    const [own, reached] = await Promise.all(
      [privateKey, remote as never].map(
        async (key) => await createUpdateCodec({ network: 'main', privateKey: key }).sign?.(fields),
      ),
    )
    expect(own?.bytes).toEqual(reached?.bytes)
  })

  it('is a libp2p envelope to the stock implementation, and the other way round', async () => {
    const { bytes } = await codec.sign(fields)
    const envelope = await RecordEnvelope.openAndCertify(bytes, UPDATE_DOMAIN)
    expect(Buffer.from(envelope.payload)).toEqual(payloadOf())
    expect(await seal(payloadOf())).toEqual(bytes)
  })

  it('has its payload as identity, and never its envelope', async () => {
    const { update: signed } = await codec.sign(fields)
    const { update: unsigned } = await codec.encode({ ...fields, writer })
    expect(unsigned.hash).toBe(signed.hash)
    expect([signed.signed, unsigned.signed]).toEqual([true, false])
    expect(signed.hash).toBe(createHash('sha256').update(payloadOf()).digest('hex'))
  })

  it('decodes to what was encoded, whatever the body', async () => {
    const body: fc.Arbitrary<Node> = fc
      .dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string())))
      .map((plain) => from(plain))
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.uint8Array({ minLength: 1, maxLength: 1024 }),
        fc.boolean(),
        async (one, key, signed) => {
          const made = { ...fields, key, body: one }
          const { bytes, update } = signed ? await codec.sign(made) : await codec.encode({ ...made, writer })
          const again = await codec.decode(bytes)
          expect(equal(again.update.content.body, one)).toBe(true)
          expect({ ...again.update, content: update.content }).toEqual(update)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('carries operators, floats, and a body of 64 levels', async () => {
    let deep: Node = 1.5
    for (let level = 0; level < LIMITS.depth - 1; level++) deep = List.of(deep)
    for (const body of [new Predicate('$remove'), from({ a: deep })]) {
      const { update } = await codec.decode((await codec.sign({ ...fields, body })).bytes)
      expect(equal(update.content.body, body)).toBe(true)
    }
  })

  it.each<[string, CborValue, object]>([
    ['nine levels deep', nested(8), { code: 'UPDATE_FORM', limit: 'depth', max: 8, got: 9 }],
    ['with a lone surrogate', '\ud800', { code: 'UPDATE_FORM' }],
    ['with a fraction', 0.5, { code: 'UPDATE_FORM' }],
    ['above 1 KiB', 'x'.repeat(1024), { code: 'UPDATE_SIZE', limit: 'extra', max: 1024 }],
  ])('refuses to sign or encode an extra %s, which no reader would accept', async (_, value, expected) => {
    const extra = new Map([['k', value]])
    await expect(codec.sign({ ...fields, extra })).rejects.toMatchObject(expected)
    await expect(codec.encode({ ...fields, writer, extra })).rejects.toMatchObject(expected)
  })

  it('signs an extra eight levels deep, and reads it back', async () => {
    const extra = new Map([['k', nested(7)]])
    expect((await codec.decode((await codec.sign({ ...fields, extra })).bytes)).update.extra).toEqual(extra)
  })

  it('keeps extra fields, which count for the hash', async () => {
    const extra = new Map<string, CborValue>([['device', 'phone']])
    const { bytes, update } = await codec.sign({ ...fields, extra })
    expect((await codec.decode(bytes)).update.extra).toEqual(extra)
    expect(update.hash).not.toBe((await codec.sign(fields)).update.hash)
  })

  it.each([
    ['Ed25519', async () => await generateKeyPair('Ed25519')],
    ['secp256k1', async () => await generateKeyPair('secp256k1')],
    ['RSA of 2,048 bits', async () => await generateKeyPair('RSA', 2048)],
  ])('may be signed with %s', async (_, make) => {
    const key = await make()
    const { update } = await codec.decode((await signer(key).sign(fields)).bytes)
    expect(update.writer).toBe(peerIdFromPrivateKey(key).toString())
  })

  it('is verified in two steps, and parsing alone verifies nothing', async () => {
    const bytes = (await codec.sign(fields)).bytes.slice()
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
    const parsed = await codec.parse(bytes)
    expect(parsed).toMatchObject({ writer, seq: fields.seq, signed: true, bytes })
    await expect(codec.verify(parsed)).rejects.toMatchObject({ code: 'UPDATE_SIGNATURE' })
    await expect(codec.verify({ ...parsed })).rejects.toBeInstanceOf(TypeError)
    await expect(codec.verify(parsed, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })
})

describe('an update is refused', () => {
  it.each<[string, () => Promise<Uint8Array>, string]>([
    [
      'signed by another',
      async () => await seal(payloadOf(), { key: await generateKeyPair('Ed25519') }),
      'UPDATE_WRITER',
    ],
    [
      'signed for another purpose',
      async () => await seal(payloadOf(), { domain: 'libp2p-peer-record' }),
      'UPDATE_SIGNATURE',
    ],
    [
      'of another payload type',
      async () => await seal(payloadOf(), { codec: Uint8Array.of(3, 1) }),
      'UPDATE_SIGNATURE',
    ],
    [
      'signed with ECDSA',
      async () => await seal(payloadOf(), { key: await generateKeyPair('ECDSA') }),
      'UPDATE_SIGNATURE',
    ],
    ['of another network', async () => (await signer(privateKey, 'elsewhere').sign(fields)).bytes, 'UPDATE_NETWORK'],
    [
      'unsigned, of another network',
      async () => (await signer(privateKey, 'other').encode({ ...fields, writer })).bytes,
      'UPDATE_NETWORK',
    ],
    ['above 264 KiB', async () => new Uint8Array(MAX_UPDATE_BYTES + 1).fill(0x0a), 'UPDATE_SIZE'],
    ['of nothing', async () => new Uint8Array(), 'UPDATE_ENVELOPE'],
    ['of the unsigned mark alone', async () => Uint8Array.of(1), 'UPDATE_FORM'],
  ])('%s', async (_, make, code) => {
    expect(await refusal(await make())).toBe(code)
  })

  it('with an RSA key of 1,024 bits, or of 4,352', async () => {
    for (const modulusLength of [1024, 4352]) {
      const pair = generateKeyPairSync('rsa', { modulusLength })
      const der = pair.privateKey.export({ type: 'pkcs1', format: 'der' })
      const key = privateKeyFromRaw(der)
      expect(() => signer(key)).toThrow(
        expect.objectContaining({ code: 'UPDATE_CONFIG', limit: 'rsaBits', got: modulusLength }),
      )
      expect(await refusal(await seal(payloadOf({ 2: peerIdFromPrivateKey(key).toMultihash().bytes }), { key }))).toBe(
        'UPDATE_SIGNATURE',
      )
    }
  })

  it.each<[string, Parameters<typeof payloadOf>, string]>([
    ['an empty key', [{ 1: new Uint8Array() }], 'UPDATE_KEY'],
    ['a key of 1,025 bytes', [{ 1: new Uint8Array(1025) }], 'UPDATE_KEY'],
    ['a key that is a text', [{ 1: 'abc' }], 'UPDATE_FORM'],
    ['a writer as text', [{ 2: 'abc' }], 'UPDATE_FORM'],
    ['a writer that is no multihash', [{ 2: Uint8Array.of(1) }], 'UPDATE_WRITER'],
    ['a negative seq', [{ 3: -1 }], 'UPDATE_FORM'],
    ['an expiry that is a text', [{ 4: 'soon' }], 'UPDATE_FORM'],
    ['retain before expires', [{ 5: fields.expires - 1 }], 'IR_RETAIN'],
    ['a body that is a List', [{ 6: Buffer.from([0x80]) }], 'IR_BODY'],
    ['a body that is not canonical', [{ 6: Buffer.from([0xa1, 0x61, 0x61, 0x18, 0x01]) }], 'UPDATE_FORM'],
    ['a body with null', [{ 6: Buffer.from([0xa1, 0x61, 0x61, 0xf6]) }], 'XR_KIND'],
    [
      'a body of 10,001 nodes',
      [{ 6: Buffer.from(dagCbor.encode(from({ a: Array.from({ length: 9_998 + 1 }, (_, i) => i) }))) }],
      'XR_NODES',
    ],
    ['an empty extra', [{}, [new Map()]], 'UPDATE_FORM'],
    ['an extra that is a list', [{}, [[1]]], 'UPDATE_FORM'],
    ['an extra of nine entries', [{}, [new Map(Array.from({ length: 9 }, (_, i) => [`k${i}`, i]))]], 'UPDATE_FORM'],
    ['an extra above 1 KiB', [{}, [new Map([['k', 'x'.repeat(1024)]])]], 'UPDATE_SIZE'],
    ['nine fields', [{}, [new Map([['k', 1]]), 1]], 'UPDATE_FORM'],
  ])('for %s', async (_, args, code) => {
    expect(await refusal(await seal(payloadOf(...args)))).toBe(code)
  })

  it('with the limit and its value', async () => {
    const error = async (bytes: Uint8Array): Promise<unknown> => await codec.decode(bytes).catch((err: unknown) => err)
    expect(await error(new Uint8Array(300_000))).toMatchObject({ limit: 'update', max: 270_336, got: 300_000 })
    expect(await error(await seal(payloadOf({ 1: new Uint8Array(1025) })))).toMatchObject({
      limit: 'key',
      max: 1024,
      got: 1025,
    })
    const wide = from({ a: Array.from({ length: 9_999 }, (_, i) => i) })
    await expect(codec.sign({ ...fields, body: wide })).rejects.toMatchObject({
      code: 'XR_NODES',
      limit: 'nodes',
      max: 10_000,
      path: ['a', 9997n],
    })
  })

  it('in the order of the checks, the cheapest first', async () => {
    const stranger = await generateKeyPair('Ed25519')
    const badBody = Buffer.from([0xa1, 0x61, 0x61, 0xf6])
    // [two faults, the one that is reported]
    const wrongTypeAndBody = await seal(payloadOf({ 6: badBody }), { codec: Uint8Array.of(1) })
    const wrongKeyAndForm = await seal(Uint8Array.of(0), { key: await generateKeyPair('ECDSA') })
    const networkAndWriter = await seal(payloadOf({ 0: 'other' }), { key: stranger })
    const writerAndBody = await seal(payloadOf({ 6: badBody }), { key: stranger })
    const bodyAndSignature = (await seal(payloadOf({ 6: badBody }))).slice()
    bodyAndSignature[bodyAndSignature.length - 1] = (bodyAndSignature.at(-1) as number) ^ 1
    expect(await refusal(wrongTypeAndBody)).toBe('UPDATE_SIGNATURE')
    expect(await refusal(wrongKeyAndForm)).toBe('UPDATE_SIGNATURE')
    expect(await refusal(networkAndWriter)).toBe('UPDATE_NETWORK')
    expect(await refusal(writerAndBody)).toBe('UPDATE_WRITER')
    expect(await refusal(bodyAndSignature)).toBe('XR_KIND')
  })

  it('for every other byte form of its envelope', async () => {
    const { bytes } = await codec.sign(fields)
    const { publicKey, payloadType, payload, signature } = decodeEnvelope(bytes)
    const short = ({ length }: Uint8Array): number[] =>
      length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7]
    const field = (number: number, value: Uint8Array, prefix = short(value)): Buffer =>
      Buffer.concat([Uint8Array.from([(number << 3) | 2, ...prefix]), value])
    const parts = [field(1, publicKey), field(2, payloadType), field(3, payload), field(5, signature)]
    expect(Buffer.concat(parts)).toEqual(Buffer.from(bytes))
    expect(encodeEnvelope({ publicKey, payloadType, payload, signature })).toEqual(Uint8Array.from(bytes))
    const forms = [
      [...parts].reverse(),
      [...parts, Buffer.from([0x30, 0x01])],
      [...parts, parts[0] as Buffer],
      parts.slice(0, 3),
      [...parts.slice(0, 3), field(5, signature, [0xc0, 0x00])],
      [...parts.slice(0, 3), field(5, signature, [0xc0, 0x80, 0x80, 0x00])],
      [...parts.slice(0, 3), field(5, signature.subarray(1), [0x40])],
      [...parts.slice(0, 3), field(4, signature)],
    ]
    expect(await Promise.all(forms.map(async (form) => await refusal(Buffer.concat(form))))).toEqual(
      forms.map(() => 'UPDATE_ENVELOPE'),
    )
  })

  it('for every other byte form of its public key', async () => {
    const { publicKey, ...others } = decodeEnvelope((await codec.sign(fields)).bytes)
    expect(publicKeyToProtobuf(privateKey.publicKey)).toEqual(Uint8Array.from(publicKey))
    const longer = Buffer.concat([publicKey.subarray(0, 1), Uint8Array.of(0x81, 0x00), publicKey.subarray(2)])
    expect(['UPDATE_SIGNATURE', 'UPDATE_ENVELOPE', 'UPDATE_FORM']).toContain(
      await refusal(encodeEnvelope({ ...others, publicKey: longer })),
    )
    const unknown = Buffer.concat([publicKey, Uint8Array.of(0x18, 0x01)])
    expect(await refusal(encodeEnvelope({ ...others, publicKey: unknown }))).toBe('UPDATE_SIGNATURE')
  })

  it('wherever it is changed: never is another payload or writer accepted', async () => {
    const { bytes, update } = await codec.sign(fields)
    const seed = 20_261_126
    const random = new Random(seed)
    const below = (most: number): number => random.integer(0, most - 1)
    const change = (): Uint8Array => {
      const changed = Buffer.from(bytes)
      const at = below(changed.length)
      switch (below(4)) {
        case 0:
          changed[at] = (changed[at] as number) ^ (1 << below(8))
          return changed
        case 1:
          return changed.subarray(0, at)
        case 2:
          return Buffer.concat([changed.subarray(0, at), Uint8Array.of(below(256)), changed.subarray(at)])
        default:
          return Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1 + below(4))])
      }
    }
    const accepted: string[] = []
    for (let n = 0; n < 3000; n++) {
      const changed = change()
      const outcome = await codec.decode(changed).catch(() => undefined)
      if (outcome !== undefined) accepted.push(`${outcome.update.writer} ${outcome.update.hash}`)
    }
    // an inserted or removed byte may give the same bytes again
    expect(accepted.filter((one) => one !== `${update.writer} ${update.hash}`)).toEqual([])
  })
})

describe('a codec', () => {
  it.each<[string, () => unknown]>([
    ['an empty network', () => createUpdateCodec({ network: '' })],
    ['a network of 129 bytes', () => createUpdateCodec({ network: 'x'.repeat(129) })],
    ['a network with a lone surrogate', () => createUpdateCodec({ network: '\ud800' })],
  ])('is not made with %s', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'UPDATE_CONFIG' }))
  })

  it('signs only with a key', () => {
    expect(createUpdateCodec({ network })).not.toHaveProperty('sign')
  })

  it.each<[string, Partial<Omit<UpdateFields, 'writer'>>, string]>([
    ['a fraction as seq', { seq: 0.5 }, 'IR_STAMP'],
    ['an empty key', { key: new Uint8Array() }, 'UPDATE_KEY'],
    ['a negative retain', { retain: -1 }, 'IR_RETAIN'],
    ['a body that is a leaf', { body: 'x' }, 'IR_BODY'],
  ])('encodes nothing for %s', async (_, change, code) => {
    await expect(codec.sign({ ...fields, ...change } as typeof fields)).rejects.toMatchObject({ code })
    await expect(codec.encode({ ...fields, ...change, writer } as never)).rejects.toMatchObject({ code })
  })

  it('encodes nothing for a writer that is no peer id', async () => {
    await expect(codec.encode({ ...fields, writer: 'ann' })).rejects.toMatchObject({ code: 'UPDATE_WRITER' })
    expect(() => encodePayload(network, { ...fields, writer: '' })).toThrow(
      expect.objectContaining({ code: 'UPDATE_WRITER' }),
    )
  })
})

describe('an unsigned update', () => {
  it('is distinguished from a signed one by its first byte', async () => {
    const { bytes } = await codec.encode({ ...fields, writer })
    const { update } = await codec.decode(bytes)
    expect([update.signed, update.writer]).toEqual([false, writer])
    expect(Buffer.from(bytes)).toEqual(Buffer.concat([Uint8Array.of(1), payloadOf()]))
    expect((await codec.sign(fields)).bytes[0]).toBe(0x0a)
    await expect(RecordEnvelope.openAndCertify(bytes, UPDATE_DOMAIN)).rejects.toBeInstanceOf(Error)
  })
})

describe('the options of the codec', () => {
  const rows: Array<[string, unknown, string, string]> = [
    ['nothing', undefined, 'MISSING', ''],
    ['no network', {}, 'MISSING', 'network'],
    ['a network that is a number', { network: 5 }, 'TYPE', 'network'],
    ['a private key that is a string', { network: 'main', privateKey: 'secret' }, 'TYPE', 'privateKey'],
    [
      'a private key that cannot sign',
      { network: 'main', privateKey: { type: 'Ed25519' } },
      'MISSING',
      'privateKey.publicKey',
    ],
    ['an unknown option', { network: 'main', key: 5 }, 'UNKNOWN', 'key'],
  ]
  it.each(rows)('given %s are refused', (_title, init, code, field) => {
    expect(() => createUpdateCodec(init as never)).toThrow(expect.objectContaining({ code: `CONFIG_${code}`, field }))
  })
})

describe('arrays that are handed in', () => {
  it('may be written to as soon as the call has returned', async () => {
    const key = await generateKeyPair('Ed25519')
    const codec = createUpdateCodec({ network: 'main', privateKey: key }) as Signer
    const fields = (): Omit<UpdateFields, 'writer'> => ({
      key: Uint8Array.of(1, 2),
      seq: 1,
      expires: 2000,
      retain: 2000,
      body: Dict.from([['a', Uint8Array.of(3, 4)]]),
    })
    const scribbled = fields()
    const signing = codec.sign(scribbled)
    scribbled.key.fill(9)
    ;((scribbled.body as Dict).get('a') as Uint8Array).fill(9)
    const { update, bytes } = await signing
    expect([update.key, print(update.content.body)]).toEqual([Uint8Array.of(1, 2), '{a=0x0304}'])
    const copy = new Uint8Array(bytes)
    const decoding = codec.decode(copy)
    copy.fill(9)
    const decoded = await decoding
    expect([decoded.update.key, print(decoded.update.content.body)]).toEqual([Uint8Array.of(1, 2), '{a=0x0304}'])
    expect(decoded.bytes).toEqual(bytes)
  })
})
