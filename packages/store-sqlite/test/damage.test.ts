import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { sqliteStore, type SqliteStore } from '../src/index.ts'
import { batch, changeDatabase, entry, filledFolder, newFolder, withStore } from './setup.ts'

const COUNT = 40
const ALL = { limit: 1000, until: 1e9 }

/** What the calls of a store return when update 7 is the only one that is damaged. */
async function expectOthers(store: SqliteStore, damaged: number): Promise<void> {
  const others = Array.from({ length: COUNT }, (_, n) => n).filter((n) => n !== damaged)
  for (const n of others) {
    expect(await store.read(`r${n}`)).toEqual({ entries: [entry(n)], damaged: [] })
  }
  expect((await store.index(ALL)).map(({ record }) => record)).toEqual(others.map((n) => `r${n}`))
  expect((await store.due(ALL)).map(({ record }) => record)).toEqual(others.map((n) => `r${n}`))
}

/** Changes of one column of update 7, whose id is 8. */
const COLUMNS: readonly string[] = [
  "record = 'rx'",
  "hash = x'00'",
  'hash = NULL',
  'retain = retain + 1',
  'retain = 9223372036854775807',
  "writer = 'bob'",
  "charged_to = 'bob'",
  'cost = 1',
  'cost = 0.5',
  'flags = 0',
  'length = 2',
  'bytes_crc = bytes_crc + 1',
  'crc = crc + 1',
  "bytes = x'070103'",
  "bytes = 'abc'",
]

/** Collects reports of updates; SQL that changes a row changes its keys in the indexes, too, so those are reported as well. */
function noteUpdates(reasons: string[]): (reason: string) => void {
  return (reason) => {
    if (!reason.startsWith('the index ')) {
      reasons.push(reason)
    }
  }
}

describe.each(COLUMNS)('update 7 with %s', (change) => {
  /** `NOT NULL` would refuse some of what a damaged page may have. */
  const damage = (folder: string): void => {
    changeDatabase(
      folder,
      `PRAGMA writable_schema = ON;
       UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'entries';
       PRAGMA writable_schema = RESET;
       UPDATE entries SET ${change} WHERE id = 8`,
    )
  }

  const inBytes = change.startsWith('bytes = ')
  const isDue = !change.startsWith('retain = 9')

  test('is set aside by read, and the others are served', async () => {
    const folder = await filledFolder(COUNT)
    damage(folder)
    await withStore({ folder }, async (store) => {
      expect(await store.read('r7')).toMatchObject({ entries: [], damaged: [{ record: 'r7' }] })
      expect(await store.read('r7')).toEqual({ entries: [], damaged: [] })
      expect((await store.totals()).entries).toBe(COUNT - 1)
      await expectOthers(store, 7)
    })
  })

  test('is set aside by get', async () => {
    const folder = await filledFolder(COUNT)
    damage(folder)
    const reasons: string[] = []
    await withStore({ folder, onDamaged: noteUpdates(reasons) }, async (store) => {
      expect(await store.get('r7', entry(7).hash)).toBeUndefined()
      expect(reasons).toHaveLength(1)
    })
  })

  // these do not read the bytes
  const pages: ReadonlyArray<readonly [string, number, (store: SqliteStore) => Promise<readonly unknown[]>]> = [
    ['index', inBytes ? 0 : 1, async (store) => await store.index({ limit: 1000 })],
    ['due', inBytes || !isDue ? 0 : 1, async (store) => await store.due(ALL)],
  ]
  test.each(pages)('is set aside by %s, unless the bytes are damaged', async (_, reported, call) => {
    const folder = await filledFolder(COUNT)
    damage(folder)
    const reasons: string[] = []
    await withStore({ folder, onDamaged: noteUpdates(reasons) }, async (store) => {
      expect((await call(store)).length).toBe(inBytes ? COUNT : COUNT - 1)
      expect(reasons).toHaveLength(reported)
    })
  })

  test('is reported and mended by a check', async () => {
    const folder = await filledFolder(COUNT)
    damage(folder)
    const store = sqliteStore({ folder })
    expect(await store.check({ repair: false })).toMatchObject({ entries: COUNT - 1, damaged: [{}], repaired: false })
    expect(await store.check({ repair: true })).toMatchObject({ entries: COUNT - 1, damaged: [{}], repaired: true })
    expect(await store.check({ repair: false })).toMatchObject({
      entries: COUNT - 1,
      damaged: [{ reason: expect.stringMatching(/^in the quarantine: /) }],
      problems: [],
    })
    await store.open()
    await expectOthers(store, 7)
    expect(await store.usage('ann')).toEqual({ bytes: 600 * (COUNT - 1), records: COUNT - 1 })
    expect(await store.totals()).toEqual({ entries: COUNT - 1, bytes: 600 * (COUNT - 1), documents: COUNT - 1 })
    await store.close()
  })
})

