import { describe, expect, test } from '@jest/globals'
import type { ByteDuplex, ServedMachine } from '@sr/protocol'
import { duplexPair, frame, serveContext } from '@sr/protocol'
import { codeOf } from '@sr/protocol/conformance'
import { encodeRequest } from '@sr/protocol/messages'
import { delay } from '@sr/runtime'
import { encode } from '@sr/xr/dag-cbor'
import { recordServerProtocol } from '../../src/session/index.ts'
import { document, machineWith, PEER, RECEIPT, REVISION, serve, SHOWN } from './setup.ts'

const KEY = new TextEncoder().encode('k')
const never = async (): Promise<never> => await new Promise(() => {})

/** A record that takes 60 KiB. */
const large: Partial<ServedMachine> = {
  get: async () => ({
    revision: REVISION,
    documents: new Map([[PEER, { ...SHOWN, document: document({ text: 'x'.repeat(60_000) }) as never }]]),
  }),
}

describe('the end of a stream', () => {
  test('comes at once when both sides have ended', async () => {
    const { client, over } = serve(machineWith({}))
    await client.ask(1, { op: 'ping' })
    const since = performance.now()
    await client.end()
    await over
    // not at the next tick of the clock, up to 100 ms later
    expect(performance.now() - since).toBeLessThan(50)
  })

  test.each([
    ['a frame that is refused', Uint8Array.of(0), 'PROTOCOL_FRAME'],
    ['nothing more, while answers wait', undefined, 'PROTOCOL_TIMEOUT'],
  ])('does not wait for a peer that reads nothing: %s', async (_, last, code) => {
    const { client, over } = serve(machineWith(large), { timeouts: { write: 200 } })
    for (let id = 1; id <= 10; id++) client.send(id, { op: 'get', key: KEY })
    await delay(50)
    if (last !== undefined) client.write(last)
    await expect(over).rejects.toMatchObject({ code })
  })

  test('a peer that has ended its side, and reads nothing, is waited for as long as for any write', async () => {
    const { client, over } = serve(machineWith(large), { timeouts: { write: 200 } })
    for (let id = 1; id <= 10; id++) client.send(id, { op: 'get', key: KEY })
    await client.end()
    await expect(over).rejects.toMatchObject({ code: 'PROTOCOL_TIMEOUT' })
  })

  test('a server that stops waits for requests, and no longer than it may', async () => {
    const stopping = new AbortController()
    const { client, over } = serve(
      machineWith({ get: never }),
      { timeouts: { stop: 1000 } },
      { signal: stopping.signal },
    )
    client.send(1, { op: 'get', key: KEY })
    await client.ask(2, { op: 'ping' })
    stopping.abort()
    expect(codeOf(await client.answer(0))).toBe('E_SHUTDOWN')
    // what was taken up has an end, too
    expect(codeOf(await client.answer(1))).toBe('E_SHUTDOWN')
    expect(await client.next()).toBeUndefined()
    await client.end()
    await over
  })

  test('an update under way when the server stops has an unknown outcome', async () => {
    const stopping = new AbortController()
    const machine = machineWith({ updateUnsigned: never })
    const { client } = serve(machine, { timeouts: { stop: 1000 } }, { signal: stopping.signal })
    client.send(1, { op: 'update', items: [{ key: KEY, body: Uint8Array.of(0xa0), ttl: 60 }] })
    await client.ask(2, { op: 'ping' })
    stopping.abort()
    const end = await client.answer(1)
    expect(codeOf(end)).toBe('E_SHUTDOWN')
    expect((end.rest[0] as ReadonlyMap<string, unknown>).get('applied')).toBe(2)
  })

  test('a server that stops says nothing on a stream that it is ending already', async () => {
    const stopping = new AbortController()
    const { client, over } = serve(machineWith({}), {}, { signal: stopping.signal })
    client.write(Uint8Array.of(0))
    expect(codeOf(await client.next())).toBe('E_FRAME')
    stopping.abort()
    expect(await client.next()).toBeUndefined()
    await client.end()
    await expect(over).rejects.toMatchObject({ code: 'PROTOCOL_FRAME' })
  })

  test('a peer that resets the stream with many bytes of requests under way holds nothing up', async () => {
    const machine = machineWith({
      // its answer is the first that cannot be written
      get: async () => {
        await delay(50)
        return { revision: REVISION, documents: new Map() }
      },
      updateUnsigned: async () => {
        await delay(200)
        return RECEIPT
      },
    })
    const { client, over } = serve(machine)
    const item = { key: KEY, body: encode('x'.repeat(60_000)), ttl: 60 }
    client.send(1, { op: 'get', key: KEY })
    for (let n = 0; n < 8; n++) client.send(2 + n, { op: 'update', items: [{ ...item, key: Uint8Array.of(n) }] })
    await delay(20)
    client.abort()
    await expect(over).rejects.toMatchObject({ code: 'PROTOCOL_RESET' })
    // the event loop goes on
    await delay(10)
  })

  test('reads once at a time, whatever ends the stream', async () => {
    const [ours, theirs] = duplexPair()
    let reading = 0
    let most = 0
    const watched: ByteDuplex = {
      get open() {
        return theirs.open
      },
      read: async () => {
        most = Math.max(most, ++reading)
        try {
          return await theirs.read()
        } finally {
          reading--
        }
      },
      write: async (bytes) => await theirs.write(bytes),
      close: async () => await theirs.close(),
      abort: (reason) => {
        theirs.abort(reason)
      },
    }
    const protocol = recordServerProtocol({ timeouts: { frame: 50 } })
    const over = protocol.serve(watched, serveContext({ machine: machineWith({}), peer: PEER }))
    over.catch(() => {})
    await ours.write(frame(encodeRequest(1, { op: 'ping' })).subarray(0, 1))
    await delay(300)
    await ours.close()
    await expect(over).rejects.toMatchObject({ code: 'PROTOCOL_TIMEOUT' })
    expect(most).toBe(1)
  })

  test('the deadline of a frame counts from its first byte', async () => {
    const { client, over } = serve(machineWith({}), { timeouts: { frame: 300 } })
    const bytes = frame(encodeRequest(1, { op: 'get', key: new Uint8Array(100) }))
    for (const byte of bytes.subarray(0, 20)) {
      client.write(Uint8Array.of(byte))
      await delay(50)
    }
    await client.end()
    await expect(over).rejects.toMatchObject({ code: 'PROTOCOL_TIMEOUT' })
  })
})
