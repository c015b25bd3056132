import { dict, int, str } from '../recordings/nodes.mjs'
import { frame, message, TYPE } from '../frame.mjs'
import { rawClient } from '../peers/go-peer.ts'
import { ourClient } from '../peers/our-peer.ts'
import { goJson } from '../peers/spec.ts'
import { type Pair, PAIRINGS } from '../peers/harness.ts'
import { RAW, type Row, scenario } from '../report/row.ts'
import { putAndGet, read } from './steps.ts'
import { answers, ending, QUIET_MS, talk, withStream } from './talk.ts'

const x = (n: number): ReturnType<typeof dict> => dict([str('x'), int(n)])
const get = (key: string): Buffer => frame(message({ type: TYPE.GET, key }))
const put = (key: string, n: number): Buffer => frame(message({ key, value: goJson(x(n)), ttl: 600 }))

/** Streams of one connection that a server of ours serves at one time. */
const MANY = 20

const many = async (pair: Pair): Promise<string> => {
  const { raw } = pair
  if (raw === undefined) {
    throw new Error('streams are opened by hand')
  }
  const streams = []
  for (let i = 0; i < MANY; i++) {
    streams.push(await raw.open(pair.server, 'lazy'))
  }
  // in turn, so that the same ones are too many at every run
  const seen: string[] = []
  for (const stream of streams) {
    await stream.write(get('nokey')).catch(() => {})
    seen.push(...(await answers(pair, stream, 1)))
  }
  await Promise.all(
    streams.map(async (stream) => {
      await stream.reset()
    }),
  )
  const answered = seen.filter((one) => one === 'GET nokey: empty').length
  return `${answered} answered, ${seen.length - answered} not`
}

const negotiation: Row[] = (['lazy', 'eager'] as const).flatMap((how) => [
  ...scenario(
    `stream: negotiated in a ${how} way`,
    'GET nokey: empty; eof',
    async (pair) => await talk(pair, get('nokey'), 1, how),
    { only: RAW },
  ),
  ...scenario(
    `stream: negotiated in a ${how} way, two requests with it`,
    'UPDATE k; GET k: A={x=1}; eof',
    async (pair) => {
      return await talk(pair, Buffer.concat([put('k', 1), get('k')]), 2, how)
    },
    { only: RAW },
  ),
])

/** Identities of other kinds than Ed25519. */
const identities: Row[] = [
  ...(['secp256k1', 'ecdsa', 'rsa'] as const).flatMap((key) =>
    scenario(
      `identity: ${key}`,
      'ok; A={x=1}',
      async (pair, name) => {
        const a = await rawClient(pair.server, { key })
        try {
          if (!(await a.raw.connects(pair.server))) {
            return 'no connection'
          }
          return await putAndGet({ ...pair, a, names: pair.names.add(a.id, 'A') }, name, x(1))
        } finally {
          await a.close()
        }
      },
      { only: RAW },
    ),
  ),
  ...(['secp256k1', 'RSA'] as const).flatMap((key) =>
    scenario(
      `identity: ${key.toLowerCase()}`,
      'ok; A={x=1}',
      async (pair, name) => {
        const a = await ourClient(pair.server, { key })
        try {
          return await putAndGet({ ...pair, a, names: pair.names.add(a.id, 'A') }, name, x(1))
        } finally {
          await a.close()
        }
      },
      { only: ['ours → Go'] },
    ),
  ),
]

/** What streams are for, and how long they stay. */
export const streams: Row[] = [
  ...scenario(
    'stream: ten requests, one stream',
    '10 of A={x=9}, 1 stream',
    async (pair, key) => {
      for (let i = 0; i < 10; i++) {
        await pair.a.update(key, x(i))
      }
      const seen: string[] = []
      for (let i = 0; i < 10; i++) {
        seen.push(await read(pair, pair.a, key))
      }
      return `${seen.length} of ${[...new Set(seen)].join(' and ')}, ${pair.a.streams()} stream`
    },
    { own: {} },
  ),
  ...scenario(
    'stream: stays open after an answer',
    'GET nokey: empty; open',
    async (pair) =>
      await withStream(pair, async (stream) => {
        await stream.write(get('nokey'))
        return [...(await answers(pair, stream, 1)), await ending(stream, QUIET_MS)].join('; ')
      }),
    { only: RAW },
  ),
  ...scenario(
    'stream: requests at once are not mixed up',
    'each its own',
    async (pair, key) => {
      const numbers = Array.from({ length: 20 }, (_, n) => n)
      await Promise.all(
        numbers.map(async (n) => {
          await pair.a.update(`${key} ${n}`, x(n))
        }),
      )
      const seen = await Promise.all(numbers.map(async (n) => await read(pair, pair.b, `${key} ${n}`)))
      return seen.every((one, n) => one === `A={x=${n}}`) ? 'each its own' : seen.join(' ')
    },
    { only: ['raw → Go', 'raw → ours', 'ours → Go'] },
  ),
  ...scenario(
    'stream: three requests in one write',
    'GET one: empty; GET two: empty; GET three: empty; eof',
    async (pair) => {
      return await talk(pair, Buffer.concat(['one', 'two', 'three'].map(get)), 3)
    },
    { only: RAW },
  ),
  ...scenario(
    'stream: UPDATE and GET by turns in one write',
    'UPDATE p; GET p: A={x=1}; UPDATE p; GET p: A={x=2}; eof',
    async (pair) => {
      return await talk(pair, Buffer.concat([put('p', 1), get('p'), put('p', 2), get('p')]), 4)
    },
    { only: RAW },
  ),
  ...scenario(
    'stream: 200 requests in one write',
    '200 answers in order; eof',
    async (pair) => {
      const keys = Array.from({ length: 200 }, (_, i) => `n${i}`)
      const seen = (await talk(pair, Buffer.concat(keys.map(get)), keys.length)).split('; ')
      return keys.every((key, i) => seen[i] === `GET ${key}: empty`)
        ? `${keys.length} answers in order; ${seen.slice(keys.length).join('; ')}`
        : seen.join('; ')
    },
    { only: RAW },
  ),
  ...scenario(
    'stream: a bad request loses those behind it',
    'GET nokey: empty; reset',
    async (pair) =>
      await withStream(pair, async (stream) => {
        await stream.write(get('nokey'))
        const before = await answers(pair, stream, 1)
        await stream.write(Buffer.concat([frame(message({ type: TYPE.GET })), get('nokey')]))
        return [...before, await ending(stream)].join('; ')
      }),
    { only: RAW },
  ),
  ...scenario(
    'stream: reset by the client in the middle of a request',
    'GET nokey: empty; eof',
    async (pair) => {
      await withStream(pair, async (stream) => {
        await stream.write(get('nokey').subarray(0, 3))
        return ''
      })
      return await talk(pair, get('nokey'), 1)
    },
    { only: RAW },
  ),
  ...scenario(`stream: ${MANY} on one connection`, `${MANY} answered, 0 not`, many, { only: RAW, own: {} }),
  ...negotiation,
  ...scenario(
    'stream: the server announces nothing',
    'ok; A={x=1}',
    async (pair, key) => await putAndGet(pair, key, x(1)),
    {
      only: PAIRINGS.filter((pairing) => pairing.endsWith('ours')),
      own: { ours: { identify: false } },
    },
  ),
  ...identities,
]
