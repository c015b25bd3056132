import type { DueRecord, Store, StoreEntry, StoreIndex, StoreRef } from '../../store/store.ts'
import { assertSame } from '../case.ts'
import { compareRefs, contents, entryOf, given, indexOf, randomOf, refOf, type StoreCase } from './setup.ts'

const SEED = 1
const RECORDS = 12
const ENTRIES = 60
/** `retain` from 0 to this: several entries have the same, and several seconds have some. */
const LAST_RETAIN = 3000

/** Pages of the index, of due records and of resumed ones. */
export const indexCases: readonly StoreCase[] = [
  given('the index is by retain, then by record, then by hash', async (store) => {
    const all = await putSome(store)
    assertSame(await contents(store), all.map(indexOf), 'index')
  }),
  given('retains of any size are in order', async (store) => {
    const retains = [5000, 1, 0, 2 ** 52, 999, 1000, 1001, 4_000_000_000, 10_000]
    await store.commit({ put: retains.map((retain, n) => entryOf(`r${n % 3}`, n, { retain })), drop: [], usage: [] })
    const found = (await contents(store)).map(({ retain }) => retain)
    assertSame(
      found,
      [...retains].sort((a, b) => a - b),
      'retains',
    )
  }),
  given('pages of the index of any size have each entry once, in order', async (store) => {
    const all = await putSome(store)
    for (const limit of [1, 7, ENTRIES]) {
      assertSame(await indexPages(store, limit), all.map(indexOf), `pages of ${limit}`)
    }
  }),
  given('a page of the index begins after an entry that is not there any more', async (store) => {
    const all = await putSome(store)
    const dropped = all[20] as StoreEntry
    await store.commit({ put: [], drop: [refOf(dropped)], usage: [] })
    const page = await store.index({ after: refOf(dropped), limit: 3 })
    assertSame(page.map(indexOf), all.slice(21, 24).map(indexOf), 'page')
  }),
  given('a page of the index ends with the last entry at its time', async (store) => {
    const all = await putSome(store)
    for (const until of [0, 999, 1000, (all[30] as StoreEntry).retain, LAST_RETAIN]) {
      const expected = all.filter(({ retain }) => retain <= until)
      assertSame((await store.index({ until, limit: ENTRIES })).map(indexOf), expected.map(indexOf), `until ${until}`)
    }
  }),
  given('due records are by their earliest retain, each once, with all entries if all are due', async (store) => {
    const all = await putSome(store)
    for (const until of [0, 800, 1700, LAST_RETAIN]) {
      for (const limit of [1, 4, ENTRIES]) {
        assertSame(await duePages(store, until, limit), expectedDue(all, until), `until ${until}, pages of ${limit}`)
      }
    }
  }),
  given('a record is not due again after its place, unless it has an earlier entry no more', async (store) => {
    const put = [
      entryOf('aa', 1, { retain: 100 }),
      entryOf('aa', 2, { retain: 300 }),
      entryOf('bb', 3, { retain: 200 }),
    ]
    await store.commit({ put, drop: [], usage: [] })
    const page = { after: { record: 'aa', retain: 100 }, until: 400, limit: 9 }
    assertSame(
      (await store.due(page)).map(({ record }) => record),
      ['bb'],
      'records after the place',
    )
    await store.commit({ put: [], drop: [refOf(put[0] as StoreEntry)], usage: [] })
    assertSame(
      (await store.due(page)).map(({ record }) => record),
      ['bb', 'aa'],
      'records after the drop',
    )
  }),
  given('records with a resumed update are in the order of their ids, each once', async (store) => {
    const records = ['b', 'aa', 'a', 'c', 'ab', 'bb']
    const put = records.flatMap((record, n) => [0, 1, 2].map((i) => entryOf(record, i, { resumed: n % 3 !== 2 })))
    await store.commit({ put, drop: [], usage: [] })
    const expected = ['aa', 'ab', 'b', 'c']
    assertSame(await store.resumed({ limit: 99 }), expected, 'resumed records')
    for (const limit of [1, 3]) {
      const found: string[] = []
      for (let page = await store.resumed({ limit }); page.length > 0;) {
        assertSame(page.length <= limit, true, `a page has at most ${limit} records`)
        found.push(...page)
        assertEnds(found.length)
        page = await store.resumed({ after: page.at(-1) as string, limit })
      }
      assertSame(found, expected, `pages of ${limit}`)
    }
  }),
  given('a record is resumed until its last resumed update is gone', async (store) => {
    const put = [
      entryOf('aa', 1, { resumed: true }),
      entryOf('aa', 2, { resumed: true }),
      entryOf('aa', 3, { resumed: false }),
    ]
    await store.commit({ put, drop: [], usage: [] })
    await store.commit({ put: [], drop: [refOf(put[0] as StoreEntry)], usage: [] })
    assertSame(await store.resumed({ limit: 9 }), ['aa'], 'resumed records with one left')
    await store.commit({ put: [], drop: [refOf(put[1] as StoreEntry)], usage: [] })
    assertSame(await store.resumed({ limit: 9 }), [], 'resumed records with none left')
  }),
]

/** Puts entries of some records in several batches; returns them in the order of the index. */
async function putSome(store: Store): Promise<StoreEntry[]> {
  const random = randomOf(SEED)
  const all = Array.from({ length: ENTRIES }, (_, n) =>
    // of each ten entries three share a millisecond
    entryOf(`r${random(RECORDS)}`, random(2 ** 20) * ENTRIES + n, { retain: n % 10 < 3 ? 1500 : random(LAST_RETAIN) }),
  )
  for (let n = 0; n < ENTRIES; n += 8) {
    await store.commit({ put: all.slice(n, n + 8), drop: [], usage: [] })
  }
  return all.sort(compareRefs)
}

async function indexPages(store: Store, limit: number): Promise<StoreIndex[]> {
  const found: StoreIndex[] = []
  for (let after: StoreRef | undefined; ; after = found.at(-1)) {
    const page = await store.index({ limit, ...(after === undefined ? {} : { after: refOf(after) }) })
    assertSame(page.length <= limit, true, `a page has at most ${limit} entries`)
    found.push(...page.map(indexOf))
    assertEnds(found.length)
    if (page.length < limit) {
      return found
    }
  }
}

async function duePages(store: Store, until: number, limit: number): Promise<unknown[]> {
  const found: DueRecord[] = []
  for (let after: DueRecord | undefined; ; after = found.at(-1)) {
    const place = after === undefined ? {} : { after: { record: after.record, retain: after.retain } }
    const page = await store.due({ until, limit, ...place })
    assertSame(page.length <= limit, true, `a page has at most ${limit} records`)
    found.push(...page)
    assertEnds(found.length)
    if (page.length < limit) {
      return found.map(({ record, retain, entries }) => [
        record,
        retain,
        entries === undefined ? undefined : hashes(entries),
      ])
    }
  }
}

/** Without this, pages that repeat an entry would never end. */
function assertEnds(found: number): void {
  assertSame(found <= ENTRIES, true, `${found} entries of ${ENTRIES} are in the pages; each is there at most once`)
}

function expectedDue(all: readonly StoreEntry[], until: number): unknown[] {
  const found = []
  const visited = new Set<string>()
  for (const { record, retain } of all) {
    if (retain <= until && !visited.has(record)) {
      visited.add(record)
      const entries = all.filter((one) => one.record === record)
      found.push([record, retain, entries.every((one) => one.retain <= until) ? hashes(entries) : undefined])
    }
  }
  return found
}

function hashes(entries: readonly StoreIndex[]): string[] {
  return entries.map(({ hash }) => hash).sort()
}
