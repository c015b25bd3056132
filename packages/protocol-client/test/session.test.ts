import { duplexPair } from '@sr/protocol'
import { ScriptedServer } from '@sr/protocol/conformance'
import { encodePong, encodeUpdated, type UpdateResult } from '@sr/protocol/messages'
import { NegotiatedSession, type NegotiatedStream, recordClientProtocol } from '@sr/protocol-client/session'
import { delay } from '@sr/runtime'
import { describe, expect, test } from '@jest/globals'

const STORED: UpdateResult = {
  stored: true,
  changed: true,
  forked: false,
  seq: 7,
  counter: 7,
  expires: 1_800_000_000_000,
  charge: 1,
}

describe('a session', () => {
  test('has 128 requests under way, and sends the next ones as those end', async () => {
    const server = new ScriptedServer()
    const session = recordClientProtocol().connect(server.open)
    const calls = Array.from({ length: 130 }, async () => await session.ping())
    const stream = await server.stream()
    const ids: number[] = []
    for (let i = 0; i < 128; i++) {
      ids.push((await stream.next()).id)
    }
    await delay(20)
    let more = 0
    void stream.next().then(() => more++)
    await delay(20)
    expect(more).toBe(0)
    await stream.send(...ids.map((id) => encodePong(id, 1)))
    while (more === 0) {
      await delay(1)
    }
    stream.serve(({ id }) => encodePong(id, 1))
    await stream.send(encodePong(129, 1))
    expect(await Promise.all(calls)).toHaveLength(130)
    session.close()
  })

  test('ends a stream in order once it is idle, and opens another', async () => {
    const server = new ScriptedServer()
    const session = recordClientProtocol({ idleMs: 50 }).connect(server.open)
    const first = session.ping()
    const one = await server.stream()
    await one.send(encodePong((await one.expect('ping')).id, 1))
    await first
    expect(session.idle).toBe(false)
    expect(await one.gone()).toBe('end')
    expect(session.idle).toBe(true)
    const second = session.ping()
    const two = await server.stream()
    await two.send(encodePong((await two.expect('ping')).id, 2))
    expect(await second).toBe(2)
    session.close()
  }, 20_000)

  test('replaces a stream that does not answer a check', async () => {
    const server = new ScriptedServer()
    const session = recordClientProtocol({ jitterMs: 0 }).connect(server.open)
    const watch = session.watch('k')
    const part = watch.next()
    const one = await server.stream()
    await one.expect('watch')
    session.check?.()
    session.check?.()
    await one.expect('ping')
    expect(await one.gone()).toBe('reset')
    const two = await server.stream()
    await two.expect('watch')
    await watch.return?.()
    expect(await part).toEqual({ done: true, value: undefined })
    session.close()
  }, 20_000)

  test('asks the server for the time that is left, when that is less than its own', async () => {
    const server = new ScriptedServer()
    const session = recordClientProtocol({ timeoutMs: 5000 }).connect(server.open)
    const call = session.update('k', { x: 1 }, { ttl: 60 })
    const stream = await server.stream()
    const { id, request } = await stream.expect('update')
    expect(request.timeoutMs).toBeGreaterThan(4000)
    expect(request.timeoutMs).toBeLessThanOrEqual(5000)
    await stream.send(encodeUpdated(id, [STORED]))
    await call
    session.close()
  })

  test('sends more updates than a request may hold in several, in order', async () => {
    const server = new ScriptedServer()
    const session = recordClientProtocol().connect(server.open)
    const signed = Array.from({ length: 300 }, (_, i) => ({ signed: Uint8Array.of(0x0a, i >> 8, i) }))
    const large = Array.from({ length: 3 }, () => ({ signed: new Uint8Array(250_000) }))
    const results = session.submit([...signed, { key: 'k', body: { x: 1 }, ttl: 60 }, ...large])
    const stream = await server.stream()
    const counts: number[] = []
    for (let left = 304; left > 0;) {
      const { id, request } = await stream.expect('update')
      counts.push(request.items.length)
      left -= request.items.length
      await stream.send(
        encodeUpdated(
          id,
          request.items.map(() => STORED),
        ),
      )
    }
    expect(counts).toEqual([256, 44, 1, 2, 1])
    expect(await results).toHaveLength(304)
    session.close()
  })

  test('fails what is under way when it is closed, and opens another stream for what follows', async () => {
    const server = new ScriptedServer()
    const session = recordClientProtocol().connect(server.open)
    const calls = [session.update('k', { x: 1 }, { ttl: 60 }), session.ping()]
    const outcomes = Promise.allSettled(calls)
    const one = await server.stream()
    await one.expect('update')
    session.close()
    expect(await outcomes).toEqual([
      { status: 'rejected', reason: expect.objectContaining({ code: 'PROTOCOL_SHUTDOWN', applied: 'unknown' }) },
      { status: 'rejected', reason: expect.objectContaining({ code: 'PROTOCOL_SHUTDOWN', applied: 'no' }) },
    ])
    const ping = session.ping()
    const two = await server.stream()
    await two.send(encodePong((await two.expect('ping')).id, 3))
    expect(await ping).toBe(3)
    session.close()
  })

  test.each<[string, () => unknown, string]>([
    ['writers that are no peer ids', () => connect().get('k', { writers: ['bob'] }), 'PROTOCOL_PEER'],
    ['no writer', () => connect().get('k', { writers: [] }), 'PROTOCOL_TOO_LARGE'],
    ['a document that is no Dict', () => connect().update('k', ['a'], { ttl: 60 }), 'PROTOCOL_DOC'],
    ['a life of 0 s', () => connect().update('k', {}, { ttl: 0 }), 'PROTOCOL_TTL'],
    ['a document too large', () => connect().update('k', { x: 'x'.repeat(300_000) }, { ttl: 1 }), 'PROTOCOL_TOO_LARGE'],
    ['a key too long', () => connect().get(new Uint8Array(1025)), 'PROTOCOL_KEY'],
    ['ifSeq below 0', () => connect().update('k', {}, { ttl: 60, ifSeq: -1 }), 'PROTOCOL_PROTO'],
    ['credit below 1,024', async () => connect().watch('k', { creditBytes: 5 }), 'PROTOCOL_PROTO'],
  ])('refuses %s before anything is sent', async (_, call, code) => {
    await expect((async () => await call())()).rejects.toMatchObject({ name: 'ProtocolError', code })
  })

  test.each<[string, object, string]>([
    ['timeoutMs', { timeoutMs: -1 }, 'CONFIG_RANGE'],
    ['idle', { idle: 5 }, 'CONFIG_UNKNOWN'],
  ])('refuses the option %s', (field, init, code) => {
    expect(() => recordClientProtocol(init)).toThrow(expect.objectContaining({ code, field }))
  })
})

