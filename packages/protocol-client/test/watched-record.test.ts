import { changes, createDocument, remove, set, ttl, validateUpdate } from '@sr/ir'
import type { ServedEvent, WatchPart } from '@sr/protocol'
import { foldWatch, WatchedRecord } from '@sr/protocol-client/session'
import { Dict, from, key, List, type Node } from '@sr/xr'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'

const EPOCH = new Uint8Array(8)
const HEAD = { writer: 'ann', seq: 1, signed: true, forked: false, next: 9, ends: 9 }

const name = fc.constantFrom<Node>('a', 'b', 1n)
const leaf = fc.constantFrom<Node>('x', 'y', 1n, true)
const { value, dict } = fc.letrec<{ value: Node; dict: Dict }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'value' },
    leaf,
    fc.uniqueArray(leaf, { selector: key }).map((members) => List.from(members)),
    tie('dict'),
  ),
  dict: fc
    .uniqueArray(fc.tuple(name, tie('value')), {
      maxLength: 3,
      selector: ([one]) => key(one),
      depthIdentifier: 'value',
    })
    .map((entries) => Dict.from(entries)),
}))
const statement = fc.oneof(
  value,
  fc.constant(remove()),
  value.map((one) => set(one)),
  fc.tuple(value, fc.integer({ min: 1, max: 9 })).map(([one, seconds]) => ttl(one, seconds)),
  leaf.map((one) => List.of(remove(one))),
)
const body = fc.oneof(
  { weight: 5, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'c'), statement).map((entries) => from(entries)) },
  { weight: 1, arbitrary: dict.map((one) => set(one)) },
  { weight: 1, arbitrary: fc.constant(remove()) },
)

/** What a server sends between two views of one document. */
function eventsOf(found: ReturnType<typeof changes>): ServedEvent[] {
  return found.map(({ kind, path, member, value: now, expires }) => ({
    cause: kind,
    path,
    isMember: member !== undefined,
    value: now === undefined ? undefined : (member ?? now),
    old: now === undefined ? member : undefined,
    expires,
  }))
}

describe('WatchedRecord', () => {
  test('has the state of the record after each part, whatever is written, merged and expires', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(body, fc.integer({ min: 1, max: 9 }), fc.boolean()), { maxLength: 8 }), (steps) => {
        const document = createDocument()
        const record = new WatchedRecord()
        record.apply({ kind: 'snapshot', documents: [] })
        record.apply({ kind: 'marker', revision: { epoch: EPOCH, counter: 0 } })
        let before = document.view(0)
        steps.forEach(([statements, life, isSent], i) => {
          const now = (i + 1) * 1000
          const stamp = { seq: now * 1000, hash: `${i}`.padStart(64, '0') }
          document.apply(
            validateUpdate({ ...stamp, expires: now + life * 1000, retain: now + 20_000, body: statements }),
          )
          if (!isSent) {
            return // the next part leads over two steps
          }
          const after = document.view(now)
          const events = eventsOf(changes(before, after))
          before = after
          if (events.length > 0) {
            record.apply({ kind: 'changes', counter: i + 1, documents: [{ ...HEAD, events }] })
          }
          const shown = record.documents.get('ann')?.node
          expect(shown === undefined ? undefined : key(shown)).toBe(
            after.tree === undefined ? undefined : key(after.tree),
          )
        })
      }),
      { numRuns: 2000 },
    )
  })

  test('drops everything at a reset, and knows its revision from the next marker on', () => {
    const record = new WatchedRecord()
    const parts: Array<[WatchPart, number, number | undefined]> = [
      [{ kind: 'snapshot', documents: [{ ...HEAD, node: from({ a: 1 }) }] }, 1, undefined],
      [{ kind: 'snapshot', documents: [{ ...HEAD, writer: 'bob', node: from({ a: 1 }) }] }, 2, undefined],
      [{ kind: 'marker', revision: { epoch: EPOCH, counter: 5 } }, 2, 5],
      [{ kind: 'gap', counter: 7 }, 2, 5],
      [
        {
          kind: 'changes',
          counter: 7,
          documents: [
            {
              ...HEAD,
              events: [{ cause: 'removed', path: [], isMember: false, value: undefined, old: undefined, expires: 9 }],
            },
          ],
        },
        1,
        7,
      ],
      [{ kind: 'reset', epoch: EPOCH, why: 'too-old' }, 0, undefined],
      [{ kind: 'snapshot', documents: [] }, 0, undefined],
      [{ kind: 'marker', revision: { epoch: EPOCH, counter: 9 } }, 0, 9],
    ]
    for (const [part, size, counter] of parts) {
      record.apply(part)
      expect([record.documents.size, record.revision?.counter]).toEqual([size, counter])
    }
  })

  test('keeps maps that were read: later parts make others', () => {
    const record = new WatchedRecord()
    record.apply({ kind: 'snapshot', documents: [{ ...HEAD, node: from({ a: 1 }) }] })
    const before = record.documents
    record.apply({ kind: 'reset', epoch: undefined, why: 'interrupted' })
    expect([before.size, record.documents.size]).toEqual([1, 0])
  })

  test('refuses updates', () => {
    expect(() => new WatchedRecord().apply({ kind: 'updates', counter: 1, updates: [] })).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_UNSUPPORTED' }),
    )
  })
})

test('foldWatch yields after each part, and ends the watch with its loop', async () => {
  let ended = 0
  const parts: WatchPart[] = [
    { kind: 'snapshot', documents: [{ ...HEAD, node: from({ a: 1 }) }] },
    { kind: 'marker', revision: { epoch: EPOCH, counter: 5 } },
    { kind: 'gap', counter: 6 },
  ]
  async function* watch(): AsyncGenerator<WatchPart> {
    try {
      yield* parts
    } finally {
      ended++
    }
  }
  const seen: Array<number | undefined> = []
  for await (const { documents, revision } of foldWatch(watch())) {
    seen.push(documents.size, revision?.counter)
    if (revision !== undefined) {
      break
    }
  }
  expect([seen, ended]).toEqual([[1, undefined, 1, 5], 1])
})
