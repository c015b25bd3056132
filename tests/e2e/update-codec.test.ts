import { describe, expect, it } from '@jest/globals'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { createUpdateCodec, UPDATE_ERROR_CODES, type UpdateErrorCode } from '@sr/update'
import { createMachine, type UpdateErrorCode as MappedCode } from '@sr/vm'
import { plainUpdates } from '@sr/vm/testing'
import { type Dict, from, type Plain, print } from '@sr/xr'

const ANN = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const dict = (plain: Plain): Dict => from(plain) as Dict

describe('the codec of signed updates', () => {
  it('is what a machine takes', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const self = peerIdFromPrivateKey(privateKey).toString()
    const updates = createUpdateCodec({ network: 'test', privateKey })
    const machine = createMachine({ self, updates })
    await machine.start()
    await machine.updateUnsigned({ key: bytes('k'), writer: ANN, body: dict({ by: 'ann' }), ttl: 60 })
    const seq = Date.now() * 1000
    const signed = await updates.sign?.({
      key: bytes('k'),
      seq,
      expires: Date.now() + 60_000,
      retain: Date.now() + 60_000,
      body: dict({ by: 'the server' }),
    })
    const { status } = await machine.update(signed?.bytes ?? new Uint8Array())
    const record = (await machine.get(bytes('k'))).documents
    expect([
      status,
      ...Array.from(record, ([writer, { document, signed: isSigned }]) => [writer, print(document), isSigned]),
    ]).toEqual(['stored', [ANN, '{by="ann"}', false], [self, '{by="the server"}', true]])
    const foreign = createUpdateCodec({ network: 'elsewhere', privateKey })
    const bad = await foreign.sign?.({
      key: bytes('k'),
      seq,
      expires: Date.now() + 60_000,
      retain: Date.now() + 60_000,
      body: dict({}),
    })
    await expect(machine.update(bad?.bytes ?? new Uint8Array())).rejects.toMatchObject({ code: 'VM_SIG' })
    await machine.close()
  })

  it('has a duplicate recognised by its hash, and refuses a wrong signature', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const codec = createUpdateCodec({ network: 'test', privateKey })
    let verified = 0
    const verify: typeof codec.verify = async (...args) => {
      verified++
      return await codec.verify(...args)
    }
    const { signer: _, sign: __, ...reader } = codec
    const machine = createMachine({ self: ANN, updates: { ...reader, verify } })
    await machine.start()
    const now = Date.now()
    const fields = { key: bytes('k'), seq: now * 1000, expires: now + 60_000, retain: now + 60_000 }
    const first = (await codec.sign?.({ ...fields, body: dict({ a: 1 }) }))?.bytes ?? new Uint8Array()
    const other = (await codec.sign?.({ ...fields, body: dict({ a: 2 }) }))?.bytes ?? new Uint8Array()
    const statuses = [await machine.update(first), await machine.update(first)].map(({ status }) => status)
    expect([statuses, verified]).toEqual([['stored', 'duplicate'], 1])
    other.set([(other.at(-1) as number) ^ 1], other.length - 1)
    await expect(machine.update(other)).rejects.toMatchObject({ code: 'VM_SIG', cause: { code: 'UPDATE_SIGNATURE' } })
    await machine.close()
  })

  it.each([
    'ann',
    'local',
    '',
    `${ANN} `,
    'bafzaajaiaejcaohyqvwrnrdrhyxzrfqtxzfnxhsksdw6dgdlpvwz3hxwvq5yxq6e',
    `/p2p/${ANN}`,
  ])('refuses the writer %p, which no peer could read', async (writer) => {
    const machine = createMachine({ self: ANN, updates: createUpdateCodec({ network: 'test' }) })
    await machine.start()
    const update = { key: bytes('k'), writer, body: dict({ a: 1 }), ttl: 60 }
    await expect(machine.updateUnsigned(update)).rejects.toMatchObject({ code: 'VM_WRITER' })
    expect((await machine.get(bytes('k'))).documents).toEqual(new Map())
    await machine.close()
  })

  it('refuses another spelling of a peer id: it would be another writer', async () => {
    const machine = createMachine({ self: ANN, updates: createUpdateCodec({ network: 'test' }) })
    await machine.start()
    const writer = peerIdFromString(ANN).toCID().toString()
    const update = { key: bytes('k'), writer, body: dict({ a: 1 }), ttl: 60 }
    await expect(machine.updateUnsigned(update)).rejects.toMatchObject({ code: 'VM_WRITER' })
    await machine.close()
  })

  it('tells a machine whether its self is the signer', async () => {
    const updates = createUpdateCodec({ network: 'test', privateKey: await generateKeyPair('Ed25519') })
    const code = (self: string): unknown => {
      try {
        createMachine({ self, updates })
        return 'accepted'
      } catch (err) {
        return [(err as { code: string }).code, (err as { field: string }).field]
      }
    }
    expect([code(updates.signer as string), code(ANN), code('me')]).toEqual([
      'accepted',
      ['CONFIG_CONFLICT', 'self'],
      ['CONFIG_RANGE', 'self'],
    ])
  })

  it('has the error codes that the machine maps, and no others', async () => {
    type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never
    const same: Same<UpdateErrorCode, MappedCode> = true
    expect(same).toBe(true)
    for (const code of UPDATE_ERROR_CODES) {
      const parse = async (): Promise<never> => {
        throw Object.assign(new Error('of the codec'), { code })
      }
      const machine = createMachine({ self: ANN, updates: { ...plainUpdates(ANN), parse } })
      await machine.start()
      // an unknown code would be `the machine failed`
      await expect(machine.update(bytes('x'))).rejects.toMatchObject({ message: 'of the codec' })
      await machine.close()
    }
  })
})
