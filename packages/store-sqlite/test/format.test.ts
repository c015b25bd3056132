import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import type { StoreEntry, StoreIndex } from '@sr/vm'
import { FIXTURE } from './fixtures/contents.ts'
import { newFolder, withStore } from './setup.ts'

test.each([1, 2])('a store that version %i of the format wrote is read as it was written', async (version) => {
  const folder = newFolder()
  cpSync(fileURLToPath(new URL(`./fixtures/format-${version}`, import.meta.url)), folder, { recursive: true })
  const entries = FIXTURE.entries.filter((one) => one !== FIXTURE.quarantined)
  const reasons: string[] = []
  await withStore({ folder, onDamaged: (reason) => reasons.push(reason) }, async (store) => {
    expect((await store.read('aaaq')).entries).toEqual(entries.slice(0, 2))
    expect((await store.read('aaba')).entries).toEqual(entries.slice(2))
    expect(await store.index({ limit: 9 })).toEqual(entries.map(indexOf))
    expect(await store.resumed({ limit: 9 })).toEqual(['aaaq'])
    expect(await store.usage('ann')).toEqual(FIXTURE.usage.ann)
    expect(await store.usage('bob')).toEqual(FIXTURE.usage.bob)
    expect(await store.totals()).toEqual({ entries: 3, bytes: 1900, documents: 3 })
    expect(await store.loadTime()).toBe(FIXTURE.time)
    const report = await store.check({ repair: false })
    expect(report).toMatchObject({
      entries: 3,
      problems: ['usage of ann is 2 records; it has updates in 1'],
      damaged: [{ record: 'aaaq', hash: FIXTURE.quarantined.hash, reason: 'in the quarantine: by the fixture' }],
    })
    expect(reasons).toEqual([])
  })
})

function indexOf(one: StoreEntry): StoreIndex {
  const { bytes: _, ...index } = one
  return index
}
