import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createLibp2p } from 'libp2p'
import type { Prober } from '@sr/grammar-base'
import { createLibp2pProber } from '../src/prober.ts'

type Node = Awaited<ReturnType<typeof createLibp2p>>

async function start(listen: boolean): Promise<Node> {
  return await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1000 },
    ...(listen ? { addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } } : {}),
  })
}

const MIN_MS = 40

let dialer: Node
let host: Node
let target: Node
let other: Node
let prober: Prober
let silent: Server
let silentPort: number
const sockets = new Set<Socket>()

const dial = { signal: AbortSignal.timeout(20_000), reuse: false, timeoutMs: 4000 }
const addressOf = (node: Node): string => String(node.getMultiaddrs()[0])
const peerAt = (place: string, node: Node): string => `${place}/p2p/${String(node.peerId)}`
const placeOf = (node: Node): string => addressOf(node).replace(/\/p2p\/.*/, '')

beforeAll(async () => {
  ;[dialer, host, target, other] = await Promise.all([start(false), start(true), start(true), start(true)])
  prober = createLibp2pProber({ dialer, host, minMs: MIN_MS })
  silent = createServer((socket) => {
    sockets.add(socket)
  }) // and says nothing
  await new Promise<void>((resolve) => {
    silent.listen(0, '0.0.0.0', resolve)
  })
  silentPort = (silent.address() as AddressInfo).port
})

afterAll(async () => {
  await Promise.all([dialer.stop(), host.stop(), target.stop(), other.stop()])
  sockets.forEach((socket) => {
    socket.destroy()
  })
  await new Promise((resolve) => {
    silent.close(resolve)
  })
})

