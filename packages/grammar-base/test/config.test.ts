import { describe, expect, it } from '@jest/globals'
import { baseGrammar } from '../src/base-grammar.ts'
import { connectivity } from '../src/connectivity/index.ts'
import { dialable } from '../src/dialable/index.ts'
import { memoryProber } from '../src/memory-prober.ts'

const PUBLIC = { baseGrammar, dialable, connectivity, memoryProber } as const

function problem(of: keyof typeof PUBLIC, init: unknown): unknown {
  try {
    PUBLIC[of](init as never)
    return 'accepted'
  } catch (err) {
    const { name, code, field, message } = err as Error & { code: string; field: string }
    return [name, message.split(':')[0], code.replace('CONFIG_', ''), field]
  }
}

const prober = memoryProber()
const ADDRESS = '/ip4/1.2.3.4/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'

describe.each(['baseGrammar', 'dialable', 'connectivity'] as const)('%s', (of) => {
  const rows: Array<[string, unknown, string, string]> = [
    ['nothing', undefined, 'MISSING', ''],
    ['no prober', {}, 'MISSING', 'prober'],
    ['a function for a prober', { prober: prober.probe }, 'MISSING', 'prober.probe'],
    ['an unknown option', { prober, timeoutMs: 5 }, 'UNKNOWN', 'timeoutMs'],
    ['a policy that is a word', { prober, policy: 'private' }, 'TYPE', 'policy'],
    ['an unknown policy', { prober, policy: { private: true } }, 'UNKNOWN', 'policy.private'],
    ['a wrong policy', { prober, policy: { allowPrivate: 1 } }, 'TYPE', 'policy.allowPrivate'],
    ['a list of addresses', { prober, addresses: [ADDRESS] }, 'TYPE', 'addresses'],
    ...['ttl', 'dialMs', 'shareMs'].flatMap((name): Array<[string, unknown, string, string]> => [
      [`${name}: NaN`, { prober, [name]: NaN }, 'RANGE', name],
      [`${name}: -1`, { prober, [name]: -1 }, 'RANGE', name],
      [`${name}: "5"`, { prober, [name]: '5' }, 'TYPE', name],
    ]),
    ['ttl: 0', { prober, ttl: 0 }, 'RANGE', 'ttl'],
    ['dialMs: 0', { prober, dialMs: 0 }, 'RANGE', 'dialMs'],
  ]
  it.each(rows)('refuses %s', (_title, init, code, field) => {
    expect(problem(of, init)).toEqual(['ConfigError', of, code, field])
  })

  it('accepts all options, and undefined for those with a default', () => {
    const policy = { allowPrivate: true, observedOnly: false }
    const all = { prober, policy, addresses: () => [ADDRESS], ttl: 60, dialMs: 100, shareMs: 0 }
    expect(problem(of, all)).toBe('accepted')
    expect(problem(of, { prober, policy: undefined, ttl: undefined })).toBe('accepted')
  })
})

describe('memoryProber', () => {
  const names = ['reachable', 'connected', 'silent', 'failing'] as const
  const rows: Array<[string, unknown, string, string]> = [
    ['a list', [ADDRESS], 'TYPE', ''],
    ['an unknown option', { reach: [ADDRESS] }, 'UNKNOWN', 'reach'],
    ['a wrong timer', { after: 5 }, 'TYPE', 'after'],
    ...names.flatMap((name): Array<[string, unknown, string, string]> => [
      [`one address for ${name}`, { [name]: ADDRESS }, 'TYPE', name],
      [`a number in ${name}`, { [name]: [ADDRESS, 5] }, 'TYPE', `${name}[1]`],
    ]),
  ]
  it.each(rows)('refuses %s', (_title, init, code, field) => {
    expect(problem('memoryProber', init)).toEqual(['ConfigError', 'memoryProber', code, field])
  })

  it.each([undefined, {}, { reachable: new Set([ADDRESS]).values(), silent: new Set<string>() }])(
    'accepts %p, and reads an iterable once',
    (init) => {
      expect(problem('memoryProber', init)).toBe('accepted')
    },
  )
})
