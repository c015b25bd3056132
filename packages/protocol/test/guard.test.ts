import { runInNewContext } from 'node:vm'
import { describe, expect, it } from '@jest/globals'
import type { MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import { FairScheduler } from '../src/index.ts'
import { guardTransport } from '../src/libp2p-guard.ts'

/** Bytes made by another realm, where Uint8Array is another function. */
const foreign = (bytes: readonly number[]): Uint8Array =>
  runInNewContext('Uint8Array.from(bytes)', { bytes }) as Uint8Array

/** An inbound connection behind the guard: hands it bytes, and tells what came through and what ended it. */
async function guarded(): Promise<{
  receive(data: Uint8Array | Uint8Array[]): Promise<void>
  got: number[]
  ends: unknown[]
}> {
  const got: number[] = []
  const ends: unknown[] = []
  const connection = {
    status: 'open',
    onData: (data: Uint8Array) => {
      got.push(...data)
    },
    onTransportClosed: () => {},
    abort: (err: unknown) => {
      ends.push(err)
    },
  }
  let upgrader: Upgrader | undefined
  const transport = {
    dial: async () => {},
    createListener: (options: { upgrader: Upgrader }) => {
      upgrader = options.upgrader
      return {}
    },
  }
  const components = {
    registrar: { getProtocols: () => [] },
    upgrader: { getConnectionEncrypters: () => new Map([['/noise', {}]]), getStreamMuxers: () => new Map() },
  }
  const create = guardTransport<object>(() => transport as unknown as Transport, {
    turns: new FairScheduler(),
    maxMessageBytes: 1024,
  })
  create(components).createListener({ upgrader: { upgradeInbound: async () => {} } as unknown as Upgrader })
  await upgrader?.upgradeInbound(connection as unknown as MultiaddrConnection, {} as never)
  return {
    got,
    ends,
    receive: async (data) => {
      ;(connection.onData as (data: unknown) => void)(data)
      await new Promise((resolve) => setTimeout(resolve, 5))
    },
  }
}

const HEADER = [...Buffer.from('\x13/multistream/1.0.0\n')]

describe.each([
  ['this realm', (bytes: readonly number[]) => Uint8Array.from(bytes)],
  ['another realm', foreign],
  ['this realm, in pieces', (bytes: readonly number[]) => bytes.map((byte) => Uint8Array.of(byte))],
])('bytes of %s', (_, make) => {
  it('reach the connection', async () => {
    const { receive, got, ends } = await guarded()
    await receive(make(HEADER))
    expect([got, ends]).toEqual([HEADER, []])
  })

  it('end it when they are no negotiation', async () => {
    const { receive, got, ends } = await guarded()
    await receive(make(new Array<number>(32).fill(0x80)))
    // bytes that came alone were passed on while they could begin a length
    expect(got.length).toBeLessThan(32)
    expect(ends[0]).toMatchObject({ name: 'ProtocolError' })
  })
})
