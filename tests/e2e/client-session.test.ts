import { createServer, connect as connectTcp, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  type ByteDuplex,
  type ClientSession,
  duplexPair,
  ProtocolError,
  serveContext,
  type WatchPart,
} from '@sr/protocol'
import { LocalSession } from '@sr/protocol-client/local'
import { recordClientProtocol, WatchedRecord } from '@sr/protocol-client/session'
import { recordServerProtocol } from '@sr/protocol-server/session'
import type { LocalMachine, MachineInit } from '@sr/vm'
import { from, key, type Node, print } from '@sr/xr'
import { parse } from '@sr/xr/text'
import { parseSelector } from '@sr/xr/selector'
import { PEER, startMachine } from './record-client.ts'

interface Host {
  machine: LocalMachine
  session: ClientSession
  /** resets the streams that are open */
  cut(): void
  stop(): Promise<void>
}

const hosts: Host[] = []

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((one) => one.stop()))
})

/** A machine, served in memory to one client. */
async function host(init: Partial<MachineInit> = {}): Promise<Host> {
  const machine = await startMachine(init)
  const open: ByteDuplex[] = []
  const session = recordClientProtocol({ jitterMs: 0 }).connect(async () => {
    const [ours, theirs] = duplexPair()
    open.push(theirs)
    recordServerProtocol()
      .serve(theirs, serveContext({ machine, peer: PEER }))
      .catch(() => {})
    return ours
  })
  const one = {
    machine,
    session,
    cut: () => {
      for (const duplex of open.splice(0)) duplex.abort(new ProtocolError('PROTOCOL_RESET', 'cut'))
    },
    stop: async () => {
      session.close()
      await machine.close()
    },
  }
  hosts.push(one)
  return one
}

/** The node's own machine through the same interface. */
async function local(): Promise<Host> {
  const machine = await startMachine()
  const session = new LocalSession(machine)
  const one = { machine, session, cut: () => {}, stop: async () => await machine.close() }
  hosts.push(one)
  return one
}

const shown = (documents: ReadonlyMap<string, { document: Node }>): string[] =>
  Array.from(documents.values(), ({ document }) => print(document))

describe.each([
  ['a session over a stream', host],
  ['a session of a machine of this process', local],
])('%s', (_name, start) => {
  it('writes, reads, queries, explains and tells about the server', async () => {
    const { session, machine } = await start()
    const receipt = await session.update('lobby', { nick: 'bob', peers: { home: 1, sea: 2 } }, { ttl: 60 })
    expect(receipt).toMatchObject({ stored: true, changed: true, forked: false })
    const record = await session.get('lobby')
    const documents = [...record.documents.values()]
    expect(documents.map(({ document }) => key(document))).toEqual([
      key(from({ nick: 'bob', peers: { home: 1, sea: 2 } })),
    ])
    expect(documents[0]).toMatchObject({ forked: false, seq: receipt.seq, ends: receipt.expires })
    expect(shown((await session.getAt('lobby', ['peers', 'sea'])).documents)).toEqual(['2'])
    const { revision: have } = record
    const again = await session.get('lobby', have === undefined ? {} : { have })
    expect([again.unchanged, again.documents.size]).toEqual([true, 0])
    // a machine signs what is written on itself
    expect((await session.getUpdates('lobby')).updates).toHaveLength(documents[0]?.signed === true ? 1 : 0)
    const rows: string[] = []
    for await (const { node } of session.query('lobby', parseSelector('peers/*'))) rows.push(print(node))
    expect(rows.sort()).toEqual(['1', '2'])
    expect((await session.explain({ key: 'lobby', body: { x: 1 }, ttl: 60 })).result).toMatchObject({ stored: true })
    expect(await session.info()).toMatchObject({ peer: machine.self, can: ['query', 'watch', 'explain'] })
    expect(await session.ping()).toBeGreaterThan(1_700_000_000_000)
  })

  it('reads all pages of a large record', async () => {
    const { session } = await start()
    const names = Array.from({ length: 400 }, (_, i) => `name${i}`)
    for (const part of ['a', 'b', 'c']) {
      await session.update(
        'large',
        { [part]: Object.fromEntries(names.map((name) => [name, 'x'.repeat(500)])) },
        { ttl: 60 },
      )
    }
    const [document] = [...(await session.get('large')).documents.values()]
    expect([...(document?.document ?? [])].map(([, inner]) => (inner as { size: number } & Node).size)).toEqual([
      400, 400, 400,
    ])
    let rows = 0
    for await (const row of session.query('large', parseSelector('*/*'))) rows += row.node === 'x'.repeat(500) ? 1 : 0
    expect(rows).toBe(1200)
  })

  it.each<[string, (session: ClientSession) => Promise<unknown>, string]>([
    ['an empty key', (session) => session.get(''), 'PROTOCOL_KEY'],
    ['a stale ifSeq', (session) => session.update('k', { x: 1 }, { ttl: 60, ifSeq: 5 }), 'E_STALE'],
    ['a life too long', (session) => session.update('k', { x: 1 }, { ttl: 2_000_000 }), 'E_TTL'],
    [
      'what is no update',
      async (session) => raise((await session.submit([{ signed: Uint8Array.of(1, 2) }]))[0]),
      'E_SIG',
    ],
  ])('refuses %s with the same code', async (_what, call, code) => {
    const { session } = await start()
    await expect(call(session)).rejects.toMatchObject({ name: 'ProtocolError', code })
  })

  it('watches: the folded state is that of the record', async () => {
    const { session, machine } = await start()
    await session.update('k', { peers: ['ann', 'bob'], at: 'home' }, { ttl: 60 })
    const watch = session.watch('k')
    const record = new WatchedRecord()
    const until = async (done: () => boolean): Promise<void> => {
      while (!done()) record.apply((await watch.next()).value as WatchPart)
    }
    await until(() => record.revision !== undefined)
    await session.update('k', parse('{peers=[$remove("ann") "eve"] at=$remove()}'), { ttl: 60 })
    const { revision } = await session.get('k')
    await until(() => record.revision?.counter === revision?.counter)
    const found = [...record.documents.values()].map(({ node }) => key(node))
    expect(found).toEqual([key(from({ peers: ['bob', 'eve'] }))])
    expect(machine.running).toBe(true)
    await watch.return?.()
    expect((await watch.next()).done).toBe(true)
  })
})

