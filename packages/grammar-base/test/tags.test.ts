import { describe, expect, it } from '@jest/globals'
import { type EffectSetup, effectCases, type GrammarSetup, grammarCases } from '@sr/ir/conformance'
import { Dict, List, type Node, Predicate } from '@sr/xr'
import { baseGrammar } from '../src/base-grammar.ts'
import { memoryProber } from '../src/memory-prober.ts'
import { asking, context, PEER, SELF } from './setup.ts'

const ADDRESS = `/ip4/1.2.3.4/tcp/4001/p2p/${PEER}`
const multiaddr = (positional: Node[], named = Dict.empty): Predicate => new Predicate('multiaddr', positional, named)
const said = (address: Node, positional: Node[] = [], more: Array<[Node, Node]> = []): Predicate =>
  new Predicate('dialable', positional, Dict.from([['address', address], ...more]))

const wellFormed: Predicate[] = [
  asking('dialable', ADDRESS),
  asking('connectivity', ADDRESS),
  asking('dialable', '/ip4/10.0.0.1/tcp/1'),
  asking('dialable', '/dns4/example.com/tcp/443/wss'),
  asking('dialable', `/ip6/::1/udp/1/quic-v1/ipfs/${PEER}`),
  said(
    multiaddr([ADDRESS]),
    ['more'],
    [
      ['more', 1n],
      [2n, true],
    ],
  ),
  said(multiaddr([ADDRESS], Dict.from([['more', 1n]]))),
]

const malformed: Predicate[] = [
  new Predicate('dialable'),
  new Predicate('connectivity', [multiaddr([ADDRESS])]),
  said(ADDRESS),
  said(new Predicate('maddr', [ADDRESS])),
  said(List.of(multiaddr([ADDRESS]))),
  said(multiaddr([])),
  said(multiaddr([ADDRESS, ADDRESS])),
  said(multiaddr([], Dict.from([['0', ADDRESS]]))),
  said(multiaddr([new TextEncoder().encode(ADDRESS)])),
  said(multiaddr(['/ip4/1.2.3.4'.repeat(90)])),
  ...[
    '',
    '/',
    'ip4/1.2.3.4',
    '/ip4/1.2.3.4/tcp',
    '/ip4/1.2.3.4/tcp/70000',
    '/ip4/1.2.3/tcp/1',
    '/ip6/1.2.3.4/tcp/1',
    '/nothing/1',
    '1.2.3.4:80',
    'http://1.2.3.4',
    '/ip4/1.2.3.4/tcp/1/p2p',
    '/ip4/1.2.3.4/tcp/1/p2p/xyz',
    '/ip4/1.2.3.4/tcp/1/p2p/Qm',
    '/ip4/1.2.3.4/tcp/1/p2p/1',
    '/ip4/1.2.3.4/tcp/1/p2p/bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
  ].map((text) => said(multiaddr([text]))),
]

const prober = memoryProber({ reachable: [ADDRESS], connected: [ADDRESS] })
const setup: GrammarSetup & EffectSetup = {
  grammar: baseGrammar({ prober, policy: { allowPrivate: true } }),
  wellFormed,
  malformed,
  requests: wellFormed,
  context: () => context({ record: new Map([[SELF, Dict.from([['motto', 'well']])]]) }),
  aborted: () => context({ signal: AbortSignal.abort() }),
}

describe('the grammar', () => {
  it.each(grammarCases.map((one) => [one.name, one] as const))('%s', async (_, { run }) => {
    await expect(Promise.resolve(run(setup))).resolves.toBeUndefined()
  })
})

describe('its effects', () => {
  it.each(effectCases.map((one) => [one.name, one] as const))('%s', async (_, { run }) => {
    await expect(Promise.resolve(run(setup))).resolves.toBeUndefined()
  })

  it('act on the outside, and are prompt', () => {
    for (const { effect } of setup.grammar.rules) {
      expect(effect).toMatchObject({ external: true, blocking: true })
    }
  })
})
