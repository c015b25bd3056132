import { generateKeyPair } from '@libp2p/crypto/keys'
import { createSigner, type Signer, type SignerInit } from '@sr/protocol-client/signing'
import { ttl } from '@sr/ir/validate'
import { createUpdateCodec } from '@sr/update'
import { MemoryDatastore } from 'datastore-core'
import { beforeAll, describe, expect, test } from '@jest/globals'

const HOUR_MS = 3_600_000
const codec = createUpdateCodec({ network: 'main' })
let privateKey: SignerInit['privateKey']
let now = 1_800_000_000_000

beforeAll(async () => {
  privateKey = await generateKeyPair('Ed25519')
})

function signer(init: Partial<SignerInit> = {}): Signer {
  return createSigner({ privateKey, now: () => now, ...init })
}

async function retainOf(one: Signer, ttl: number, document: object = { a: 1 }): Promise<number> {
  const { bytes, seq } = await one.sign('k', document as never, { ttl })
  one.settle(seq)
  return (await codec.decode(bytes)).update.retain
}

describe('createSigner', () => {
  test('signs what any codec of the network verifies', async () => {
    const one = signer()
    const { bytes, seq } = await one.sign('k', { nick: 'bob' }, { ttl: 60 })
    const { update } = await codec.decode(bytes)
    expect(update).toMatchObject({ seq, writer: one.writer, signed: true, expires: Math.floor(seq / 1000) + 60_000 })
    await expect(createUpdateCodec({ network: 'other' }).decode(bytes)).rejects.toMatchObject({
      code: 'UPDATE_NETWORK',
    })
  })

  test('rises strictly, also with many at once and a clock that is set back', async () => {
    const one = signer()
    const seqs = await Promise.all(Array.from({ length: 50 }, async () => (await one.sign('k', {}, { ttl: 60 })).seq))
    now -= HOUR_MS
    seqs.push((await one.sign('k', {}, { ttl: 60 })).seq)
    now += HOUR_MS
    expect(seqs.every((seq, i) => seq > (seqs[i - 1] ?? 0))).toBe(true)
  })

  test('rises over a restart that finds the clock set back, with a datastore', async () => {
    const datastore = new MemoryDatastore()
    const before = await signer({ datastore }).sign('k', {}, { ttl: 60 })
    now -= HOUR_MS
    const after = await signer({ datastore }).sign('k', {}, { ttl: 60 })
    const other = await signer({ datastore, network: 'other' }).sign('k', {}, { ttl: 60 })
    now += HOUR_MS
    expect(after.seq).toBeGreaterThan(before.seq)
    expect(after.seq - before.seq).toBeLessThan(1_100_000)
    expect(other.seq).toBeLessThan(before.seq)
  })

  test('promises the longest life without a memory', async () => {
    const time = now
    expect(await retainOf(signer(), 60)).toBe(time + 72 * HOUR_MS)
    expect(await retainOf(signer({ maxTtl: 3600 }), 60)).toBe(time + HOUR_MS)
  })

  test('promises what it has signed with a memory, once what was signed before that has ended', async () => {
    const datastore = new MemoryDatastore()
    const init = { datastore, maxTtl: 3600 }
    const begin = now
    expect(await retainOf(signer(init), 60)).toBe(begin + HOUR_MS)
    now = begin + HOUR_MS
    const later = signer(init)
    expect(await retainOf(later, 60)).toBe(now + 60_000)
    const long = now + 1_800_000
    expect(await retainOf(later, 1800)).toBe(long)
    now += 60_000
    const kept = await retainOf(signer(init), 1)
    expect(kept).toBeGreaterThanOrEqual(long)
    expect(kept).toBeLessThan(long + 300_000)
    expect(await retainOf(signer({ ...init, isShared: true }), 1)).toBeGreaterThanOrEqual(now + HOUR_MS)
    now = begin
  })

  test('counts $ttl in its promise', async () => {
    const datastore = new MemoryDatastore()
    const one = signer({ datastore, maxTtl: 3600 })
    await retainOf(one, 1)
    const begin = now
    now += HOUR_MS
    const retain = await retainOf(one, 1, { a: ttl('x', 600) })
    expect(retain).toBe(now + 600_000)
    now = begin
  })

  test.each([
    ['PROTOCOL_TTL', { a: 1 }, 0],
    ['PROTOCOL_TTL', { a: 1 }, 1.5],
    ['PROTOCOL_TTL', { a: 1 }, 259_201],
    ['XR_KIND', { a: null }, 60],
    ['IR_BODY', ['a'], 60],
  ])('refuses with %s: %j for %d s', async (code, document, ttl) => {
    await expect(signer().sign('k', document as never, { ttl })).rejects.toMatchObject({ code })
  })

  test.each<[string, string]>([
    ['maxTtl', 'CONFIG_RANGE'],
    ['network', 'CONFIG_RANGE'],
  ])('refuses an invalid %s', (field, code) => {
    expect(() => signer({ [field]: field === 'network' ? '' : 0 })).toThrow(expect.objectContaining({ code, field }))
  })
})