describe('a probe', () => {
  it('finds the peer that is there, closes the connection, and remembers nothing', async () => {
    expect(await prober.probe(addressOf(target), dial)).toBe(true)
    expect(dialer.getConnections()).toEqual([])
    expect(await dialer.peerStore.all()).toEqual([])
  })

  it('does not find one where no peer listens, or where another peer is', async () => {
    expect(await prober.probe(peerAt('/ip4/127.0.0.1/tcp/1', target), dial)).toBe(false)
    expect(await prober.probe(peerAt(placeOf(other), target), dial)).toBe(false)
    expect(dialer.getConnections()).toEqual([])
    expect(await dialer.peerStore.all()).toEqual([])
  })

  it('dials, whatever connections there are', async () => {
    await dialer.dial(multiaddr(addressOf(target)))
    expect(await prober.probe(peerAt('/ip4/127.0.0.1/tcp/1', target), dial)).toBe(false)
    await Promise.all(dialer.getConnections().map((connection) => connection.close()))
  })

  it('answers for each address of a peer by itself, also at the same time', async () => {
    const good = addressOf(target)
    const bad = peerAt('/ip4/127.0.0.1/tcp/1', target)
    expect(await Promise.all([bad, good, bad, good].map((address) => prober.probe(address, dial)))).toEqual([
      false,
      true,
      false,
      true,
    ])
  })

  it('takes as long whatever it finds, as far as that is short', async () => {
    for (const address of [addressOf(target), peerAt('/ip4/127.0.0.1/tcp/1', target)]) {
      const order: string[] = []
      setTimeout(() => {
        order.push('time')
      }, MIN_MS / 2)
      await prober.probe(address, dial)
      order.push('answer')
      expect(order).toEqual(['time', 'answer'])
    }
  })

  it('is given up with its signal', async () => {
    const signal = AbortSignal.timeout(60)
    const address = peerAt(`/ip4/127.0.0.1/tcp/${silentPort}`, target)
    await expect(prober.probe(address, { ...dial, signal })).rejects.toMatchObject({ name: 'TimeoutError' })
    await expect(prober.probe(address, { ...dial, signal })).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await prober.probe(addressOf(target), dial)).toBe(true) // the next one is not held up
  })

  it('has no answer where nothing can be tried', async () => {
    await expect(prober.probe(peerAt('/ip4/127.0.0.1/udp/1/quic-v1', target), dial)).rejects.toMatchObject({
      name: 'NoValidAddressesError',
    })
    await expect(prober.probe(placeOf(target), dial)).rejects.toBeInstanceOf(TypeError)
    const stopped = await start(false)
    await stopped.stop()
    await expect(createLibp2pProber({ dialer: stopped }).probe(addressOf(target), dial)).rejects.toThrow(
      'the dialer is not running',
    )
  })

  it('counts silence from the start of each dial, whatever other addresses of the peer do', async () => {
    const order: string[] = []
    const silentProbes = Array.from({ length: 16 }, async (_, i) => {
      const mute = peerAt(`/ip4/127.0.0.${i + 1}/tcp/${silentPort}`, target)
      const reached = await prober.probe(mute, { ...dial, timeoutMs: 400 })
      order.push('silent')
      return reached
    })
    const good = prober.probe(addressOf(target), { ...dial, timeoutMs: 300 }).then((reached) => {
      order.push('good')
      return reached
    })
    expect(await good).toBe(true)
    expect(order).toEqual(['good'])
    expect(new Set(await Promise.all(silentProbes))).toEqual(new Set([false]))
  })

  it('does not count time in a queue of the dialer', async () => {
    const single = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: { maxParallelDials: 1 },
    })
    const queued = createLibp2pProber({ dialer: single, minMs: 1 })
    const mute = peerAt(`/ip4/127.0.0.1/tcp/${silentPort}`, other)
    const answers = [mute, addressOf(target)].map((address) => queued.probe(address, { ...dial, timeoutMs: 300 }))
    expect(await Promise.all(answers)).toEqual([false, true])
    await single.stop()
  })

  const named = (name: string, more: object = {}): Error => Object.assign(new Error(name), { name, ...more })
  const coded = (code: string): Error => Object.assign(new Error(code), { code })
  it.each<[string, unknown, boolean | undefined]>([
    ['a refusal', coded('ECONNREFUSED'), false],
    ['a reset', coded('ECONNRESET'), false],
    ['the silence of the system', coded('ETIMEDOUT'), false],
    ['a refusal in another error', named('TransportError', { cause: coded('ECONNREFUSED') }), false],
    ['another peer', named('UnexpectedPeerError'), false],
    ['no handshake', named('EncryptionFailedError'), false],
    ['no route', coded('ENETUNREACH'), undefined],
    ['no route to the host', coded('EHOSTUNREACH'), undefined],
    ['no local address', coded('EADDRNOTAVAIL'), undefined],
    ['no file descriptors', coded('EMFILE'), undefined],
    ['a full queue', named('DialError'), undefined],
    ['a denied dial', named('DialDeniedError'), undefined],
    ['no transport', named('NoValidAddressesError'), undefined],
    ['an unknown error', new Error('?'), undefined],
    ['a refusal and a failure', new AggregateError([coded('ECONNREFUSED'), coded('EMFILE')]), undefined],
    ['no error at all', undefined, undefined],
  ])('draws a verdict only from what the other side did: %s', async (_name, error, verdict) => {
    const failing = {
      status: 'started' as const,
      dial: async () => await Promise.reject(error),
      peerStore: { all: async () => [], delete: async () => {} },
    }
    const probe = createLibp2pProber({ dialer: failing as never, minMs: 0 }).probe(addressOf(target), dial)
    await expect(probe.catch(() => undefined)).resolves.toBe(verdict)
  })

  it('has no verdict when this process stood still for the time of the dial', async () => {
    const stall = (ms: number): void => {
      for (const end = performance.now() + ms; performance.now() < end;);
    }
    const probe = createLibp2pProber({
      minMs: 0,
      dialer: {
        status: 'started',
        peerStore: dialer.peerStore,
        dial: async (address, options) => {
          const dialled = dialer.dial(address, options)
          setTimeout(stall, 0, 900)
          return await dialled
        },
      },
    })
    const mute = peerAt(`/ip4/127.0.0.1/tcp/${silentPort}`, target)
    await expect(probe.probe(mute, { ...dial, timeoutMs: 100 })).rejects.toBeDefined()
    expect(await prober.probe(mute, { ...dial, timeoutMs: 100 })).toBe(false)
  })

  it('with reuse only looks at the connections of the serving node', async () => {
    const absent = peerAt('/ip4/127.0.0.1/tcp/1', target)
    expect(await prober.probe(absent, { ...dial, reuse: true })).toBe(false)
    const connection = await host.dial(multiaddr(addressOf(target)))
    expect(await prober.probe(absent, { ...dial, reuse: true })).toBe(true)
    expect(await createLibp2pProber({ dialer }).probe(absent, { ...dial, reuse: true })).toBe(false)
    await connection.close()
    const stranger = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    expect(await prober.probe(`/ip4/127.0.0.1/tcp/1/p2p/${String(stranger)}`, { ...dial, reuse: true })).toBe(false)
  })
})
