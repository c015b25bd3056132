import { generateKeyPair } from '@libp2p/crypto/keys'
import { describe, expect, it } from '@jest/globals'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createUpdateCodec } from '@sr/update'
import { createMachine } from '@sr/vm'
import { from, print } from '@sr/xr'

const ANN = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('the codec of signed updates', () => {
  it('is what a machine takes', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const self = peerIdFromPrivateKey(privateKey).toString()
    const updates = createUpdateCodec({ network: 'test', privateKey })
    const machine = createMachine({ self, updates })
    await machine.start()
    await machine.updateUnsigned({ key: bytes('k'), writer: ANN, body: from({ by: 'ann' }), ttl: 60 })
    const seq = Date.now() * 1000
    const signed = await updates.sign?.({
      key: bytes('k'),
      seq,
      expires: Date.now() + 60_000,
      retain: Date.now() + 60_000,
      body: from({ by: 'the server' }),
    })
    const { status } = await machine.update(signed?.bytes ?? new Uint8Array())
    const record = await machine.get(bytes('k'))
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
      body: from({}),
    })
    await expect(machine.update(bad?.bytes ?? new Uint8Array())).rejects.toMatchObject({ code: 'VM_SIG' })
    await machine.close()
  })
})
