import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { peerIdFromString } from '@libp2p/peer-id'
import { ttl } from '@sr/ir'
import { Dict, equal, from, List, type Plain, Predicate } from '@sr/xr'
import { shown, startClient, startServer } from './hosts.ts'

let server: Awaited<ReturnType<typeof startServer>>
let ann: Awaited<ReturnType<typeof startClient>>
let bob: Awaited<ReturnType<typeof startClient>>

beforeAll(async () => {
  server = await startServer()
  ann = await startClient()
  bob = await startClient()
})

afterAll(async () => {
  await Promise.all([ann.stop(), bob.stop()])
  await server.stop()
})

const dict = (plain: Plain): Dict => from(plain) as Dict

describe.each(['tcp', 'ws'] as const)('records over %s', (transport) => {
  it('hold a document of each writer, and writes merge', async () => {
    const key = `merge over ${transport}`
    await ann.records.update(server[transport], key, dict({ nick: 'ann', peers: ['x'] }), { ttl: 60 })
    await bob.records.update(server[transport], key, dict({ nick: 'bob' }), { ttl: 60 })
    await ann.records.update(server[transport], key, dict({ peers: ['y'], city: 'Oslo' }), { ttl: 60 })
    const { documents } = await bob.records.get(server[transport], key)
    expect([...documents.keys()].sort()).toEqual([ann.peer, bob.peer].sort())
    const [ofAnn, ofBob] = [ann, bob].map(({ peer }) => documents.get(peer)?.document)
    expect(equal(ofAnn as Dict, from({ nick: 'ann', peers: ['x', 'y'], city: 'Oslo' }))).toBe(true)
    expect(equal(ofBob as Dict, from({ nick: 'bob' }))).toBe(true)
  })

  it('are empty where no writer has written', async () => {
    expect((await ann.records.get(server[transport], 'nothing here')).documents.size).toBe(0)
  })

  it('carry every kind of node', async () => {
    const body = Dict.from([
      ['bool', true],
      ['string', 'é😀\u2028\u0000"\\'],
      ['int', -9223372036854775808n],
      ['wide', 2n ** 100n],
      ['float', 1],
      ['tiny', 5e-324],
      ['bytes', Uint8Array.from({ length: 300 }, (_, i) => i)],
      ['list', List.of(1n, 1, 'x', List.of())],
      [7n, Dict.from([[true, Dict.empty]])],
      ['predicate', new Predicate('offer', ['a', 2n], Dict.from([['price', 1.5]]))],
    ])
    const key = Uint8Array.from([0, 255, 47, 46, 46, transport.length])
    await ann.records.update(server[transport], key, body, { ttl: 60 })
    const { documents } = await bob.records.get(server[transport], key)
    expect(equal(documents.get(ann.peer)?.document as Dict, body)).toBe(true)
  })

  it('take ten requests at once from one client, and answer each its own', async () => {
    const keys = Array.from({ length: 10 }, (_, i) => `${transport} ${i}`)
    await Promise.all(keys.map((key) => ann.records.update(server[transport], key, dict({ key }), { ttl: 60 })))
    const records = await Promise.all(keys.map((key) => ann.records.get(server[transport], key)))
    expect(records.map(shown)).toEqual(keys.map((key) => ({ [ann.peer]: `{key="${key}"}` })))
  })
})

describe('a client', () => {
  it('finds a server by its peer id when libp2p knows where it is', async () => {
    await ann.node.peerStore.merge(server.node.peerId, { multiaddrs: [server.tcp] })
    const target = peerIdFromString(server.self)
    await ann.records.update(target, 'by id', dict({ x: 1 }), { ttl: 60 })
    expect(shown(await ann.records.get(target, 'by id'))).toEqual({ [ann.peer]: '{x=1}' })
  })

  it('refuses what it cannot do before anything is sent', async () => {
    const refusal = async (call: Promise<unknown>): Promise<unknown> => {
      try {
        return await call
      } catch (err) {
        const { code, applied } = err as { code: string; applied: string }
        return [code, applied]
      }
    }
    expect(await refusal(ann.records.update(server.tcp, '', dict({}), { ttl: 1 }))).toEqual(['PROTOCOL_KEY', 'no'])
    expect(await refusal(ann.records.update(server.tcp, 'k', dict({}), { ttl: 0 }))).toEqual(['PROTOCOL_TTL', 'no'])
    expect(await refusal(ann.records.update(server.tcp, 'k', dict([]), { ttl: 1 }))).toEqual(['IR_BODY', undefined])
    expect(
      await refusal(
        ann.records.update(
          server.tcp,
          'k',
          dict(Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`k${i}`, 'x'.repeat(60_000)]))),
          { ttl: 1 },
        ),
      ),
    ).toEqual(['XR_SIZE', undefined])
  })

  it('is reset for what a server refuses, and can go on', async () => {
    await expect(
      ann.records.update(server.tcp, 'refused', dict({ x: ttl("a life above the server's maximum", 400_000) }), {
        ttl: 60,
      }),
    ).rejects.toMatchObject({ code: 'PROTOCOL_RESET', applied: 'unknown' })
    expect((await ann.records.get(server.tcp, 'refused')).documents.size).toBe(0)
  })
})