function raise(result: unknown): unknown {
  if (result instanceof ProtocolError) throw result
  return result
}

describe('a session over a stream', () => {
  it('has many requests under way, in the order sent for each key', async () => {
    const { session } = await host()
    const calls = Array.from({ length: 1000 }, async (_, i) =>
      i % 2 === 0
        ? (await session.update('k', { i }, { ttl: 60 })).changed
        : shown((await session.get('k')).documents)[0],
    )
    const results = await Promise.all(calls)
    expect(results).toEqual(Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? true : `{i=${i - 1}}`)))
  })

  it('goes on after streams were cut: reads are repeated, a watch tells every change', async () => {
    const { session, cut } = await host()
    const watch = session.watch('k')
    const record = new WatchedRecord()
    record.apply((await watch.next()).value as WatchPart)
    for (let i = 0; i < 5; i++) {
      await session.update('k', { i }, { ttl: 60 })
      const get = session.get('k')
      cut()
      expect(shown((await get).documents)).toEqual([`{i=${i}}`])
    }
    const kinds = new Set<string>()
    while ([...record.documents.values()].every(({ node }) => print(node) !== '{i=4}')) {
      const { value } = await watch.next()
      kinds.add((value as WatchPart).kind)
      record.apply(value as WatchPart)
    }
    expect(kinds.has('reset')).toBe(false)
    await watch.return?.()
  })

  it('begins a watch again with a reset when the server was started again', async () => {
    const [first, second] = [await startMachine(), await startMachine()]
    let machine = first
    let served: ByteDuplex | undefined
    const session = recordClientProtocol({ jitterMs: 0 }).connect(async () => {
      const [ours, theirs] = duplexPair()
      served = theirs
      recordServerProtocol()
        .serve(theirs, serveContext({ machine, peer: PEER }))
        .catch(() => {})
      return ours
    })
    await session.update('k', { run: 1 }, { ttl: 60 })
    const watch = session.watch('k')
    const kinds = [(await watch.next()).value?.kind, (await watch.next()).value?.kind]
    machine = second
    served?.abort(new ProtocolError('PROTOCOL_RESET', 'restart'))
    await session.update('k', { run: 2 }, { ttl: 60 })
    for (let left = 3; left > 0; left--) kinds.push((await watch.next()).value?.kind)
    expect(kinds).toEqual(['snapshot', 'marker', 'reset', 'snapshot', 'marker'])
    session.close()
    await Promise.all([first.close(), second.close()])
  })

  it('tells every state, or a gap before it, to an application that is slow', async () => {
    const { session } = await host()
    const watch = session.watch('k', { creditBytes: 2000 })
    const record = new WatchedRecord()
    record.apply((await watch.next()).value as WatchPart)
    const writing = (async () => {
      for (let i = 0; i < 200; i++) await session.update('k', { i, text: 'x'.repeat(4000) }, { ttl: 60 })
    })()
    let gaps = 0
    await writing
    for (;;) {
      const { value } = await watch.next()
      gaps += value?.kind === 'gap' ? 1 : 0
      record.apply(value as WatchPart)
      const [document] = [...record.documents.values()]
      if (document !== undefined && print(document.node).startsWith('{i=199 ')) break
    }
    expect(gaps).toBeGreaterThan(0)
    await watch.return?.()
  })

  it('runs over a plain TCP socket, without libp2p', async () => {
    const machine = await startMachine()
    const server = createServer((socket) => {
      recordServerProtocol()
        .serve(socketDuplex(socket), serveContext({ machine, peer: PEER }))
        .catch(() => {})
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const session = recordClientProtocol().connect(async () => socketDuplex(connectTcp(port, '127.0.0.1')))
    await session.update('k', { over: 'tcp' }, { ttl: 60 })
    expect(shown((await session.get('k')).documents)).toEqual(['{over="tcp"}'])
    session.close()
    await new Promise((resolve) => server.close(resolve))
    await machine.close()
  })
})

/** A socket of Node as a duplex of bytes. */
function socketDuplex(socket: Socket): ByteDuplex {
  const chunks = socket.iterator({ destroyOnReturn: false })
  socket.on('error', () => {})
  return {
    get open() {
      return socket.writable && !socket.readableEnded
    },
    read: async () => (await chunks.next()).value as Uint8Array | undefined,
    write: async (bytes) =>
      await new Promise((resolve, reject) => {
        socket.write(bytes, (err) => (err ? reject(err) : resolve()))
      }),
    close: async () => await new Promise((resolve) => socket.end(() => resolve())),
    abort: () => socket.destroy(),
  }
}
