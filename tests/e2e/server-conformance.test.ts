import { createServer, connect as connectSocket, type Socket } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { describe, expect, test } from '@jest/globals'
import { type ByteDuplex, duplexPair, serveContext } from '@sr/protocol'
import { serverCases, type ServerSetup, type TestServer } from '@sr/protocol/conformance'
import { streamDuplex } from '@sr/protocol/libp2p'
import { RECORD_PROTOCOL } from '@sr/protocol/messages'
import { recordServerProtocol } from '@sr/protocol-server/session'
import { createUpdateCodec } from '@sr/update'
import { createMachine } from '@sr/vm'
import { decode } from '@sr/xr/dag-cbor'
import { createLibp2p } from 'libp2p'

const SELF = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
const PEER = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'
const updates = createUpdateCodec({ network: 'main' })
// another writer than the peer of the streams
const author = createUpdateCodec({ network: 'main', privateKey: await generateKeyPair('Ed25519') })

/** Opens a stream: one end for the server, the other for the case. */
type Link = (
  serve: (duplex: ByteDuplex) => void,
) => Promise<{ open: () => Promise<ByteDuplex>; close: () => void | Promise<void> }>

const inMemory: Link = async (serve) => ({
  open: async () => {
    const [ours, theirs] = duplexPair()
    serve(theirs)
    return ours
  },
  close: () => {},
})

/** A socket as a duplex: the session needs no libp2p. */
function socketDuplex(socket: Socket): ByteDuplex {
  socket.setNoDelay(true)
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  socket.on('error', () => {})
  return {
    get open() {
      return socket.writable && !socket.readableEnded
    },
    read: async () => {
      const { value, done } = await chunks.next()
      return done === true ? undefined : new Uint8Array(value)
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (err) => {
          if (err) reject(err)
          else resolve()
        })
      }),
    close: () =>
      new Promise((resolve) => {
        socket.end(resolve)
      }),
    abort: () => {
      socket.resetAndDestroy()
    },
  }
}

const overTcp: Link = async (serve) => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    serve(socketDuplex(socket))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as { port: number }
  const sockets: Socket[] = []
  return {
    open: async () => {
      const socket = connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true })
      sockets.push(socket)
      await new Promise((resolve) => socket.once('connect', resolve))
      return socketDuplex(socket)
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Streams of libp2p, over one connection. */
const overLibp2p =
  (kind: 'tcp' | 'ws'): Link =>
  async (serve) => {
    const stack = () => ({
      transports: [tcp(), webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
    })
    const listen = kind === 'tcp' ? '/ip4/127.0.0.1/tcp/0' : '/ip4/127.0.0.1/tcp/0/ws'
    const server = await createLibp2p({ ...stack(), addresses: { listen: [listen] } })
    await server.handle(RECORD_PROTOCOL, (stream) => {
      serve(streamDuplex(stream))
    })
    const client = await createLibp2p(stack())
    return {
      open: async () => streamDuplex(await client.dialProtocol(server.getMultiaddrs(), RECORD_PROTOCOL)),
      close: async () => {
        await client.stop()
        await server.stop()
      },
    }
  }

function setupOver(link: Link): ServerSetup {
  return {
    supports: ['query', 'watch', 'explain', 'signing', 'timeouts'],
    async start({ frameMs, idleMs } = {}): Promise<TestServer> {
      const machine = createMachine({ self: SELF, updates })
      await machine.start()
      const stopping = new AbortController()
      const timeouts = {
        ...(frameMs === undefined ? {} : { frame: frameMs }),
        ...(idleMs === undefined ? {} : { idle: idleMs }),
      }
      const protocol = recordServerProtocol({ timeouts })
      const served: Promise<void>[] = []
      const { open, close } = await link((duplex) => {
        const context = serveContext({ machine, peer: PEER, signal: stopping.signal })
        served.push(protocol.serve(duplex, context).catch(() => {}))
      })
      return {
        connect: open,
        stop: () => {
          stopping.abort()
        },
        close: async () => {
          await close()
          await Promise.all(served)
          await machine.close()
        },
      }
    },
    async sign({ key, body, ttl }) {
      const now = Date.now()
      const expires = now + ttl * 1000
      const node = decode(body)
      return (
        await (author.sign as NonNullable<typeof author.sign>)({
          key,
          seq: now * 1000,
          expires,
          retain: expires,
          body: node,
        })
      ).bytes
    },
  }
}

describe.each([
  ['in memory', setupOver(inMemory)],
  ['over a TCP socket', setupOver(overTcp)],
  ['over libp2p and TCP', setupOver(overLibp2p('tcp'))],
  ['over libp2p and WebSocket', setupOver(overLibp2p('ws'))],
] as const)('the server session %s', (_, setup) => {
  test.each(serverCases.map((one) => [one.name, one] as const))('%s', async (__, one) => {
    await expect(one.run(setup)).resolves.toBeUndefined()
  })
})
