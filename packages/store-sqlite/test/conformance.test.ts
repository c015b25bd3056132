import { describe, expect, test } from '@jest/globals'
import type { Store, StoreRef } from '@sr/vm'
import { missingNeeds, storeCases, type StoreSetup } from '@sr/vm/conformance'
import { sqliteStore } from '../src/index.ts'
import { changeDatabase, newFolder } from './setup.ts'

describe.each([true, false])('the contract of a store, durable: %s', (durable) => {
  const folders = new WeakMap<Store, string>()
  const at = (folder: string): Store => {
    const store = sqliteStore({ folder, durable })
    folders.set(store, folder)
    return store
  }
  const setup: StoreSetup = {
    supports: ['persistent', 'damage', 'check'],
    create: () => at(newFolder()),
    reopen: (closed) => at(folders.get(closed) as string),
    damage(closed, { hash }: StoreRef) {
      const damaged = `bytes = unhex('ff') || substr(bytes, 2)`
      changeDatabase(folders.get(closed) as string, `UPDATE entries SET ${damaged} WHERE hash = unhex('${hash}')`)
    },
  }
  const isSupported = (one: (typeof storeCases)[number]): boolean => missingNeeds(one, setup).length === 0

  test.each(storeCases.filter(isSupported))('$name', async ({ run }) => {
    await expect(Promise.resolve(run(setup))).resolves.toBeUndefined()
  })

  test('passes all cases but those of a crash and a loss of power, which npm run torture does', () => {
    const missing = storeCases.flatMap((one) => missingNeeds(one, setup))
    expect([...new Set(missing)].sort()).toEqual(['atomic', 'durable'])
  })
})
