import { describe, expect, it } from '@jest/globals'
import type { Stream } from '@libp2p/interface'
import { streamPair } from '@libp2p/utils'
import * as grammarBase from '@sr/grammar-base'
import * as connectivityTag from '@sr/grammar-base/connectivity'
import * as dialableTag from '@sr/grammar-base/dialable'
import * as protocol from '@sr/protocol'
import * as libp2pParts from '@sr/protocol/libp2p'
import * as go from '@sr/protocol-go'
import * as goClient from '@sr/protocol-go/client'
import * as goServer from '@sr/protocol-go/server'
import { encodeRequest, readInformed, readServerMessage } from '@sr/protocol/messages'
import * as protocolServer from '@sr/protocol-server'
import * as runtime from '@sr/runtime'
import { Dict, List, type Node, Predicate, print } from '@sr/xr'
import { ANN, SELF, startMachine } from './go/raw-peer.ts'

/** Writes to all that is writable in a value: arrays of bytes, objects, lists, Maps. Functions and signals are ports. */
function scribble(value: unknown): void {
  if (value instanceof Uint8Array) {
    value.fill(0xa5)
  } else if (value instanceof Map) {
    value.clear()
  } else if (value instanceof Dict || value instanceof List || value instanceof Predicate) {
    leaves(value).forEach(scribble)
  } else if (typeof value === 'object' && value !== null && !(value instanceof AbortSignal)) {
    for (const [name, part] of Object.entries(value)) {
      scribble(part)
      Reflect.set(value, name, undefined)
      Reflect.deleteProperty(value, name)
    }
    Reflect.set(value, 'scribbled', true)
  }
}

function leaves(node: Node): Node[] {
  if (node instanceof Dict) {
    return [...node].flatMap(([name, value]) => [name, value].flatMap(leaves))
  }
  if (node instanceof List) {
    return [...node].flatMap(leaves)
  }
  return node instanceof Predicate ? [...node.positional, ...node.named.values()].flatMap(leaves) : [node]
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const document = (): Dict => Dict.from([['b', Uint8Array.of(1, 2)]])
const reason = (work: () => unknown): string => {
  try {
    work()
    return 'accepted'
  } catch (err) {
    return String(err)
  }
}
const ADDRESS = `/ip4/1.2.3.4/tcp/4001/p2p/${ANN}`
const machinePort = () => ({ self: SELF, limits: { maxTtl: 60 }, get: async () => ({ documents: new Map() }) }) as never

/** Makes arguments, calls with them, hands them to `after` as soon as the call has returned, and tells what came of it. */
type Call = (after: (...given: unknown[]) => void) => Promise<unknown>

const RUNTIME: Readonly<Record<string, Call>> = {
  after: async (after) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const options = { keepAlive: true }
    runtime.after(
      1,
      () => {
        resolve('ran')
      },
      options,
    )
    after(options)
    return await promise
  },
  number: async (after) => checkAfter(after, { min: 1, max: 2, integer: true }, runtime.number, [1, 3]),
  text: async (after) => checkAfter(after, { min: 1, max: 2 }, runtime.text, ['a', 'abc']),
  listOf: async (after) => checkAfter(after, { min: 1 }, (own) => runtime.listOf(runtime.bool, own), [[true], []]),
  port: async (after) => checkAfter(after, { read: runtime.func }, runtime.port, [{ read: () => {} }, {}, 5]),
  shape: async (after) =>
    checkAfter(after, { a: runtime.optional(runtime.bool) }, runtime.shape<{ a?: boolean }>, [
      { a: true },
      { a: 1 },
      { b: 1 },
    ]),
  partial: async (after) => checkAfter(after, { a: runtime.bool }, runtime.partial, [{}, { a: 1 }, { b: 1 }]),
  oneOf: async (after) => checkAfter(after, ['a', 'b'], (own) => runtime.oneOf(...own), ['a', 'c']),
  checkConfig: async (after) => {
    const [init, checks] = [{ a: 5 }, { a: runtime.optional(runtime.bool) }]
    const err = reason(() => {
      runtime.checkConfig<{ a?: boolean }>('f', init, checks)
    })
    after(init, checks)
    return err
  },
  ConfigError: async (after) => {
    const detail = { of: 'f', field: 'a', expected: 'b', got: 5, max: 4 }
    const err = new runtime.ConfigError('CONFIG_RANGE', detail)
    after(detail)
    return [err.message, err.of, err.field, err.expected, err.got, err.max]
  },
}

