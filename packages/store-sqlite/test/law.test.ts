import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { memoryStore, type Store, type StoreEntry } from '@sr/vm'
import { sqliteStore } from '../src/index.ts'
import { entry, newFolder } from './setup.ts'

const RECORDS = ['a', 'aa', 'b', 'ab2']
const WRITERS = ['ann', 'bob']

const update = fc
  .record({
    record: fc.constantFrom(...RECORDS),
    n: fc.nat({ max: 5 }),
    retain: fc.nat({ max: 20 }),
    writer: fc.constantFrom(...WRITERS),
    chargedTo: fc.constantFrom(...WRITERS),
    cost: fc.nat({ max: 9 }),
    resumed: fc.boolean(),
    signed: fc.boolean(),
    local: fc.boolean(),
    bytes: fc.uint8Array({ maxLength: 9 }),
  })
  .map(({ n, ...fields }): StoreEntry => ({ ...entry(n), ...fields }))

const change = fc.record({
  writer: fc.constantFrom(...WRITERS),
  bytes: fc.integer({ min: -9, max: 9 }),
  records: fc.integer({ min: -2, max: 2 }),
})

const commit = fc.record({
  put: fc.uniqueArray(update, { maxLength: 4, selector: ({ record, hash }) => record + hash }),
  drop: fc.array(update, { maxLength: 3 }),
  usage: fc.array(change, { maxLength: 3 }),
})

type Step =
  | {
      readonly kind: 'commits'
      readonly batches: ReadonlyArray<typeof commit extends fc.Arbitrary<infer T> ? T : never>
    }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'quarantine'; readonly ref: StoreEntry }
  | { readonly kind: 'reopen' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.array(commit, { minLength: 1, maxLength: 5 }).map((batches): Step => ({ kind: 'commits', batches })),
  },
  { weight: 1, arbitrary: fc.nat().map((ms): Step => ({ kind: 'time', ms })) },
  { weight: 1, arbitrary: update.map((ref): Step => ({ kind: 'quarantine', ref })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'reopen' }) },
)

async function apply(store: Store, one: Step): Promise<void> {
  if (one.kind === 'commits') {
    await Promise.all(one.batches.map((batch) => store.commit(batch)))
  } else if (one.kind === 'time') {
    await store.saveTime(one.ms)
  } else if (one.kind === 'quarantine') {
    await store.quarantine(one.ref, 'by a test')
  } else {
    await store.close()
    await store.open()
  }
}

/** Everything that the calls of a store return. */
async function contents(store: Store, limit: number): Promise<unknown> {
  const byHash = (entries: readonly StoreEntry[]): StoreEntry[] =>
    [...entries].sort((a, b) => (a.hash < b.hash ? -1 : 1))
  const index: StoreEntry[] = []
  for (;;) {
    const page = (await store.index({
      ...(index.length > 0 ? { after: index.at(-1) as StoreEntry } : {}),
      until: 15,
      limit,
    })) as StoreEntry[]
    index.push(...page)
    if (page.length < limit) break
  }
  const due = []
  for (;;) {
    const page = await store.due({
      ...(due.length > 0 ? { after: due.at(-1) as { record: string; retain: number } } : {}),
      until: 12,
      limit,
    })
    due.push(
      ...page.map((one) => ({
        ...one,
        entries: one.entries && [...one.entries].sort((a, b) => (a.hash < b.hash ? -1 : 1)),
      })),
    )
    if (page.length < limit) break
  }
  return {
    records: await Promise.all(RECORDS.map(async (record) => byHash((await store.read(record)).entries))),
    got: await store.get('a', entry(3).hash),
    index,
    due,
    resumed: await store.resumed({ limit: 9 }),
    resumedAfter: await store.resumed({ after: 'aa', limit: 1 }),
    usage: await Promise.all(WRITERS.map((writer) => store.usage(writer))),
    totals: await store.totals(),
    time: await store.loadTime(),
  }
}

test('it answers as the store in memory does, for any calls', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 7 }), async (steps, limit) => {
      const [ours, model] = [sqliteStore({ folder: newFolder(), durable: false }), memoryStore()]
      await ours.open()
      try {
        for (const one of steps) {
          await apply(ours, one)
          await apply(model, one)
          expect(await contents(ours, limit)).toEqual(await contents(model, limit))
        }
      } finally {
        await ours.close()
      }
    }),
    { numRuns: 40 },
  )
})
