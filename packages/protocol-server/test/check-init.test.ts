import { describe, expect, it } from '@jest/globals'
import type { PeerId } from '@libp2p/interface'
import type { ServedMachine, ServerProtocol } from '@sr/protocol'
import { smartRecordServer } from '../src/server.ts'
import { LIMITS } from '../src/init.ts'

const never = async (): Promise<never> => await new Promise(() => {})
const machine: ServedMachine = { self: 'me', limits: { maxTtl: 60 }, get: never, update: never, updateUnsigned: never }
const protocols: ServerProtocol[] = [{ id: '/x/1', serve: never }]
const RIGHT = { machine, protocols }

function problem(init: unknown): unknown {
  try {
    smartRecordServer(init as never)
    return 'accepted'
  } catch (err) {
    return [(err as { code: string }).code, (err as { field: string }).field]
  }
}

describe('smartRecordServer', () => {
  const rows: Array<[string, unknown, string, string]> = [
    ['nothing', undefined, 'MISSING', ''],
    ['an empty object', {}, 'MISSING', 'machine'],
    ['no protocols', { machine }, 'MISSING', 'protocols'],
    ['an empty list of protocols', { machine, protocols: [] }, 'RANGE', 'protocols'],
    ['a protocol without serve', { machine, protocols: [{ id: '/x/1' }] }, 'MISSING', 'protocols[0].serve'],
    ['a machine without get', { ...RIGHT, machine: { ...machine, get: undefined } }, 'MISSING', 'machine.get'],
    ['a machine without limits', { ...RIGHT, machine: { ...machine, limits: {} } }, 'MISSING', 'machine.limits.maxTtl'],
    ['an unknown option', { ...RIGHT, protocol: 5 }, 'UNKNOWN', 'protocol'],
    ['an unknown limit', { ...RIGHT, limits: { stream: 5 } }, 'UNKNOWN', 'limits.stream'],
    ['a flag that is a number', { ...RIGHT, limitedConnections: 1 }, 'TYPE', 'limitedConnections'],
  ]
  it.each(rows)('refuses %s', (_title, init, code, field) => {
    expect(problem(init)).toEqual([`CONFIG_${code}`, field])
  })

  const limits = Object.keys(LIMITS).flatMap((name) => [NaN, -1, undefined, '5'].map((value) => [name, value] as const))
  it.each(limits)('refuses the limit %s: %p', (name, value) => {
    expect(problem({ ...RIGHT, limits: { [name]: value } })).toEqual([
      expect.stringMatching(/CONFIG_(RANGE|TYPE|MISSING)/),
      `limits.${name}`,
    ])
  })

  it('accepts all options', () => {
    expect(problem({ ...RIGHT, limits: LIMITS, limitedConnections: true })).toBe('accepted')
    expect(problem({ ...RIGHT, limits: { updatesPerSecond: Infinity, readsPerSecond: Infinity } })).toBe('accepted')
  })
})

describe('the start of a server', () => {
  /** Starts one as a peer; returns what it handles. */
  async function start(served: ServedMachine, id: string): Promise<string[]> {
    const handled: string[] = []
    const service = smartRecordServer({ machine: served, protocols })({
      peerId: { toString: () => id } as PeerId,
      logger: { forComponent: () => (() => {}) as never },
      upgrader: { getConnectionEncrypters: () => new Map() },
      connectionManager: { getConnections: () => [], getMaxConnections: () => 1 },
      events: new EventTarget() as never,
      registrar: {
        handle: async (protocol) => {
          handled.push(protocol)
        },
        unhandle: async () => {},
      },
    })
    try {
      await service.start()
    } finally {
      await service.stop()
    }
    return handled
  }

  it.each<[string, ServedMachine, string, RegExp]>([
    ['a machine that is another peer', machine, 'you', /is me; expected this peer, you/],
    ['a machine that does not run', { ...machine, running: false }, 'me', /not running/],
  ])('is refused on %s', async (_, served, id, text) => {
    const refused = start(served, id)
    await expect(refused).rejects.toMatchObject({ code: 'PROTOCOL_CONFIG' })
    await expect(refused).rejects.toThrow(text)
  })

  it.each<[string, ServedMachine]>([
    ['runs as this peer', { ...machine, running: true }],
    ['does not tell whether it runs', machine],
  ])('is accepted on a machine that %s', async (_, served) => {
    expect(await start(served, 'me')).toEqual(['/x/1'])
  })
})