function checkAfter<T>(
  after: (...given: unknown[]) => void,
  given: T,
  make: (given: T) => runtime.Check,
  values: unknown[],
): unknown {
  const check = make(given)
  after(given)
  return values.map((value) => {
    const problem = check(value)
    return problem === undefined ? 'accepted' : [problem.code, problem.field, problem.expected]
  })
}

const PROTOCOL: Readonly<Record<string, Call>> = {
  frame: async (after) => {
    const bytes = Uint8Array.of(1, 2)
    const framed = protocol.frame(bytes)
    after(bytes)
    return hex(framed)
  },
  duplexPair: async (after) => {
    const [ours, theirs] = protocol.duplexPair()
    const [bytes, options] = [Uint8Array.of(1, 2), {}]
    const written = ours.write(bytes, options)
    after(bytes, options)
    await written
    return hex((await theirs.read()) ?? new Uint8Array())
  },
  ProtocolError: async (after) => {
    const detail = { path: ['a', 1n], limit: 'l', max: 1, got: 2, applied: 'unknown' as const }
    const err = new protocol.ProtocolError('PROTOCOL_DOC', 'x', detail)
    after(detail)
    return [err.path, err.limit, err.max, err.got, err.applied]
  },
  FairScheduler: async (after) => {
    const order: string[] = []
    const init = { batchMs: 5, now: () => 0, afterMicrotasks: queueMicrotask, afterIo: setImmediate }
    const turns = new protocol.FairScheduler(init)
    after(init)
    await Promise.all(
      ['a', 'b'].map(async (peer) => {
        await turns.turn(peer, {})
        order.push(peer)
      }),
    )
    return order
  },
  serveContext: async (after) => {
    const counts: string[] = []
    const init = {
      machine: machinePort(),
      peer: ANN,
      observedAddr: ADDRESS,
      count: (name: string) => counts.push(name),
    }
    const { machine } = init
    const context = protocol.serveContext(init)
    after({ ...init, machine: undefined }, Object.assign(init, { machine: undefined }))
    context.account.count('x')
    context.account.hold(5)
    await context.scheduler.turn()
    return [context.peer, context.observedAddr, context.machine === machine, counts]
  },
  smartRecordLibp2pDefaults: async (after) => {
    const factory = () => ({}) as never
    const stack = { transports: [factory], connectionEncrypters: [factory], yamux: () => factory }
    const options = libp2pParts.smartRecordLibp2pDefaults(stack)
    after(stack)
    return [options.transports.length, options.connectionEncrypters.length, options.streamMuxers.length]
  },
  streamDuplex: async (after) => {
    const [ours, theirs] = await streamPair()
    const held: number[] = []
    const options = {
      onBuffered: (bytes: number) => {
        held.push(bytes)
      },
    }
    const duplex = libp2pParts.streamDuplex(theirs as Stream, options)
    after(options)
    ours.send(Uint8Array.of(1, 2))
    const read = hex((await duplex.read()) ?? new Uint8Array())
    duplex.abort(new Error('enough'))
    return [read, held.length > 0]
  },
}

