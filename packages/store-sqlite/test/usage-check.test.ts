import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sqliteStore } from '../src/index.ts'
import { openDatabase } from '../src/thread/open.ts'
import { UsageCheck } from '../src/thread/usage-check.ts'
import { UsageTable } from '../src/thread/usage.ts'
import { Writer } from '../src/thread/writer.ts'
import { batch, changeDatabase, entry, newFolder, withStore } from './setup.ts'

const COUNT = 20

describe('a usage that no look-up finds is reported soon, and mended', () => {
  test.each([
    ['the name of a writer has a bit flipped', "UPDATE usage SET writer = 'v07' WHERE writer = 'w07'"],
    ['rows are gone', "DELETE FROM usage WHERE writer >= 'w07'"],
    ['a name is no text', "UPDATE usage SET writer = x'773037' WHERE writer = 'w07'"],
  ])('%s', async (_name, change) => {
    const folder = newFolder()
    const writers = Array.from({ length: COUNT }, (_, n) => `w${String(n).padStart(2, '0')}`)
    const entries = writers.map((writer, n) => entry(n, { writer, chargedTo: writer }))
    await withStore({ folder, durable: false }, async (store) => {
      await store.commit(batch(entries))
    })
    changeDatabase(folder, change)
    const reasons: string[] = []
    await withStore({ folder, onDamaged: (reason) => reasons.push(reason) }, async (store) => {
      do {
        expect(await store.usage('w07')).toEqual({ bytes: 0, records: 0 })
      } while (reasons.length === 0) // the rest of the check follows behind the first answers on a loaded computer
      expect(reasons).toEqual([expect.stringMatching(/^the usage /)])
    })
    expect(await sqliteStore({ folder }).check({ repair: true })).toMatchObject({ entries: COUNT, repaired: true })
    await withStore({ folder, onDamaged: (reason) => reasons.push(reason) }, async (store) => {
      expect(await store.usage('w07')).toEqual({ bytes: 600, records: 1 })
    })
    expect(reasons).toHaveLength(1)
  })
})

test('an intact usage that is written between the slices of its check agrees with the totals', () => {
  const changes = fc.array(fc.tuple(fc.constantFrom('', 'a', 'b', 'ba', 'ü', '\u{10000}', '\uffff'), fc.nat(3)), {
    maxLength: 5,
  })
  const steps = fc.array(fc.record({ changes, fails: fc.boolean() }), { maxLength: 10 })
  fc.assert(
    fc.property(changes, steps, fc.integer({ min: 1, max: 3 }), (first, writes, slice) => {
      const options = { folder: newFolder(), durable: false, minFreeBytes: 0, cacheBytes: 2 ** 20 }
      const database = openDatabase(options, { onDamaged: () => {} })
      const writer = new Writer(database, new UsageTable(database.sql))
      const used = new Map<string, number>()
      const write = (some: ReadonlyArray<readonly [string, number]>, fails: boolean): void => {
        try {
          database.transaction(() => {
            const next = new Map(used)
            // a writer ends with the number given, and with none at 0
            const usage = some.map(([name, to]) => {
              const by = to - (next.get(name) ?? 0)
              next.set(name, to)
              return [name, by * 100, by] as const
            })
            writer.commit({ put: [], drop: [], usage }, [])
            writer.end()
            if (fails) throw new Error('undone')
            next.forEach((to, name) => used.set(name, to))
          })
        } catch {
          writer.undone()
        }
      }
      write(first, false)
      const reasons: string[] = []
      database.usageCheck = new UsageCheck(database.sql, (reason) => reasons.push(reason), slice)
      for (const { changes: some, fails } of writes) {
        database.usageCheck.step(database.meta)
        write(some, fails)
      }
      while (database.usageCheck.step(database.meta)) {
        // to its end
      }
      expect(reasons).toEqual([])
      const total = [...used.values()].reduce((sum, one) => sum + one, 0)
      expect(database.meta).toMatchObject({ bytes: total * 100, documents: total })
      database.close()
    }),
    { numRuns: 100 },
  )
})
