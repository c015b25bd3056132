import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { sqliteStore } from '../src/index.ts'
import { batch, codeOf, entry, newFolder, withStore } from './setup.ts'

/** Number of transactions of a closed store. */
function commits(folder: string): number {
  const sql = new DatabaseSync(join(folder, 'store.sqlite'))
  try {
    return Number(sql.prepare('SELECT commits FROM meta').get()?.['commits'])
  } finally {
    sql.close()
  }
}

describe('commits of one turn', () => {
  test('are one transaction or a few, each whole and in their order', async () => {
    const folder = newFolder()
    await withStore({ folder }, async (store) => {
      const order: number[] = []
      await Promise.all(
        Array.from({ length: 500 }, async (_, n) => {
          await store.commit(batch([entry(1, { bytes: Uint8Array.of(n & 0xff, n >> 8) }), entry(1000 + n)]))
          order.push(n)
        }),
      )
      expect(order).toEqual(Array.from({ length: 500 }, (_, n) => n))
      expect((await store.read('r1')).entries[0]?.bytes).toEqual(Uint8Array.of(499 & 0xff, 499 >> 8))
      expect((await store.totals()).entries).toBe(501)
    })
    expect(commits(folder)).toBeLessThan(50)
  })

  test('are seen by the calls after them', async () => {
    await withStore({ folder: newFolder() }, async (store) => {
      const committing = store.commit(batch([entry(1)]))
      const read = await store.read('r1')
      expect(read.entries).toEqual([entry(1)])
      await committing
    })
  })

  test('fail alone: a batch that is refused does not refuse the others', async () => {
    await withStore({ folder: newFolder() }, async (store) => {
      const bad = [
        entry(1, { hash: 'AB' }),
        entry(1, { record: '\ud800' }),
        entry(1, { writer: '\udc00' }),
        entry(1, { retain: 0.5 }),
        entry(1, { cost: Number.NaN }),
      ]
      const codes = await Promise.all(
        [...bad, entry(2)].map(async (one) => await codeOf(store.commit({ put: [one], drop: [], usage: [] }))),
      )
      expect(codes).toEqual([...bad.map(() => 'STORE_FAILED'), 'none'])
      expect((await store.totals()).entries).toBe(1)
    })
  })
})

describe('the calls of a store that is not open', () => {
  const store = sqliteStore({ folder: newFolder() })
  const calls: ReadonlyArray<readonly [string, () => unknown]> = [
    ['commit', () => store.commit(batch([entry(1)]))],
    ['read', () => store.read('r1')],
    ['get', () => store.get('r1', entry(1).hash)],
    ['index', () => store.index({ limit: 1 })],
    ['due', () => store.due({ until: 1, limit: 1 })],
    ['resumed', () => store.resumed({ limit: 1 })],
    ['usage', () => store.usage('ann')],
    ['totals', () => store.totals()],
    ['quarantine', () => store.quarantine(entry(1), 'x')],
    ['saveTime', () => store.saveTime(1)],
    ['loadTime', () => store.loadTime()],
  ]
  test.each(calls)('%s rejects', async (_, call) => {
    expect(await codeOf(Promise.resolve(call()))).toBe('STORE_FAILED')
  })

  test('close does nothing, and open of an open store rejects', async () => {
    await store.close()
    await store.open()
    expect(await codeOf(Promise.resolve(store.open()))).toBe('STORE_FAILED')
    await store.commit(batch([entry(1)]))
    await store.close()
    await store.close()
  })
})

test('calls before a close take effect, and none is left without an answer', async () => {
  const folder = newFolder()
  const store = sqliteStore({ folder })
  await store.open()
  const committing = Array.from({ length: 200 }, (_, n) => store.commit(batch([entry(n)])))
  await store.close()
  await Promise.all(committing)
  await withStore({ folder }, async (again) => {
    expect((await again.totals()).entries).toBe(200)
  })
})

test.each([
  ['folder', {}],
  ['folder', { folder: '' }],
  ['minFreeBytes', { folder: 'x', minFreeBytes: -1 }],
  ['cacheBytes', { folder: 'x', cacheBytes: 1 }],
  ['size', { folder: 'x', size: 1 }],
])('the option %s is checked: %j', (field, options) => {
  expect(() => sqliteStore(options as never)).toThrow(expect.objectContaining({ field }))
})