const GO: Readonly<Record<string, Call>> = {
  'goDocument.encode': async (after) => {
    const node = document()
    const bytes = go.goDocument.encode(node)
    after(node)
    return hex(bytes)
  },
  'goDocument.decode': async (after) => {
    const [bytes, limits] = [go.goDocument.encode(document()), { nodes: 100 }]
    const node = go.goDocument.decode(bytes, limits)
    after(bytes, limits)
    return print(node)
  },
  'goMessage.encode': async (after) => {
    const message = { type: 'get' as const, key: Uint8Array.of(1), value: Uint8Array.of(2) }
    const bytes = go.goMessage.encode(message)
    after(message)
    return hex(bytes)
  },
  'goMessage.encodeHead': async (after) => {
    const key = Uint8Array.of(1)
    const bytes = go.goMessage.encodeHead('get', key)
    after(key)
    return hex(bytes)
  },
  'goRecordValue.encode': async (after) => {
    const record = new Map([[ANN, document()]])
    const bytes = go.goRecordValue.encode(record)
    after(record)
    return hex(bytes)
  },
  'goRecordValue.decode': async (after) => {
    const [bytes, limits] = [go.goRecordValue.encode(new Map([[ANN, document()]])), { nodes: 100 }]
    const record = go.goRecordValue.decode(bytes, limits)
    after(bytes, limits)
    return Array.from(record, ([writer, shown]) => [writer, print(shown)])
  },
  GoRecordWriter: async (after) => {
    const options = { max: 1000, head: Uint8Array.of(1, 2) }
    const writer = new go.GoRecordWriter(options)
    after(options)
    const node = document()
    writer.add(ANN, node)
    after(node)
    return hex(writer.takeFrame())
  },
  toLegacyView: async (after) => {
    const verdicts = new Map([['dialable', new Set(['dialed'])]])
    const [record, init] = [new Map([[ANN, { document: Dict.from([['x', 1n]]) }]]), { self: SELF, verdicts }]
    const view = goServer.toLegacyView(record, init)
    after(record, init)
    return Array.from(view, ([writer, shown]) => [writer, print(shown)])
  },
  // a client and a server, with every argument of both
  session: async (after) => {
    const machine = await startMachine()
    const serverInit = { verdicts: grammarBase.reachabilityVerdicts, timeouts: { idle: 1000, handler: 1000 } }
    const served = goServer.goServerProtocol(serverInit)
    after({ ...serverInit, verdicts: undefined }, Object.assign(serverInit, { verdicts: undefined }))
    const clientInit = { timeoutMs: 2000, waitMs: 2000, idleMs: 2000 }
    const client = goClient.goClientProtocol(clientInit)
    after(clientInit)
    const [ours, theirs] = protocol.duplexPair()
    const serving = served.serve(theirs, protocol.serveContext({ machine, peer: ANN }))
    const session = client.connect(async () => ours)
    const calls = [1, 2, 3].map(async (n) => {
      const [key, body, options] = [Uint8Array.of(n), Dict.from([['b', Uint8Array.of(n, n)]]), { ttl: 60 }]
      const call = session.update(key, body, options)
      after(key, body, options)
      await call
    })
    // a limit that the documents exceed, so that losing it shows
    const unreadable: string[] = []
    const reads = [1, 2, 3].map(async (n) => {
      const limits = n === 2 ? { nodes: 1 } : { nodes: 100 }
      const [key, options] = [Uint8Array.of(n), { limits, onUnreadable: (writer: string) => unreadable.push(writer) }]
      const call = session.get(key, options)
      after(key, options)
      return Array.from((await call).documents, ([writer, { document }]) => [writer, print(document)])
    })
    await Promise.all(calls)
    const shown = await Promise.all(reads)
    session.close()
    await serving
    await machine.close()
    return { shown, unreadable }
  },
}

const SERVER: Readonly<Record<string, Call>> = {
  recordServerProtocol: async (after) => {
    const init = { network: 'one', timeouts: { idle: 1000 }, inFlight: 5 }
    const served = protocolServer.recordServerProtocol(init)
    after(init.timeouts, init)
    const [ours, theirs] = protocol.duplexPair()
    const serving = served.serve(theirs, protocol.serveContext({ machine: machinePort(), peer: ANN }))
    await ours.write(protocol.frame(encodeRequest(1, { op: 'info' })))
    const reader = new protocol.FrameReader()
    reader.push((await ours.read()) as Uint8Array)
    const { network, limits } = readInformed(readServerMessage(reader.next() as Uint8Array))
    await ours.close()
    await serving
    return [network, limits.get('inFlight')]
  },
  smartRecordServer: async (after) => {
    const handled: unknown[] = []
    const machine = { ...(machinePort() as object), update: async () => {}, updateUnsigned: async () => {} } as never
    const one = { id: '/x/1', serve: async () => {} }
    const init = { machine, protocols: [one], limits: { streamsPerConnection: 3 }, limitedConnections: true }
    const create = protocolServer.smartRecordServer(init)
    init.protocols.length = 0
    after(init.limits)
    Object.assign(init, { machine: undefined, limitedConnections: false })
    if (handled.length > 0) after(init)
    const service = create({
      peerId: { toString: () => SELF } as never,
      logger: { forComponent: () => (() => {}) as never },
      upgrader: { getConnectionEncrypters: () => new Map() },
      connectionManager: { getConnections: () => [], getMaxConnections: () => 1 },
      events: new EventTarget() as never,
      registrar: {
        handle: async (id, _handler, options) => {
          handled.push([id, options])
        },
        unhandle: async () => {},
      },
    })
    await service.start()
    await service.stop()
    return handled
  },
}

