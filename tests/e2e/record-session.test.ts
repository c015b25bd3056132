import { afterEach, describe, expect, it } from '@jest/globals'
import { frame } from '@sr/protocol'
import {
  encodeRequest,
  readGot,
  readInformed,
  readPart,
  readPong,
  readRows,
  readUpdated,
  readRefusal,
  readExplained,
  readLast,
} from '@sr/protocol/messages'
import type { LocalMachine } from '@sr/vm'
import { from, print } from '@sr/xr'
import { decode, encode } from '@sr/xr/dag-cbor'
import { connect, PEER, startMachine } from './record-client.ts'

const KEY = new TextEncoder().encode('lobby')
const own = (body: Record<string, unknown>, ifSeq?: number) => ({
  key: KEY,
  body: encode(from(body as never)),
  ttl: 600,
  ifSeq,
})
const machines: LocalMachine[] = []

async function machine(): Promise<LocalMachine> {
  const started = await startMachine()
  machines.push(started)
  return started
}

afterEach(async () => {
  await Promise.all(machines.splice(0).map((one) => one.close()))
})

describe('a session of /smart-record/1.0.0', () => {
  it('answers each request', async () => {
    const client = connect({ machine: await machine() })
    const [result] = readUpdated(
      await client.ask(1, { op: 'update', items: [own({ nick: 'bob', peers: { home: 1 } })] }),
    )
    expect(result).toMatchObject({ stored: true, changed: true, forked: false })
    const got = readGot(await client.ask(2, { op: 'get', key: KEY }), 'view')
    expect(got.documents?.map(({ tree, signed }) => [print(decode(tree)), signed])).toEqual([
      ['{nick="bob" peers={home=1}}', false],
    ])
    const rows = readRows(await client.ask(3, { op: 'query', key: KEY, steps: [encode('peers'), 0] }))
    expect(rows.rows.map(({ node }) => print(decode(node)))).toEqual(['1'])
    expect(readExplained(await client.ask(4, { op: 'explain', item: own({ a: 1 }) })).result).toMatchObject({
      stored: true,
    })
    expect(readInformed(await client.ask(5, { op: 'info' })).can).toEqual(['query', 'watch', 'explain'])
    expect(readPong(await client.ask(6, { op: 'ping' }))).toBeGreaterThan(1_700_000_000_000)
    const same = readGot(await client.ask(7, { op: 'get', key: KEY, have: got.revision }), 'view')
    expect(same.documents).toBeUndefined()
    const updates = readGot(await client.ask(8, { op: 'get', key: KEY, as: 'updates' }), 'updates')
    expect(updates.updates).toEqual([])
    await client.end()
    await client.served
  })

  it('watches', async () => {
    const served = await machine()
    const client = connect({ machine: served })
    client.send(1, { op: 'watch', key: KEY, credit: 65_536 })
    expect(readPart((await client.next()) as never)).toMatchObject({ kind: 'snapshot', documents: [] })
    expect(readPart((await client.next()) as never)).toMatchObject({ kind: 'marker' })
    await served.updateUnsigned({ key: KEY, writer: PEER, body: from({ nick: 'bob' }), ttl: 60 })
    expect(readPart((await client.next()) as never)).toMatchObject({
      kind: 'changes',
      changes: [{ events: [{ cause: 'set' }] }],
    })
    client.send(1, { op: 'cancel' })
    const end = (await client.next()) as NonNullable<Awaited<ReturnType<typeof client.next>>>
    expect(readRefusal(end.code, end.rest[0]).code).toBe('E_CANCELLED')
    await client.end()
    await client.served
  })

  it('refuses one item of an update, and not the others', async () => {
    const client = connect({ machine: await machine() })
    const answer = await client.ask(1, { op: 'update', items: [own({ a: 1 }, 5), own({ b: 1 }, 0), own({ c: 1 }, 0)] })
    expect(readUpdated(answer)).toEqual([
      expect.objectContaining({ code: 'E_STALE', seq: 0 }),
      expect.objectContaining({ stored: true }),
      expect.objectContaining({ code: 'E_STALE' }),
    ])
  })

  it('ends the stream after an id that does not rise', async () => {
    const client = connect({ machine: await machine() })
    await client.ask(2, { op: 'ping' })
    client.send(2, { op: 'ping' })
    const notice = (await client.next()) as NonNullable<Awaited<ReturnType<typeof client.next>>>
    expect([notice.id, readRefusal(notice.code, notice.rest[0]).code]).toEqual([0, 'E_PROTO'])
    expect(await client.next()).toBeUndefined()
    await client.end()
    await expect(client.served).rejects.toMatchObject({ code: 'PROTOCOL_PROTO' })
  })

  it('sends nothing behind the notice that ends a stream', async () => {
    const client = connect({ machine: await machine() })
    await client.ask(1, { op: 'update', items: [own({ text: 'x'.repeat(60_000) })] })
    // two answers that are not read yet, so that the notice waits to be written
    client.send(2, { op: 'get', key: KEY })
    client.send(3, { op: 'get', key: KEY })
    await new Promise((resolve) => setTimeout(resolve, 50))
    const watch = frame(encodeRequest(4, { op: 'watch', key: KEY, credit: 4096 }))
    const ping = frame(encodeRequest(5, { op: 'ping' }))
    client.write(Buffer.concat([watch, ping, ping]))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const ids: number[] = []
    for (let message = await client.next(); message !== undefined; message = await client.next()) {
      ids.push(message.id)
    }
    expect(ids.indexOf(0)).toBe(ids.length - 1)
    await client.end()
    await expect(client.served).rejects.toMatchObject({ code: 'PROTOCOL_PROTO' })
  })

  it('tells which requests it will answer when it stops', async () => {
    const stopping = new AbortController()
    const client = connect({ machine: await machine(), signal: stopping.signal })
    await client.ask(7, { op: 'ping' })
    stopping.abort()
    const notice = (await client.next()) as NonNullable<Awaited<ReturnType<typeof client.next>>>
    expect([notice.id, readRefusal(notice.code, notice.rest[0]).code, readLast(notice)]).toEqual([0, 'E_SHUTDOWN', 7])
    expect(await client.next()).toBeUndefined()
    await client.end()
    await client.served
  })

  it('ends the stream after a frame that is too large', async () => {
    const client = connect({ machine: await machine() })
    client.write(frame(new Uint8Array(1024 * 1024 + 1)).subarray(0, 10))
    const notice = (await client.next()) as NonNullable<Awaited<ReturnType<typeof client.next>>>
    expect(readRefusal(notice.code, notice.rest[0])).toMatchObject({
      code: 'E_TOO_LARGE',
      limit: 'frame',
      max: 1024 * 1024,
    })
    await client.end()
    await expect(client.served).rejects.toMatchObject({ code: 'PROTOCOL_TOO_LARGE' })
  })
})
