import { encode as encodeNode } from '@sr/xr/dag-cbor'
import { from } from '@sr/xr'
import type { CborValue } from '@sr/xr/cbor'
import { readExplained, readInformed, readRows, type Request } from '../../messages/index.ts'
import { assertSame } from '../case.ts'
import { codeOf, keyOf, outcomes, own } from './raw-client.ts'
import { type Bench, serving, type ServerCase } from './setup.ts'

const KEY = keyOf('k')

/** A request that is refused by itself; the stream goes on. */
function refused(name: string, message: CborValue, code: string): ServerCase {
  return serving(name, async ({ client }) => {
    client.message(message)
    assertSame(codeOf(await client.answer(1)), code, 'the refusal')
    assertSame((await client.ask(2, { op: 'ping' })).type, 'answer', 'the next answer')
  })
}

const COUNTED: ReadonlyArray<readonly [name: string, request: Request]> = [
  ['update', { op: 'update', items: [own('k', { a: 1 })] }],
  ['get', { op: 'get', key: KEY }],
  ['updates', { op: 'get', key: KEY, as: 'updates' }],
  ['info', { op: 'info' }],
  ['ping', { op: 'ping' }],
]

/** Sends a request, a cancel before, with or after it, and a ping; every request has one end. */
async function assertOneEnd({ client }: Bench, request: Request, when: 'at once' | 'after'): Promise<void> {
  client.send(1, request)
  if (when === 'after') {
    await client.answer(1)
  }
  client.send(1, { op: 'cancel' })
  if (when === 'at once') {
    const end = await client.answer(1)
    assertSame(end.type === 'answer' || codeOf(end) === 'E_CANCELLED', true, 'the end')
  }
  client.send(2, { op: 'ping' })
  assertSame((await client.next())?.id, 2, 'the next message')
}

