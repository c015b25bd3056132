import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sqliteStore } from '../src/index.ts'
import type { Database } from '../src/thread/database.ts'
import { IndexCheck } from '../src/thread/index-check.ts'
import { sumIndexes } from '../src/thread/index-sums.ts'
import { toFields } from '../src/messages.ts'
import { openDatabase } from '../src/thread/open.ts'
import { Reader } from '../src/thread/reader.ts'
import { recordKey } from '../src/thread/rows.ts'
import { UsageTable } from '../src/thread/usage.ts'
import { Writer } from '../src/thread/writer.ts'
import { batch, entry, filledFolder, newFolder, withStore } from './setup.ts'

const COUNT = 60

/** Numbers of updates whose short form of the record takes six bytes in the database. */
const SIX_BYTES = Array.from({ length: COUNT }, (_, n) => n).filter((n) => {
  const key = recordKey(`r${n}`)
  return key >= 2 ** 39 && key < 2 ** 47
})

/** Flips a bit of the key of an update in `entries_by_record`; its row stays. */
function flipKey(folder: string, n: number, byte: number, bit: number): void {
  const file = join(folder, 'store.sqlite')
  const bytes = readFileSync(file)
  const key = Buffer.alloc(6)
  key.writeUIntBE(recordKey(`r${n}`), 0, 6)
  for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1)) {
    if (!bytes.subarray(at, at + 16).includes(`r${n}`)) {
      bytes[at + byte] = (bytes[at + byte] as number) ^ (1 << bit)
      writeFileSync(file, bytes)
      return
    }
  }
  throw new Error(`no index has the key of update ${n}`)
}

describe('a bit of an index that is flipped', () => {
  const flips = SIX_BYTES.slice(0, 8).map((n, i) => [n, i % 6, (i * 3) % 8] as const)
  test.each(flips)('in the key of update %i, byte %i, bit %i: is reported soon, and mended', async (n, byte, bit) => {
    const folder = await filledFolder(COUNT)
    flipKey(folder, n, byte, bit)
    const reasons: string[] = []
    await withStore({ folder, onDamaged: (reason) => reasons.push(reason) }, async (store) => {
      do {
        await store.loadTime()
      } while (reasons.length === 0) // the rest of the check follows behind the first answers on a loaded computer
      expect(reasons).toEqual([expect.stringMatching(/^the index entries_by_record /)])
    })
    const store = sqliteStore({ folder })
    expect(await store.check({ repair: true })).toMatchObject({ entries: COUNT, damaged: [], repaired: true })
    expect(await store.check({ repair: false })).toMatchObject({ damaged: [], problems: [] })
    await withStore({ folder, onDamaged: (reason) => reasons.push(reason) }, async (again) => {
      expect((await again.read(`r${n}`)).entries).toEqual([entry(n)])
    })
    expect(reasons).toHaveLength(1)
  })
})

test('an expiry index with a record that is no text: a page ends, or is refused', async () => {
  const folder = newFolder()
  const many = Array.from({ length: 300 }, (_, n) => entry(n))
  await withStore({ folder, durable: false }, async (store) => {
    await store.commit(batch(many))
  })
  const file = join(folder, 'store.sqlite')
  const intact = readFileSync(file)
  const codes = new Set<unknown>()
  for (const { record, retain } of many) {
    const bytes = Buffer.from(intact)
    const key = Buffer.from(`..${record}`)
    key.writeUInt16BE(retain)
    // pages that were split have the key more than once: one is in use
    for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1)) {
      bytes[at + 2] = 0xf2
    }
    writeFileSync(file, bytes)
    const options = { folder, durable: false, minFreeBytes: 0, cacheBytes: 2 ** 20 }
    const database = openDatabase(options, { onDamaged: () => {} })
    const reader = new Reader(database, { setAside: () => {}, report: () => {} })
    try {
      for (const limit of [3, 1000]) {
        reader.index({ limit })
        reader.due({ until: 1e9, limit })
      }
    } catch (err) {
      codes.add((err as { readonly code?: unknown }).code)
    }
    database.close()
  }
  expect([...codes]).toEqual(['STORE_DAMAGED'])
})

describe('the check of the indexes', () => {
  const open = (): { database: Database; write: (put: readonly number[], drop: readonly number[]) => void } => {
    const options = { folder: newFolder(), durable: false, minFreeBytes: 0, cacheBytes: 2 ** 20 }
    const database = openDatabase(options, { onDamaged: () => {} })
    const writer = new Writer(database, new UsageTable(database.sql))
    return {
      database,
      write(put, drop) {
        const entries = put.map((n) => entry(n))
        database.transaction(() => {
          const argument = {
            put: entries.map((one) => [...toFields(one), one.bytes.length] as const),
            drop: drop.map((n) => [entry(n).record, entry(n).hash] as const),
            usage: [],
          }
          writer.commit(
            argument,
            entries.map(({ bytes }) => bytes),
          )
          writer.end()
        })
      },
    }
  }
  /** A transaction that changes the indexes and fails. */
  const undone = (database: Database): void => {
    try {
      database.transaction(() => {
        database.changeKeys({ id: 1, record_key: 1, hash_key: 1, retain: 1, record: 'r', flags: 1 }, 1)
        throw new Error('undone')
      })
    } catch {
      // as it should
    }
  }
  const numbers = fc.array(fc.nat({ max: 40 }), { maxLength: 6 })

  test('finds nothing in an intact store that is written between its slices', () => {
    fc.assert(
      fc.property(numbers, fc.array(fc.tuple(numbers, numbers, fc.boolean()), { maxLength: 12 }), (first, writes) => {
        const { database, write } = open()
        write(first, [])
        const reasons: string[] = []
        const check = new IndexCheck(database.sql, (reason) => reasons.push(reason), 3)
        database.indexCheck = check
        for (const [put, drop, fails] of writes) {
          check.step(database.meta)
          if (fails) {
            undone(database)
          }
          write(put, drop)
        }
        while (check.step(database.meta)) {
          // to its end
        }
        expect(reasons).toEqual([])
        const { record_sum, retain_sum, resumed_sum } = database.meta
        expect({ record_sum, retain_sum, resumed_sum }).toEqual(sumIndexes(database.sql))
        database.close()
      }),
      { numRuns: 60 },
    )
  })

  test('reports a sum that differs', () => {
    const { database, write } = open()
    write([1, 2, 3], [])
    const reasons: string[] = []
    const check = new IndexCheck(database.sql, (reason) => reasons.push(reason), 2)
    const sums = { ...database.meta, retain_sum: 1 }
    while (check.step(sums)) {
      // to its end
    }
    expect(reasons).toEqual([expect.stringMatching(/^the index entries_by_retain does not agree/)])
    database.close()
  })
})
