import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { from, type Plain } from '@sr/xr'
import { parse } from '@sr/xr/text'
import { startNode } from './record-hosts.ts'

type Node = Awaited<ReturnType<typeof startNode>>

const nested = (depth: number): Plain => (depth === 0 ? 1 : { a: nested(depth - 1) })

/** What a client does wrong, and what it sees: a code to switch on, and the numbers that say how to do better. */
const MISTAKES: ReadonlyArray<
  readonly [mistake: string, make: (client: Node, server: Node) => Promise<unknown>, seen: Record<string, unknown>]
> = [
  [
    'a life longer than the server grants',
    ({ records }, { address }) => records.update(address, 'k', { a: 1 }, { ttl: 259_201 }),
    { code: 'PROTOCOL_TTL', limit: 'maxTtl', max: 259_200, got: 259_201, retryable: false, applied: 'no' },
  ],
  [
    'a life of half a second',
    ({ records }, { address }) => records.update(address, 'k', { a: 1 }, { ttl: 0.5 }),
    { code: 'PROTOCOL_TTL' },
  ],
  ['an empty key', ({ records }, { address }) => records.get(address, ''), { code: 'PROTOCOL_KEY', limit: 'key' }],
  [
    'a document that is nested too deep',
    ({ records }, { address }) => records.update(address, 'k', from(nested(65)), { ttl: 60 }),
    { code: 'XR_DEPTH', limit: 'depth', max: 64, got: 65 },
  ],
  [
    'an operator that is misspelt',
    ({ records }, { address }) => records.update(address, 'k', parse('{nick=$remvoe()}'), { ttl: 60 }),
    { code: 'IR_OPERATOR', path: ['nick'] },
  ],
  [
    'a document of more than 256 KiB',
    ({ records }, { address }) =>
      records.update(
        address,
        'k',
        { list: Array.from({ length: 300 }, (_, i) => `${i}`.padEnd(1000, 'x')) },
        { ttl: 60 },
      ),
    { code: 'XR_SIZE', limit: 'size', max: 262_144 },
  ],
  [
    'an update of a state that has changed',
    ({ records }, { address }) => records.update(address, 'k', { a: 1 }, { ttl: 60, ifSeq: 7 }),
    { code: 'E_STALE', seq: expect.any(Number) },
  ],
  [
    'another network than the server',
    async (_, { address }) => {
      const { node, records, stop } = await startNode({ client: { network: 'elsewhere' } })
      try {
        return await records.update(address, 'k', { a: 1 }, { ttl: 60 })
      } finally {
        await node.stop()
        await stop()
      }
    },
    { code: 'E_SIG', retryable: false },
  ],
  ['text that is no peer id', ({ records }) => records.get('bob', 'k'), { code: 'PROTOCOL_PEER' }],
  [
    'an address where no peer listens',
    ({ records, self }) => records.get(`/ip4/127.0.0.1/tcp/9/p2p/${self.slice(0, -1)}1`, 'k'),
    { code: 'PROTOCOL_UNREACHABLE', retryable: true },
  ],
  [
    'a call that is given up',
    ({ records }, { address }) => records.get(address, 'k', { signal: AbortSignal.abort() }),
    { code: 'PROTOCOL_ABORTED' },
  ],
]

describe('what a client sees of a mistake', () => {
  let server: Node
  let client: Node
  beforeAll(async () => {
    server = await startNode()
    client = await startNode()
  })
  afterAll(async () => {
    await client.stop()
    await server.stop()
  })

  it.each(MISTAKES)('%s', async (_, make, seen) => {
    const seenError: unknown = await make(client, server).then(
      () => undefined,
      (err: unknown) => err,
    )
    expect(seenError).toMatchObject(seen)
  })
})