function connect(): ReturnType<ReturnType<typeof recordClientProtocol>['connect']> {
  return recordClientProtocol().connect(async () => {
    throw new Error('no stream may be opened')
  })
}

describe('NegotiatedSession', () => {
  const record = recordClientProtocol({ jitterMs: 0 })
  const other = { ...recordClientProtocol(), id: '/other/1.0.0' }

  test('offers a better protocol again once the session is idle', async () => {
    const server = new ScriptedServer()
    const offers: string[] = []
    let chosen = other.id
    const session = new NegotiatedSession([record, other], async (protocols): Promise<NegotiatedStream> => {
      offers.push(protocols.join())
      return { protocol: chosen, duplex: await server.open() }
    })
    const first = session.ping()
    const one = await server.stream()
    await one.send(encodePong((await one.expect('ping')).id, 1))
    await first
    expect(session.protocol).toBe(other.id)
    session.close()
    chosen = record.id
    const second = session.ping()
    const two = await server.stream()
    await two.send(encodePong((await two.expect('ping')).id, 2))
    await second
    expect([session.protocol, offers]).toEqual([record.id, [`${record.id},${other.id}`, `${record.id},${other.id}`]])
    session.close()
  })

  test.each<[string, () => Promise<NegotiatedStream>, string]>([
    ['no stream opens', async () => raise(new Error('refused')), 'PROTOCOL_UNREACHABLE'],
    ['another protocol is chosen', async () => ({ protocol: '/x', duplex: duplexPair()[0] }), 'PROTOCOL_UNREACHABLE'],
  ])('fails when %s', async (_, open, code) => {
    const session = new NegotiatedSession([record, other], open)
    await expect(session.ping()).rejects.toMatchObject({ code })
    await expect(session.watch('k').next()).rejects.toMatchObject({ code })
    expect(session.idle).toBe(true)
  })

  test('ends a call by its signal while it negotiates, and a watch by return', async () => {
    const session = new NegotiatedSession([record, other], async () => await new Promise<never>(() => {}))
    const watch = session.watch('k')
    void watch.next().catch(() => {})
    await expect(session.ping({ signal: AbortSignal.timeout(10) })).rejects.toMatchObject({ code: 'PROTOCOL_ABORTED' })
    session.close()
    expect(await watch.return?.()).toEqual({ done: true, value: undefined })
    expect(session.idle).toBe(true)
  })
})

function raise(error: Error): never {
  throw error
}
