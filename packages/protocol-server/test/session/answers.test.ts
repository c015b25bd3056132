import { describe, expect, test } from '@jest/globals'
import type { ServedPart } from '@sr/protocol'
import { codeOf, type RawClient } from '@sr/protocol/conformance'
import { type DocumentItem, MAX_MESSAGE_BYTES, type Part, readInformed } from '@sr/protocol/messages'
import { encode } from '@sr/xr/dag-cbor'
import { document, machineWith, PEER, RECEIPT, REVISION, SELF, serve, SHOWN, watchOf } from './setup.ts'

const ADDRESS = '/ip4/1.2.3.4/tcp/5'
const AUTHOR = { via: 'author', from: PEER, observedAddr: ADDRESS }
const KEY = new TextEncoder().encode('k')

function watched(parts: readonly ServedPart[]): ReturnType<typeof machineWith> {
  return machineWith({
    watch: async () => {
      const queue = [...parts]
      return watchOf(async () => queue.shift())
    },
  })
}

async function partsUntilMarker(client: RawClient): Promise<Part[]> {
  const parts: Part[] = []
  client.send(1, { op: 'watch', key: KEY, credit: 100_000_000 })
  for (let part = await client.part(1); part.kind !== 'marker'; part = await client.part(1)) parts.push(part)
  return parts
}

describe('what a machine cannot do', () => {
  test.each([
    ['a query', { op: 'query', key: KEY, steps: [0] }, 'E_TYPE'],
    ['a watch', { op: 'watch', key: KEY, credit: 1024 }, 'E_TYPE'],
    ['an explanation', { op: 'explain', item: { key: KEY, body: encode('a'), ttl: 1 } }, 'E_TYPE'],
    ['the updates of a record', { op: 'get', key: KEY, as: 'updates' }, 'E_UNSUPPORTED'],
    ['what stands at a path', { op: 'get', key: KEY, at: [encode('a')] }, 'E_UNSUPPORTED'],
    ['a page', { op: 'get', key: KEY, after: Uint8Array.of(1) }, 'E_UNSUPPORTED'],
  ] as const)('%s is refused', async (_, request, code) => {
    const { client } = serve(machineWith({}))
    expect(codeOf(await client.ask(1, request))).toBe(code)
    expect(readInformed(await client.ask(2, { op: 'info' })).can).toEqual([])
  })
})

describe('writers that are no peer ids', () => {
  const documents = new Map([
    ['someone', { ...SHOWN, document: document({ a: 1 }) as never }],
    [PEER, { ...SHOWN, document: document({ a: 2 }) as never }],
  ])

  test('are left out and counted', async () => {
    const { client, counters } = serve(machineWith({ get: async () => ({ revision: REVISION, documents }) }))
    const found = (await client.get(1, 'k')).documents as readonly DocumentItem[]
    expect(found.map(({ tree }) => String(tree))).toEqual([String(encode(document({ a: 2 })))])
    expect(counters.get('unnamed')).toBe(1)
    // the answer is kept, and counts again
    await client.get(2, 'k')
    expect(counters.get('unnamed')).toBe(2)
  })

  test('are left out of snapshots and changes', async () => {
    const pieces = Array.from(documents, ([writer, { document: node, ...rest }]) => ({ ...rest, writer, node }))
    const changes = pieces.map((piece) => ({ ...piece, events: [] }))
    const { client, counters } = serve(
      watched([
        { kind: 'snapshot', documents: pieces },
        { kind: 'changes', counter: 2, documents: changes },
        { kind: 'marker', revision: REVISION },
      ]),
    )
    const parts = await partsUntilMarker(client)
    expect(parts.map((part) => ('documents' in part ? part.documents : (part as never)['changes']).length)).toEqual([
      1, 1,
    ])
    expect(counters.get('unnamed')).toBe(2)
  })
})

describe('messages', () => {
  test('the updates that a watch begins with come in parts that fit into frames', async () => {
    const updates = Array.from({ length: 20 }, (_, n) => new Uint8Array(200_000).fill(n))
    const { client } = serve(
      watched([
        { kind: 'updates', counter: 7, updates },
        { kind: 'marker', revision: REVISION },
      ]),
    )
    const parts = (await partsUntilMarker(client)) as Array<Extract<Part, { kind: 'updates' }>>
    expect(parts.flatMap((part) => part.updates.map(([first]) => first))).toEqual(updates.map(([first]) => first))
    expect(parts.every(({ counter, updates: some }) => counter === 7 && some.length === 1)).toBe(true)
  })

  test('the results of an update that would not fit into a frame come without what explains them', async () => {
    const path = [document({ key: 'x'.repeat(10_000) })]
    const problems = Array.from({ length: 10 }, () => ({ path, tag: 'dialable' }))
    const { client } = serve(machineWith({ updateUnsigned: async () => ({ ...RECEIPT, problems }) }))
    const item = { key: KEY, body: encode(document({})), ttl: 60 }
    const results = await client.update(1, ...Array.from({ length: 256 }, () => item))
    expect(results.length).toBe(256)
    expect(256 * 10 * 10_000).toBeGreaterThan(MAX_MESSAGE_BYTES)
    const [one] = await client.update(2, item)
    expect((one as { unread?: unknown[] }).unread?.length).toBeGreaterThan(0)
  })
})

describe('how an update reaches the machine', () => {
  test.each([
    ['an own one', { key: KEY, body: encode(document({})), ttl: 60 }, AUTHOR],
    ['with ifSeq', { key: KEY, body: encode(document({})), ttl: 60, ifSeq: 3 }, { ...AUTHOR, ifSeq: 3 }],
    [
      'a signed one of another writer',
      { signed: Uint8Array.of(0x0a, 0) },
      { via: 'peer', from: PEER, observedAddr: undefined },
    ],
  ])('%s', async (_, item, expected) => {
    const seen: unknown[] = []
    const take = async (_update: unknown, options: unknown): Promise<typeof RECEIPT> => {
      seen.push(options)
      return RECEIPT
    }
    const { client } = serve(machineWith({ update: take, updateUnsigned: take }), {}, { observedAddr: ADDRESS })
    await client.update(1, item)
    expect(seen).toEqual([expected])
  })

  test('the message of an error of the machine is not sent', async () => {
    const machine = machineWith({
      get: async () => {
        throw new TypeError(`secret of ${SELF}`)
      },
    })
    const { client } = serve(machine)
    const refusal = await client.ask(1, { op: 'get', key: KEY })
    expect([codeOf(refusal), [...(refusal.rest[0] as ReadonlyMap<string, unknown>)]]).toEqual(['E_INTERNAL', []])
  })
})
