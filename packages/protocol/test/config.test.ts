import { describe, expect, it } from '@jest/globals'
import { FairScheduler, FrameReader, MemoryBudget, serveContext } from '../src/index.ts'
import { smartRecordLibp2pDefaults, streamDuplex } from '../src/libp2p.ts'

const machine = { self: 'me' }
const CONTEXT = { machine, peer: 'ann' }
const factory = (): unknown => ({})
const yamux = (): unknown => factory
const STACK = { transports: [factory], connectionEncrypters: [factory], yamux }
const stream = { addEventListener: () => {}, status: 'open' }

const PUBLIC = {
  serveContext: (init: unknown) => serveContext(init as never),
  smartRecordLibp2pDefaults: (init: unknown) => smartRecordLibp2pDefaults(init as never),
  FairScheduler: (init: unknown) => new FairScheduler(init as never),
  MemoryBudget: (init: unknown) => {
    const { max, perPeer } = init as { max: number; perPeer?: number }
    return new MemoryBudget(max, perPeer)
  },
  FrameReader: (init: unknown) => new FrameReader(init as never),
  streamDuplex: (init: unknown) => streamDuplex(stream as never, init as never),
}

function problem(of: keyof typeof PUBLIC, init: unknown): unknown {
  try {
    PUBLIC[of](init)
    return 'accepted'
  } catch (err) {
    const { name, code, field, message } = err as Error & { code: string; field: string }
    return [name, message.split(':')[0], code.replace('CONFIG_', ''), field]
  }
}

type Row = [of: keyof typeof PUBLIC, title: string, init: unknown, code: string, field: string]

describe('what configures the protocol packages', () => {
  const rows: Row[] = [
    ['serveContext', 'nothing', undefined, 'MISSING', ''],
    ['serveContext', 'no machine', { peer: 'ann' }, 'MISSING', 'machine'],
    ['serveContext', 'a machine without self', { ...CONTEXT, machine: {} }, 'MISSING', 'machine.self'],
    ['serveContext', 'no peer', { machine }, 'MISSING', 'peer'],
    ['serveContext', 'an empty peer', { machine, peer: '' }, 'RANGE', 'peer'],
    ['serveContext', 'a peer that is no string', { machine, peer: 5 }, 'TYPE', 'peer'],
    ['serveContext', 'an address that is no string', { ...CONTEXT, observedAddr: 5 }, 'TYPE', 'observedAddr'],
    [
      'serveContext',
      'a controller for a signal',
      { ...CONTEXT, signal: new AbortController() },
      'MISSING',
      'signal.aborted',
    ],
    ['serveContext', 'bytes for a budget', { ...CONTEXT, memory: 1024 }, 'TYPE', 'memory'],
    ['serveContext', 'turns without turn', { ...CONTEXT, turns: {} }, 'MISSING', 'turns.turn'],
    ['serveContext', 'a wrong admit', { ...CONTEXT, admit: true }, 'TYPE', 'admit'],
    ['serveContext', 'a wrong count', { ...CONTEXT, count: 5 }, 'TYPE', 'count'],
    ['serveContext', 'an unknown option', { ...CONTEXT, observed: '/ip4/1.2.3.4' }, 'UNKNOWN', 'observed'],
    ['smartRecordLibp2pDefaults', 'nothing', undefined, 'MISSING', ''],
    ['smartRecordLibp2pDefaults', 'no transports', { ...STACK, transports: undefined }, 'MISSING', 'transports'],
    ['smartRecordLibp2pDefaults', 'an empty list', { ...STACK, transports: [] }, 'RANGE', 'transports'],
    ['smartRecordLibp2pDefaults', 'a transport that is made', { ...STACK, transports: [{}] }, 'TYPE', 'transports[0]'],
    [
      'smartRecordLibp2pDefaults',
      'a factory alone',
      { ...STACK, connectionEncrypters: factory },
      'TYPE',
      'connectionEncrypters',
    ],
    ['smartRecordLibp2pDefaults', 'yamux() for yamux', { ...STACK, yamux: factory }, 'TYPE', 'yamux'],
    ['smartRecordLibp2pDefaults', 'no yamux', { ...STACK, yamux: undefined }, 'MISSING', 'yamux'],
    ['smartRecordLibp2pDefaults', 'an option of libp2p', { ...STACK, addresses: {} }, 'UNKNOWN', 'addresses'],
    ['FairScheduler', 'a number', 5, 'TYPE', ''],
    ...[NaN, 0, -1].map((batchMs): Row => ['FairScheduler', `batchMs ${batchMs}`, { batchMs }, 'RANGE', 'batchMs']),
    ['FairScheduler', 'a time for a clock', { now: 5 }, 'TYPE', 'now'],
    ['FairScheduler', 'a wrong afterIo', { afterIo: 1 }, 'TYPE', 'afterIo'],
    ['FairScheduler', 'a wrong afterMicrotasks', { afterMicrotasks: 1 }, 'TYPE', 'afterMicrotasks'],
    ['FairScheduler', 'an unknown option', { batch: 5 }, 'UNKNOWN', 'batch'],
    ['MemoryBudget', 'no maximum', {}, 'MISSING', 'max'],
    ...[NaN, -1].flatMap((bytes): Row[] => [
      ['MemoryBudget', `max ${bytes}`, { max: bytes }, 'RANGE', 'max'],
      ['MemoryBudget', `perPeer ${bytes}`, { max: 5, perPeer: bytes }, 'RANGE', 'perPeer'],
    ]),
    ['MemoryBudget', 'a maximum that is a string', { max: '5' }, 'TYPE', 'max'],
    ...[NaN, 0, 1.5, 2 ** 31, Infinity].map((max): Row => ['FrameReader', `max ${max}`, max, 'RANGE', 'max']),
    ['FrameReader', 'an object', {}, 'TYPE', 'max'],
    ['streamDuplex', 'a wrong onBuffered', { onBuffered: 5 }, 'TYPE', 'onBuffered'],
    ['streamDuplex', 'an unknown option', { onbuffered: () => {} }, 'UNKNOWN', 'onbuffered'],
  ]
  it.each(rows)('%s refuses %s', (of, _title, init, code, field) => {
    expect(problem(of, init)).toEqual(['ConfigError', of, code, field])
  })

  it.each<[keyof typeof PUBLIC, unknown]>([
    ['serveContext', CONTEXT],
    [
      'serveContext',
      {
        ...CONTEXT,
        observedAddr: '/ip4/1.2.3.4',
        signal: new AbortController().signal,
        memory: new MemoryBudget(1),
        turns: new FairScheduler(),
        admit: async () => {},
        count: () => {},
      },
    ],
    ['serveContext', { ...CONTEXT, observedAddr: undefined, memory: undefined }],
    ['smartRecordLibp2pDefaults', STACK],
    ['FairScheduler', undefined],
    ['FairScheduler', { batchMs: 5, now: () => 0, afterMicrotasks: queueMicrotask, afterIo: setImmediate }],
    ['MemoryBudget', { max: 0 }],
    ['MemoryBudget', { max: Infinity, perPeer: 5 }],
    ['FrameReader', undefined],
    ['FrameReader', 1],
    ['streamDuplex', { onBuffered: () => {} }],
  ])('%s accepts %p', (of, init) => {
    expect(problem(of, init)).toBe('accepted')
  })
})
