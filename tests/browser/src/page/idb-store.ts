import { describe, expect, it } from '@jest/globals'
import { IDBDatastore } from 'datastore-idb'
import { createMachine, type Store, type StoreRef } from '@sr/vm'
import { missingNeeds, storeCases, type StoreSetup } from '@sr/vm/conformance'
import { datastoreEngine, type Engine, kvStore } from '@sr/vm/store'
import { plainUpdates } from '@sr/vm/testing'
import { from, print } from '@sr/xr'

const names = new WeakMap<Store, string>()
let last = 0

function engineOf(name: string): Engine {
  return datastoreEngine(new IDBDatastore(name), { atomic: true, ordered: true })
}

function storeAt(name: string): Store {
  const store = kvStore(engineOf(name))
  names.set(store, name)
  return store
}

/** Flips a bit of the last byte of an update. */
async function damage(closed: Store, { record, hash }: StoreRef): Promise<void> {
  const engine = engineOf(names.get(closed) as string)
  await engine.open()
  const key = `e/${record}/${hash}`
  const value = Uint8Array.from((await engine.getMany([key]))[0] as Uint8Array)
  value[value.length - 1] = (value.at(-1) as number) ^ 1
  await engine.write([[key, value]])
  await engine.close()
}

const setup: StoreSetup = {
  supports: ['persistent', 'damage', 'check'],
  create: () => storeAt(`kit-${last++}`),
  reopen: (closed) => storeAt(names.get(closed) as string),
  damage,
}

describe('kvStore over datastore-idb', () => {
  const cases = storeCases.filter((one) => missingNeeds(one, setup).length === 0).map((one) => [one.name, one] as const)
  it.each(cases)('%s', async (_, { run }) => {
    expect(await run(setup)).toBeUndefined()
  })

  it('a batch that IndexedDB refuses rejects, though datastore-idb reports it as committed', async () => {
    const engine = engineOf('refused')
    await engine.open()
    await engine.write([['e/aa/00', Uint8Array.of(1)]])
    // a value that cannot be cloned
    const writes = [
      ['e/aa/01', Uint8Array.of(1)],
      ['e/aa/02', (() => {}) as unknown as Uint8Array],
    ] as const
    await expect(Promise.resolve(engine.write(writes))).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect((await engine.range({ gt: 'e/', lt: 'e0' })).map(([key]) => key)).toEqual(['e/aa/00'])
    await engine.close()
  })
})

it('a machine over datastore-idb has its records after a restart', async () => {
  const key = new TextEncoder().encode('lobby')
  const shown: string[] = []
  for (const round of [1, 2]) {
    const store = storeAt('machine')
    const machine = createMachine({ self: 'server', updates: plainUpdates('server'), store })
    await machine.start()
    const { documents } = await machine.get(key)
    shown.push(...Array.from(documents, ([writer, { document }]) => `${writer} ${print(document)}`))
    await machine.updateUnsigned({ key, writer: 'ann', body: from({ round }), ttl: 3600 })
    await machine.updateUnsigned({ key, writer: 'bob', body: from({ nick: 'Bob' }), ttl: 3600 })
    await machine.close()
  }
  expect(shown.sort()).toEqual(['ann {round=1}', 'bob {nick="Bob"}'])
})