const asks = (): never =>
  ({
    key: Uint8Array.of(1),
    writer: ANN,
    now: 1,
    record: new Map(),
    self: SELF,
    signal: new AbortController().signal,
    permit: () => {},
  }) as never

const dialOf = (effect: { run(value: never, context: never): unknown } | undefined) => async (): Promise<unknown> => {
  const verdict = await effect?.run({ address: grammarBase.parseAddress(ADDRESS) } as never, asks())
  return verdict === undefined ? undefined : print((verdict as { value: Node }).value)
}

const baseInit = () => ({
  prober: grammarBase.memoryProber({ reachable: [ADDRESS], connected: [ADDRESS] }),
  policy: { observedOnly: false },
  ttl: 60,
  dialMs: 10,
  shareMs: 0,
})

function effectAfter(make: (init: ReturnType<typeof baseInit>) => Parameters<typeof dialOf>[0]): Call {
  return async (after) => {
    const init = baseInit()
    const { prober } = init
    const run = dialOf(make(init))
    // the prober is a port
    after(init.policy, Object.assign(init, { prober: undefined }))
    return [await run(), (prober as grammarBase.MemoryProber).probes.length]
  }
}

const BASE: Readonly<Record<string, Call>> = {
  baseGrammar: effectAfter((init) => grammarBase.baseGrammar(init).rule('dialable')?.effect),
  dialable: effectAfter((init) => dialableTag.dialable(init).effect),
  dialableEffect: effectAfter((init) => dialableTag.dialableEffect(init)),
  connectivity: effectAfter((init) => connectivityTag.connectivity(init).effect),
  connectivityEffect: effectAfter((init) => connectivityTag.connectivityEffect(init)),
  memoryProber: async (after) => {
    const network = { reachable: [ADDRESS], connected: [ADDRESS], silent: [], failing: [] }
    const prober = grammarBase.memoryProber(network)
    after(network)
    const options = { signal: new AbortController().signal, reuse: false, timeoutMs: 10 }
    const probe = prober.probe(ADDRESS, options)
    after(options)
    return await probe
  },
  addressRefusal: async (after) => {
    const [address, policy] = [grammarBase.parseAddress(ADDRESS), { observedOnly: false }]
    const refusal = grammarBase.addressRefusal(address, undefined, policy)
    after(policy)
    return refusal
  },
}

/** Public functions that take text, numbers, functions, signals or errors only; and, behind the dash, what is documented to be kept. */
const PLAIN: Readonly<Record<string, string>> = {
  runtime: 'EventLoopBudget bool bytes delay duration func optional raceSignal where yieldToEventLoop',
  protocol:
    'Deadline MemoryBudget isRetryable keyBytes isStatus overLimit runAtOnce runInSlices statusOfCode toRefusal toStreamError - FrameReader GatheringWriter',
  go: '- goMessage.decode',
  server: '',
  base: 'TagError normalizeAddress parseAddress',
}

const PACKAGES: ReadonlyArray<readonly [string, Readonly<Record<string, Call>>, ReadonlyArray<object>]> = [
  ['runtime', RUNTIME, [runtime]],
  ['protocol', PROTOCOL, [protocol, libp2pParts]],
  [
    'go',
    { ...GO, goServerProtocol: GO['session'] as Call, goClientProtocol: GO['session'] as Call },
    [go, goServer, goClient],
  ],
  ['server', SERVER, [protocolServer]],
  ['base', BASE, [grammarBase, dialableTag, connectivityTag]],
]

describe.each(PACKAGES)('what is handed to %s', (name, calls, modules) => {
  it.each(Object.entries(calls))('%s may be changed as soon as the call has returned', async (_, call) => {
    const untouched = await call(() => {})
    const scribbled = await call((...given) => {
      given.forEach(scribble)
    })
    expect(scribbled).toEqual(untouched)
  })

  it('is all that its public functions take', () => {
    const functions = modules.flatMap((module) =>
      Object.entries(module).flatMap(([exported, value]) =>
        typeof value === 'function'
          ? [exported]
          : typeof value === 'object' && value !== null
            ? Object.entries(value)
                .filter(([, part]) => typeof part === 'function')
                .map(([part]) => `${exported}.${part}`)
            : [],
      ),
    )
    const known = new Set([...Object.keys(calls), ...(PLAIN[name] ?? '').split(' ')])
    expect(functions.filter((exported) => !known.has(exported))).toEqual([])
  })
})
