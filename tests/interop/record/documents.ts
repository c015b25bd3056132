import { equal, from, type Node, print } from '@sr/xr'
import { parse } from '@sr/xr/text'
import type { Row } from '../report/row.ts'
import { recordScenario, type RecordPair, shown } from './pair.ts'
import { ANSWER_MS, NETWORK, type RecordClient, type Result } from './peer.ts'

const TTL_S = 600
const LIFE_MS = 600_000

export function resultText(result: Result | undefined): string {
  if (result === undefined) {
    return 'no result'
  }
  return 'refused' in result ? result.refused : result.stored ? 'stored' : 'held'
}

/** An own update. */
export async function put(
  client: RecordClient,
  key: Uint8Array,
  text: string,
  { ttl = TTL_S, ifSeq }: { ttl?: number; ifSeq?: number } = {},
): Promise<Result | undefined> {
  const [result] = await client.update([{ key, body: parse(text), ttl, ...(ifSeq === undefined ? {} : { ifSeq }) }])
  return result
}

/** A signed update of the client. */
export async function signed(client: RecordClient, key: Uint8Array, text: string): Promise<Uint8Array> {
  return await client.sign({ key, body: parse(text), lifeMs: LIFE_MS })
}

async function read(pair: RecordPair, key: Uint8Array): Promise<string> {
  return shown(pair, await pair.b.get(key))
}

/** Applies own updates one after the other, and reads. */
async function merged(pair: RecordPair, key: Uint8Array, texts: readonly string[]): Promise<string> {
  const results = []
  for (const text of texts) {
    results.push(resultText(await put(pair.a, key, text)))
  }
  return `${results.join(' ')}; ${await read(pair, key)}`
}

function seqOf(result: Result | undefined): number {
  if (result === undefined || result.seq === undefined) {
    throw new Error('the result has no seq')
  }
  return result.seq
}

/** A document of several pages of 1,024 bytes and of two of 65,536. */
function large(): Node {
  const names = Array.from({ length: 1500 }, (_, i) => [`name ${i}`, { at: i, text: 'x'.repeat(60) }])
  return from({ names: Object.fromEntries(names), list: Array.from({ length: 500 }, (_, i) => `member ${i}`) })
}

async function pages(pair: RecordPair, key: Uint8Array): Promise<string> {
  const body = large()
  const [result] = await pair.a.update([{ key, body, ttl: TTL_S }])
  await put(pair.b, key, '{nick="bob"}')
  const { documents, pages: count } = await pair.a.get(key, { pageBytes: 16_384 })
  const mine = documents.get(pair.a.id)
  const same = mine !== undefined && equal(mine.node, body)
  const many = count === undefined || count > 5
  return `${resultText(result)}; ${documents.size} documents, A ${same ? 'as stated' : 'another'}, ${many ? 'several pages' : `${count} pages`}`
}

