import { describe, expect, it } from '@jest/globals'
import { createLibp2pProber } from '../src/index.ts'

function problem(init: unknown): unknown {
  try {
    createLibp2pProber(init as never)
    return 'accepted'
  } catch (err) {
    const { name, code, field } = err as Error & { code: string; field: string }
    return [name, code.replace('CONFIG_', ''), field]
  }
}

const work = (): void => {}
const dialer = { dial: work, peerStore: { all: work, delete: work }, status: 'started' }
const host = { getConnections: work }

describe('createLibp2pProber', () => {
  const rows: Array<[string, unknown, string, string]> = [
    ['nothing', undefined, 'MISSING', ''],
    ['a node in place of options', dialer, 'UNKNOWN', 'dial'],
    ['no dialer', {}, 'MISSING', 'dialer'],
    ['a dialer without dial', { dialer: { ...dialer, dial: undefined } }, 'MISSING', 'dialer.dial'],
    ['a dialer without a peer store', { dialer: { ...dialer, peerStore: {} } }, 'MISSING', 'dialer.peerStore.all'],
    ['a dialer without status', { dialer: { ...dialer, status: undefined } }, 'MISSING', 'dialer.status'],
    ['a host without connections', { dialer, host: {} }, 'MISSING', 'host.getConnections'],
    ['an unknown option', { dialer, timeoutMs: 5 }, 'UNKNOWN', 'timeoutMs'],
    ...[NaN, -1, Infinity, 60_001].map((minMs): [string, unknown, string, string] => [
      `minMs: ${minMs}`,
      { dialer, minMs },
      'RANGE',
      'minMs',
    ]),
    ['minMs: "5"', { dialer, minMs: '5' }, 'TYPE', 'minMs'],
  ]
  it.each(rows)('refuses %s', (_title, init, code, field) => {
    expect(problem(init)).toEqual(['ConfigError', code, field])
  })

  it('accepts all options, and undefined for those with a default', () => {
    expect([problem({ dialer, host, minMs: 0 }), problem({ dialer, host: undefined, minMs: undefined })]).toEqual([
      'accepted',
      'accepted',
    ])
  })
})
