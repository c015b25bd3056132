import type { Store, UsageChange } from '../../store/store.ts'
import { assertSame } from '../case.ts'
import { contents, entryOf, given, plain, randomOf, refOf, type StoreCase } from './setup.ts'

/** Commits that are under way at once. */
const CONCURRENT = 64

/** Usage, totals, and commits that are under way at once. */
export const usageCases: readonly StoreCase[] = [
  given('usage is the sum of its changes, apart for each writer', async (store) => {
    const writers = [
      'ann',
      'Ann',
      'AnN',
      'a/b',
      'a',
      '',
      'é',
      '-',
      '_a',
      'a b',
      '12D3KooWaB',
      '12D3KooWAb',
      'w'.repeat(60),
    ]
    for (const [n, writer] of writers.entries()) {
      await store.commit({ put: [], drop: [], usage: [{ writer, bytes: 10 + n, records: n }] })
      await store.commit({ put: [], drop: [], usage: [{ writer, bytes: -3, records: 1 }] })
    }
    for (const [n, writer] of writers.entries()) {
      assertSame(await usageOf(store, writer), [7 + n, n + 1], `usage of ${writer}`)
    }
    assertSame(await usageOf(store, 'b'), [0, 0], 'usage of a writer without any')
  }),
  given('changes of one writer in a batch add up', async (store) => {
    const usage: UsageChange[] = [
      { writer: 'ann', bytes: 5, records: 1 },
      { writer: 'bob', bytes: 1, records: 1 },
      { writer: 'ann', bytes: 7, records: 0 },
    ]
    await store.commit({ put: [], drop: [], usage })
    assertSame(
      [await usageOf(store, 'ann'), await usageOf(store, 'bob')],
      [
        [12, 1],
        [1, 1],
      ],
      'usage',
    )
  }),
  given('putting an entry again does not change its usage; its batch does', async (store) => {
    const batch = { put: [entryOf('aa', 1)], drop: [], usage: [{ writer: 'ann', bytes: 600, records: 1 }] }
    await store.commit(batch)
    await store.commit({ ...batch, usage: [] })
    assertSame(await usageOf(store, 'ann'), [600, 1], 'usage')
    await store.commit(batch)
    assertSame(await usageOf(store, 'ann'), [1200, 2], 'usage after a batch that adds to it')
  }),
  given('the totals are the entries, and the usage of all writers', async (store) => {
    assertSame(await totalsOf(store), [0, 0, 0], 'totals of a new store')
    const put = [entryOf('aa', 1), entryOf('aa', 2), entryOf('ab', 3)]
    const usage = [
      { writer: 'ann', bytes: 1200, records: 1 },
      { writer: 'bob', bytes: 600, records: 1 },
    ]
    await store.commit({ put, drop: [], usage })
    assertSame(await totalsOf(store), [3, 1800, 2], 'totals')
    const drop = [refOf(entryOf('aa', 1)), refOf(entryOf('zz', 9))]
    await store.commit({ put: [], drop, usage: [{ writer: 'ann', bytes: -600, records: 0 }] })
    assertSame(await totalsOf(store), [2, 1200, 2], 'totals after a drop')
  }),
  given('commits for different records are under way at once', async (store) => {
    const all = Array.from({ length: CONCURRENT }, (_, n) => entryOf(`r${n}`, n))
    const usage = [{ writer: 'ann', bytes: 1, records: 1 }]
    await Promise.all(all.map(async (one) => await store.commit({ put: [one], drop: [], usage })))
    assertSame(await usageOf(store, 'ann'), [CONCURRENT, CONCURRENT], 'usage')
    await Promise.all(
      all.map(async (one, n) => {
        await store.commit(
          n % 2 === 0 ? { put: [], drop: [refOf(one)], usage } : { put: [entryOf(one.record, n + 1)], drop: [], usage },
        )
      }),
    )
    for (const [n, { record }] of all.entries()) {
      assertSame((await store.read(record)).entries.length, n % 2 === 0 ? 0 : 2, `entries of ${record}`)
    }
    assertSame(await totalsOf(store), [CONCURRENT, 2 * CONCURRENT, 2 * CONCURRENT], 'totals')
  }),
  given('reads while commits for other records are under way', async (store) => {
    await store.commit({ put: [entryOf('aa', 1)], drop: [], usage: [] })
    const commits = Array.from({ length: CONCURRENT }, async (_, n) => {
      await store.commit({ put: [entryOf(`r${n}`, n)], drop: [], usage: [] })
      return plain((await store.read(`r${n}`)).entries)
    })
    for (let n = 0; n < CONCURRENT; n++) {
      assertSame(plain((await store.read('aa')).entries), plain([entryOf('aa', 1)]), 'read')
    }
    const found = await Promise.all(commits)
    assertSame(
      found,
      Array.from(found, (_, n) => plain([entryOf(`r${n}`, n)])),
      'what was read after each commit',
    )
  }),
  given('commits for one record take effect in the order of the calls', async (store) => {
    for (let round = 0; round < CONCURRENT; round++) {
      await store.commit({ put: [entryOf('aa', 1, { bytes: Uint8Array.of(round) })], drop: [], usage: [] })
      if (round % 2 === 1) {
        await store.commit({ put: [], drop: [refOf(entryOf('aa', 1))], usage: [] })
      }
      const { entries } = await store.read('aa')
      assertSame(
        entries.map(({ bytes }) => bytes[0]),
        round % 2 === 1 ? [] : [round],
        `entries in round ${round}`,
      )
    }
  }),
  given('after many random batches everything agrees', async (store) => {
    const random = randomOf(2)
    const live = new Map<string, ReturnType<typeof entryOf>>()
    for (let round = 0; round < 100; round++) {
      const put = Array.from({ length: random(4) }, () =>
        entryOf(`r${random(5)}`, random(12), { retain: random(5000) }),
      )
      const drop = Array.from({ length: random(4) }, () => refOf(entryOf(`r${random(5)}`, random(12))))
      await store.commit({ put, drop, usage: [{ writer: 'ann', bytes: random(9), records: 0 }] })
      drop.forEach(({ record, hash }) => live.delete(record + hash))
      put.forEach((one) => live.set(one.record + one.hash, one))
    }
    const expected = [...live.values()]
    for (let n = 0; n < 5; n++) {
      const found = await store.read(`r${n}`)
      assertSame(plain(found.entries), plain(expected.filter(({ record }) => record === `r${n}`)), `read of r${n}`)
    }
    const index = (await contents(store)).map(({ record, hash, retain }) => `${record} ${hash} ${retain}`).sort()
    assertSame(index, expected.map(({ record, hash, retain }) => `${record} ${hash} ${retain}`).sort(), 'index')
    assertSame((await store.totals()).entries, expected.length, 'number of entries')
  }),
]

async function usageOf(store: Store, writer: string): Promise<[bytes: number, records: number]> {
  const { bytes, records } = await store.usage(writer)
  return [bytes, records]
}

async function totalsOf(store: Store): Promise<[entries: number, bytes: number, documents: number]> {
  const { entries, bytes, documents } = await store.totals()
  return [entries, bytes, documents]
}