const PROBLEMS: ReadonlyArray<{ name: string; change: string; problems: readonly RegExp[] }> = [
  {
    name: 'a usage that is not what was written',
    change: 'UPDATE usage SET bytes = 9',
    problems: [/checksum/, /usage of ann is 9 bytes; its updates cost 24000/, /total of bytes/],
  },
  {
    name: 'a usage that is gone',
    change: 'DELETE FROM usage',
    problems: [/usage of ann is missing; its updates cost 24000, in 40 records/, /total/, /total/],
  },
  {
    name: 'an update whose short form is wrong',
    change: 'UPDATE entries SET record_key = 1 WHERE id = 8',
    problems: [/update 8 of record r7 is not where/],
  },
  {
    name: 'an update that is gone',
    change: 'DELETE FROM entries WHERE id = 8',
    problems: [
      /ann is 24000 bytes; its updates cost 23400/,
      /ann is 40 records; it has updates in 39/,
      /total of updates is 40/,
    ],
  },
  {
    name: 'counters that are gone',
    change: 'DELETE FROM meta',
    problems: [/counters/, /total of updates is 0; the sum is 40/, /total/, /total/],
  },
]

describe('a check reports and mends', () => {
  test.each(PROBLEMS)('$name', async ({ change, problems }) => {
    const folder = await filledFolder(COUNT)
    changeDatabase(folder, change)
    const store = sqliteStore({ folder })
    const expected = problems.map((problem) => expect.stringMatching(problem))
    expect((await store.check({ repair: false })).problems).toEqual(expected)
    expect(await store.check({ repair: true })).toMatchObject({ problems: expected, repaired: true })
    expect(await store.check({ repair: false })).toMatchObject({ problems: [], damaged: [] })
    await store.open()
    expect(await store.check({ repair: false })).toMatchObject({ problems: [], damaged: [] })
    const { entries } = await store.totals()
    await store.commit(batch([entry(100)]))
    expect((await store.totals()).entries).toBe(entries + 1)
    expect(await store.check({ repair: false })).toMatchObject({ problems: [], damaged: [] })
    await store.close()
  })
})

test('a damaged usage is not added to: the writer is refused, others are not', async () => {
  const folder = await filledFolder(3)
  changeDatabase(folder, 'UPDATE usage SET bytes = 9')
  await withStore({ folder }, async (store) => {
    const results = await Promise.allSettled([
      store.usage('ann'),
      store.commit(batch([entry(10)])),
      store.commit(batch([entry(11, { writer: 'bob', chargedTo: 'bob' })])),
    ])
    expect(
      results.map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : 'ok')),
    ).toEqual(['STORE_DAMAGED', 'STORE_DAMAGED', 'ok'])
    expect((await store.read('r10')).entries).toEqual([])
    expect((await store.read('r11')).entries).toHaveLength(1)
    expect(await store.usage('bob')).toEqual({ bytes: 600, records: 1 })
  })
})

test('pages of the table that cannot be read: the other updates are served, expire, and are kept by a repair', async () => {
  const folder = newFolder()
  const many = Array.from({ length: 300 }, (_, n) => entry(n + 1, { bytes: new Uint8Array(400).fill(n) }))
  await withStore({ folder }, async (store) => {
    await store.commit(batch(many))
  })
  const damagedIds = damagePageOf(folder, 150)
  const reasons: string[] = []
  await withStore({ folder, onDamaged: (reason) => reasons.push(reason) }, async (store) => {
    const served = (await store.index({ limit: 1000 })).map(({ record }) => record)
    expect(served).toEqual(many.filter((_, n) => !damagedIds.has(n + 1)).map(({ record }) => record))
    expect(reasons).toHaveLength(damagedIds.size)
    expect((await store.due(ALL)).map(({ record }) => record)).toEqual(served)
    expect(await store.read('r150')).toMatchObject({ entries: [], damaged: [{ record: 'r150', hash: undefined }] })
    expect(await store.read('r1')).toEqual({ entries: [many[0]], damaged: [] })
  })
  const store = sqliteStore({ folder })
  expect(await store.check({ repair: false })).toMatchObject({ entries: 300 - damagedIds.size, repaired: false })
  const report = await store.check({ repair: true })
  expect(report).toMatchObject({ entries: 300 - damagedIds.size, repaired: true })
  expect(report.damaged.map(({ record }) => record)).toEqual([...damagedIds].map((n) => `r${n}`))
  expect(readdirSync(folder).sort()).toEqual(['store.mark', 'store.sqlite', 'store.sqlite.damaged-1'])
  await store.open()
  expect(await store.check({ repair: false })).toMatchObject({ problems: [], damaged: [] })
  expect((await store.index({ limit: 1000 })).length).toBe(300 - damagedIds.size)
  await store.close()
})

/** Overwrites the page of the table that has the n-th update; returns the numbers of all updates in it. */
function damagePageOf(folder: string, n: number): Set<number> {
  const file = join(folder, 'store.sqlite')
  const bytes = readFileSync(file)
  const hashes = (page: number): number[] => {
    const text = bytes.subarray(page, page + 4096)
    return Array.from({ length: 300 }, (_, i) => i + 1).filter((i) => text.includes(Buffer.from(entry(i).hash, 'hex')))
  }
  for (let page = 4096; page < bytes.length; page += 4096) {
    const found = hashes(page)
    if (found.includes(n)) {
      bytes.fill(0xa5, page, page + 4096)
      writeFileSync(file, bytes)
      return new Set(found)
    }
  }
  throw new Error(`no page has update ${n}`)
}