/** Updates and reads. */
export const documentRows: Row[] = [
  ...recordScenario('own update, then get', 'stored; A={nick="bob"}', async (pair, key) => {
    return await merged(pair, key, ['{nick="bob"}'])
  }),
  ...recordScenario('values of every kind', 'stored; same', async (pair, key) => {
    const text =
      '{"/"=1 f=1.5 i=-1 big=18446744073709551616 l=["b" "a" [1]] d={} p=dialable(address=multiaddr("/ip4/1.2.3.4/tcp/31")) b=true}'
    const body = parse(text)
    const [result] = await pair.a.update([{ key, body, ttl: TTL_S }])
    const mine = (await pair.b.get(key)).documents.get(pair.a.id)
    return `${resultText(result)}; ${mine !== undefined && equal(mine.node, body) ? 'same' : 'another'}`
  }),
  ...recordScenario('operators', 'stored stored stored; A={b={y=2} c={z=3} l=["b" "c" "a"]}', async (pair, key) => {
    return await merged(pair, key, [
      '{a=1 b={x=1} c={y=2} l=["a" "b" "d"]}',
      '{a=$remove() b={y=2} c=$set({z=3}) l=[$remove("d") "c"]}',
      '{b={x=$remove()} l=["a"]}',
    ])
  }),
  ...recordScenario(
    'two writers, one by id, and a path',
    'A=1; A={x={y=1}}, B={x={z=2}}; B={x={z=2}}',
    async (pair, key) => {
      await put(pair.a, key, '{x={y=1}}')
      await put(pair.b, key, '{x={z=2}}')
      const at = [from('x'), from('y')]
      return [
        shown(pair, await pair.a.get(key, { at })),
        shown(pair, await pair.a.get(key)),
        shown(pair, await pair.a.get(key, { writers: [pair.b.id] })),
      ].join('; ')
    },
  ),
  ...recordScenario(
    'signed update, then get as updates, verified by the reader',
    'stored; A={nick="rob"} signed; 1 update; A {nick="rob"}; held',
    async (pair, key) => {
      const envelope = await signed(pair.a, key, '{nick="rob"}')
      const [first] = await pair.a.update([{ signed: envelope }])
      const updates = await pair.b.getUpdates(key)
      const verdict = await pair.b.verify(updates[0] ?? new Uint8Array())
      const [again] = await pair.b.update([{ signed: envelope }])
      const found = 'refused' in verdict ? verdict.refused : `${verdict.writer} ${print(verdict.body)}`
      return `${resultText(first)}; ${await read(pair, key)}; ${updates.length} update; ${found}; ${resultText(again)}`
    },
  ),
  ...(['secp256k1', 'rsa'] as const).flatMap((type) =>
    recordScenario(`signed with ${type}`, 'stored; {n=1} signed', async (pair, key) => {
      const writer = await pair.client(type)
      try {
        const [result] = await writer.update([{ signed: await signed(writer, key, '{n=1}') }])
        const [envelope = new Uint8Array()] = await pair.b.getUpdates(key)
        const verdict = await pair.b.verify(envelope)
        const found = 'refused' in verdict ? verdict.refused : `${print(verdict.body)} signed`
        return `${resultText(result)}; ${found}`
      } finally {
        await writer.close()
      }
    }),
  ),
  ...recordScenario(
    'signed updates that are refused',
    'E_SIG E_SIG E_SIG E_SIG E_EXPIRED E_SIG E_TTL; empty',
    async (pair, key) => await badEnvelopes(pair, key),
  ),
  ...recordScenario('ifSeq', 'stored E_STALE, seq right: true; stored E_STALE; A={n=2}', async (pair, key) => {
    const first = await put(pair.a, key, '{n=1}', { ifSeq: 0 })
    const stale = await put(pair.a, key, '{n=3}', { ifSeq: 0 })
    const second = await put(pair.a, key, '{n=2}', { ifSeq: seqOf(first) })
    const twice = await put(pair.a, key, '{n=2}', { ifSeq: seqOf(first) })
    const right = seqOf(stale) === seqOf(first)
    return `${resultText(first)} ${resultText(stale)}, seq right: ${right}; ${resultText(second)} ${resultText(twice)}; ${await read(pair, key)}`
  }),
  ...recordScenario('next and ends', 'next in 5 s, ends in 600 s', async (pair, key) => {
    await put(pair.a, key, '{a=$ttl({x=$ttl(1, 5) y=2}, 20)}')
    const mine = (await pair.b.get(key)).documents.get(pair.a.id)
    const seconds = (ms = 0): number => Math.ceil((ms - Date.now()) / 1000)
    return `next in ${seconds(mine?.next)} s, ends in ${seconds(mine?.ends)} s`
  }),
  ...recordScenario('items refused one by one', 'E_TTL stored E_DOC E_TTL E_TTL E_DOC; A={ok=1}', async (pair, key) => {
    const items = [
      { key, body: parse('{no=1}'), ttl: 259_201 },
      { key, body: parse('{ok=1}'), ttl: TTL_S },
      { key, body: parse('{no=[$remove("a") "a"]}'), ttl: TTL_S },
      { key, body: parse('{no=$ttl(1, 3000000)}'), ttl: TTL_S },
      { key, body: parse('{no=$ttl(1, 259300)}'), ttl: TTL_S },
      { key, body: parse('{no=$other()}'), ttl: TTL_S },
    ]
    const results = await pair.a.update(items)
    return `${results.map(resultText).join(' ')}; ${await read(pair, key)}`
  }),
  ...recordScenario('have, not modified', 'unchanged; changed; unchanged', async (pair, key) => {
    await put(pair.a, key, '{n=1}')
    const { revision } = await pair.b.get(key)
    const told = async (have = revision): Promise<string> =>
      (await pair.b.get(key, { have })).unchanged ? 'unchanged' : 'changed'
    const before = await told()
    await put(pair.a, key, '{n=2}')
    return [before, await told(), await told((await pair.b.get(key)).revision)].join('; ')
  }),
  ...recordScenario('have of another epoch', 'changed', async (pair, key) => {
    const { revision } = await pair.b.get(key)
    const have = { epoch: revision.epoch.map((byte) => byte ^ 1), counter: revision.counter }
    return (await pair.b.get(key, { have })).unchanged ? 'unchanged' : 'changed'
  }),
  ...recordScenario('pages join', 'stored; 2 documents, A as stated, several pages', pages),
  ...recordScenario('ping and info', `S, ${NETWORK}, merge/1, watch, clock right`, async ({ a }) => {
    const { id, network, merge, can } = await a.info()
    const clock = Math.abs((await a.ping()) - Date.now()) < ANSWER_MS ? 'right' : 'wrong'
    return [id, network, merge, can.find((name) => name === 'watch'), `clock ${clock}`].join(', ')
  }),
]

/** The payload in an envelope with an Ed25519 key: behind that, the payload type and a length of one or two bytes. */
function payloadOf(envelope: Uint8Array): Uint8Array {
  const at = 2 + 36 + 2 + 22 + 1
  const [low = 0, high = 0] = envelope.subarray(at)
  const bytes = low < 0x80 ? 1 : 2
  const length = bytes === 1 ? low : (low & 0x7f) | (high << 7)
  return envelope.subarray(at + bytes, at + bytes + length)
}

async function badEnvelopes(pair: RecordPair, key: Uint8Array): Promise<string> {
  const good = await signed(pair.a, key, '{nick="rob"}')
  const changed = good.slice()
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
  const body = parse('{n=1}')
  const envelopes = [
    changed,
    Uint8Array.of(1, ...payloadOf(good)),
    Uint8Array.of(0xf0, ...good.subarray(1)),
    await pair.a.sign({ key, body, lifeMs: LIFE_MS, network: 'another' }),
    await pair.a.sign({ key, body, lifeMs: -10_000, retainMs: -5000 }),
    Uint8Array.of(...good, 0),
    await pair.a.sign({ key, body, lifeMs: 0, retainMs: LIFE_MS }),
  ]
  const results = await pair.a.update(envelopes.map((envelope) => ({ signed: envelope })))
  return `${results.map(resultText).join(' ')}; ${await read(pair, key)}`
}