/** Requests, their results, and how they end. */
export const requestCases: readonly ServerCase[] = [
  refused('extra-element', [1, 7, 1], 'E_PROTO'),
  refused('unknown-option', [1, 2, KEY, new Map([['x', 1]])], 'E_UNSUPPORTED'),
  refused('unknown-op-stream-lives', [1, 63], 'E_TYPE'),
  refused('a key of 1,025 bytes', [1, 2, new Uint8Array(1025)], 'E_KEY'),
  refused('no items', [1, 1, []], 'E_PROTO'),
  ...COUNTED.flatMap(([name, request]) =>
    (['at once', 'after'] as const).map((when) =>
      serving(`one-end-each: ${name}, cancelled ${when}`, async (bench) => {
        await assertOneEnd(bench, request, when)
      }),
    ),
  ),
  serving('cancel-unknown-silent', async ({ client }) => {
    await client.ask(5, { op: 'ping' })
    client.send(3, { op: 'cancel' })
    client.send(6, { op: 'ping' })
    assertSame((await client.next())?.id, 6, 'the next message')
  }),
  serving('same-key-in-order', async ({ client }) => {
    const pairs = 500
    for (let n = 0; n < pairs; n++) {
      client.send(2 * n + 1, { op: 'update', items: [own('k', { n })] })
      client.send(2 * n + 2, { op: 'get', key: KEY })
    }
    for (let n = 0; n < pairs; n++) {
      const message = await client.answer(2 * n + 2)
      // rates may delay requests, and a server refuses what is more than it may have under way
      if (message.type === 'answer') {
        const documents = (message.rest[1] ?? []) as readonly CborValue[][]
        assertSame(String(documents[0]?.[5]), String(bodyOf(n)), `what get ${n} reads`)
      } else {
        assertSame(codeOf(message), 'E_BUSY', `the refusal of get ${n}`)
      }
    }
  }),
  serving('ifSeq-0, -right, -stale', async ({ client }) => {
    const [first] = await client.update(1, own('k', { a: 1 }, { ifSeq: 0 }))
    const seq = (first as { seq: number }).seq
    assertSame(outcomes(await client.update(2, own('k', { a: 2 }, { ifSeq: 0 }))), ['E_STALE'], 'ifSeq 0')
    const [stale] = await client.update(3, own('k', { a: 2 }, { ifSeq: seq - 1 }))
    assertSame((stale as { seq?: number }).seq, seq, 'the seq of a stale update')
    assertSame(outcomes(await client.update(4, own('k', { a: 2 }, { ifSeq: seq }))), ['stored'], 'the right ifSeq')
  }),
  serving('ifSeq-twice-applies-once', async ({ client }) => {
    const item = own('k', { a: 1 }, { ifSeq: 0 })
    assertSame(outcomes(await client.update(1, item, item)), ['stored', 'E_STALE'], 'the results')
  }),
  serving('items-partly-refused', async ({ client }) => {
    const bad = { ...own('k', {}), body: encodeNode(from([1])) }
    const malformed = { ...own('k', {}), body: Uint8Array.of(0xff) }
    const results = await client.update(1, own('k', { a: 1 }), bad, malformed, own('k', { b: 1 }))
    assertSame(outcomes(results), ['stored', 'E_DOC', 'E_DOC', 'stored'], 'the results')
  }),
  serving('ttl: 0 s, and longer than granted', async ({ client }) => {
    const results = await client.update(1, own('k', { a: 1 }, { ttl: 1e9 }))
    assertSame(outcomes(results), ['E_TTL'], 'the result of a long life')
  }),
  serving('unsigned-bytes-refused', async ({ client }) => {
    assertSame(outcomes(await client.update(1, { signed: Uint8Array.of(1, 0x87) })), ['E_SIG'], 'the result')
  }),
  serving(
    'repeated-signed-held',
    async ({ client, setup }) => {
      const signed = await (setup.sign as NonNullable<typeof setup.sign>)({
        key: KEY,
        body: bodyOf(1),
        ttl: 600,
      })
      const flipped = signed.slice()
      flipped[flipped.length - 1] = (flipped[flipped.length - 1] as number) ^ 1
      assertSame(outcomes(await client.update(1, { signed: flipped })), ['E_SIG'], 'a wrong signature')
      assertSame(outcomes(await client.update(2, { signed }, { signed })), ['stored', 'held'], 'the results')
      const { updates } = await client.get(3, 'k', { as: 'updates' })
      assertSame(updates?.map(String), [String(signed)], 'the updates')
      const { documents } = await client.get(4, 'k')
      assertSame(
        documents?.map((document) => document.signed),
        [true],
        'whether the document is signed',
      )
    },
    { needs: ['signing'] },
  ),
  serving(
    'query, its rows and their cursor',
    async ({ client }) => {
      await client.update(1, own('k', { p: { a: 1, b: 2, c: 3 } }))
      const steps = [encodeNode('p'), 0] as const
      const first = readRows(await client.ask(2, { op: 'query', key: KEY, steps, limit: 2 }))
      assertSame([first.rows.length, first.after !== undefined], [2, true], 'the first page')
      const request = { op: 'query', key: KEY, steps, limit: 2, after: first.after } as const
      const second = readRows(await client.ask(3, request))
      assertSame([second.rows.length, second.after], [1, undefined], 'the second page')
      assertSame(codeOf(await client.ask(4, { ...request, key: keyOf('other') })), 'E_PROTO', 'cursor-foreign-key')
    },
    { needs: ['query'] },
  ),
  serving(
    'explain-changes-nothing',
    async ({ client }) => {
      const { result } = readExplained(await client.ask(1, { op: 'explain', item: own('k', { a: 1 }) }))
      assertSame((result as { stored?: boolean }).stored, true, 'the result')
      assertSame((await client.get(2, 'k')).documents, [], 'the record')
      const refusal = readExplained(
        await client.ask(3, { op: 'explain', item: own('k', { a: 1 }, { ttl: 1e9 }) }),
      ).result
      assertSame((refusal as { code?: string }).code, 'E_TTL', 'a refusal')
    },
    { needs: ['explain'] },
  ),
  serving('info-limits-true', async ({ client }) => {
    const { limits, can, version } = readInformed(await client.ask(1, { op: 'info' }))
    assertSame(version, '1.0.0', 'the version')
    const items = limits.get('items') ?? 256
    assertSame(codeOf(await client.ask(2, { op: 'update', items: many(items + 1) })), 'E_PROTO', 'one item too many')
    const maxTtl = limits.get('maxTtl') as number
    assertSame(outcomes(await client.update(3, own('k', { a: 1 }, { ttl: maxTtl }))), ['stored'], 'the longest life')
    assertSame(outcomes(await client.update(4, own('k', { a: 1 }, { ttl: maxTtl + 1 }))), ['E_TTL'], 'one second more')
    for (const [name, op] of [
      ['query', 3],
      ['watch', 4],
      ['explain', 5],
    ] as const) {
      if (!can.includes(name)) {
        client.message([10 + op, op, KEY, []])
        assertSame(codeOf(await client.answer(10 + op)), 'E_TYPE', name)
      }
    }
  }),
]

function bodyOf(n: number): Uint8Array {
  return encodeNode(from({ n }))
}

function many(count: number): ReturnType<typeof own>[] {
  return Array.from({ length: count }, (_, i) => own(`k${i}`, { a: 1 }))
}
