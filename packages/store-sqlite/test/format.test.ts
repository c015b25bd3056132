import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import type { StoreEntry, StoreIndex } from '@sr/vm'
import { FIXTURE } from './fixtures/format-1.ts'
import { newFolder, withStore } from './setup.ts'

/** An update as the index has it. */
function withoutBytes(one: StoreEntry): StoreIndex {
  const { bytes: _, ...index } = one
  return index
}

test('a store that version 1 of the format wrote is read as it was written', async () => {
  const folder = newFolder()
  cpSync(fileURLToPath(new URL('./fixtures/format-1', import.meta.url)), folder, { recursive: true })
  const entries = FIXTURE.entries.filter((one) => one !== FIXTURE.quarantined)
  await withStore({ folder }, async (store) => {
    expect((await store.read('aaaq')).entries).toEqual(entries.slice(0, 2))
    expect((await store.read('aaba')).entries).toEqual(entries.slice(2))
    expect(await store.index({ limit: 9 })).toEqual(entries.map(withoutBytes))
    expect(await store.resumed({ limit: 9 })).toEqual(['aaaq'])
    expect(await store.usage('ann')).toEqual(FIXTURE.usage.ann)
    expect(await store.usage('bob')).toEqual(FIXTURE.usage.bob)
    expect(await store.totals()).toEqual({ entries: 3, bytes: 1900, documents: 3 })
    expect(await store.loadTime()).toBe(FIXTURE.time)
    const report = await store.check({ repair: false })
    expect(report).toMatchObject({
      entries: 3,
      damaged: [{ record: 'aaaq', hash: FIXTURE.quarantined.hash, reason: 'in the quarantine: by the fixture' }],
    })
  })
})
