import type { Store, StoreBatch } from '../../store/store.ts'
import { assertSame } from '../case.ts'
import { contents, entryOf, given, plain, refOf, type StoreCase, type StoreSetup } from './setup.ts'

/** Three updates with the usage that follows from them. */
const BATCH: StoreBatch = {
  put: [entryOf('aa', 1), entryOf('aa', 2), entryOf('ab', 4, { writer: 'bob', chargedTo: 'bob' })],
  drop: [],
  usage: [
    { writer: 'ann', bytes: 1200, records: 1 },
    { writer: 'bob', bytes: 600, records: 1 },
  ],
}

const DAMAGED = refOf(entryOf('aa', 2))

/** Updates that are set aside, by the machine or by the store itself, and the check. */
export const damageCases: readonly StoreCase[] = [
  given('a quarantined update is not returned any more, and its usage stays', async (store) => {
    await store.commit(BATCH)
    for (let round = 0; round < 2; round++) {
      await store.quarantine(DAMAGED, 'cannot be decoded')
      await assertSetAside(store)
      const { entries, bytes, documents } = await store.totals()
      assertSame([entries, bytes, documents], [2, 1800, 2], 'totals')
      assertSame((await store.usage('ann')).bytes, 1200, 'usage')
    }
    await store.quarantine(refOf(entryOf('zz', 9)), 'does not exist')
    assertSame((await store.totals()).entries, 2, 'number of entries')
  }),
  given('a quarantined update may be put again', async (store) => {
    await store.commit(BATCH)
    await store.quarantine(DAMAGED, 'cannot be decoded')
    await store.commit({ put: [entryOf('aa', 2)], drop: [], usage: [] })
    assertSame(plain((await store.read('aa')).entries), plain([entryOf('aa', 1), entryOf('aa', 2)]), 'read')
    assertSame((await store.totals()).entries, 3, 'number of entries')
  }),
  {
    name: 'a store: a damaged update is reported once and set aside, and the rest is served',
    needs: ['persistent', 'damage'],
    async run(setup) {
      const store = await openDamaged(setup)
      const { entries, damaged } = await store.read('aa')
      assertSame(plain(entries), plain([entryOf('aa', 1)]), 'read')
      assertSame(
        damaged.map(({ record, hash }) => [record, hash]),
        [[DAMAGED.record, DAMAGED.hash]],
        'damaged entries',
      )
      assertSame(
        damaged.every(({ reason }) => reason.length > 0),
        true,
        'there is a reason',
      )
      assertSame((await store.read('aa')).damaged, [], 'damaged entries of the next read')
      assertSame(plain((await store.read('ab')).entries).length, 1, 'entries of another record')
      await assertSetAside(store)
      assertSame((await store.totals()).entries, 2, 'number of entries')
      await store.close()
    },
  },
  {
    name: 'a store: a damaged update is not got, and may be dropped',
    needs: ['persistent', 'damage'],
    async run(setup) {
      const store = await openDamaged(setup)
      assertSame(await store.get(DAMAGED.record, DAMAGED.hash), undefined, 'get')
      const due = await store.due({ until: 5000, limit: 9 })
      assertSame(due.map(({ record }) => record).includes('ab'), true, 'another record is due')
      await store.commit({ put: [], drop: [DAMAGED], usage: [] })
      await assertSetAside(store)
      await store.close()
    },
  },
  {
    name: 'a store: a check of what is in order finds nothing',
    needs: ['check'],
    async run(setup) {
      const store = await setup.create()
      await store.open()
      await store.commit(BATCH)
      await store.saveTime(5)
      for (const repair of [false, true]) {
        assertSame(
          await reportOf(store, repair),
          { entries: 3, damaged: [], problems: [], repaired: true },
          `report with repair ${repair}`,
        )
      }
      await store.close()
    },
  },
  {
    name: 'a store: a check finds usage that its updates do not have, and mends it',
    needs: ['check'],
    async run(setup) {
      const store = await setup.create()
      await store.open()
      await store.commit({ ...BATCH, usage: [{ writer: 'eve', bytes: 9, records: 1 }] })
      const before = await reportOf(store, false)
      assertSame([before.problems.length > 0, before.repaired], [true, false], 'problems, repaired')
      const mended = await reportOf(store, true)
      assertSame([mended.problems.length > 0, mended.repaired], [true, true], 'problems, repaired with repair')
      assertSame((await reportOf(store, false)).problems, [], 'problems afterwards')
      const usage = [await store.usage('ann'), await store.usage('bob'), await store.usage('eve')]
      assertSame(
        usage.map(({ bytes, records }) => [bytes, records]),
        [
          [1200, 1],
          [600, 1],
          [0, 0],
        ],
        'usage',
      )
      await store.close()
    },
  },
  {
    name: 'a store: a check lists damaged updates, sets them aside and mends what counted them',
    needs: ['persistent', 'damage', 'check'],
    async run(setup) {
      const store = await openDamaged(setup)
      const before = await reportOf(store, false)
      assertSame([before.entries, before.damaged, before.repaired], [2, [DAMAGED.hash], false], 'report')
      const mended = await reportOf(store, true)
      assertSame([mended.damaged, mended.repaired], [[DAMAGED.hash], true], 'report with repair')
      assertSame(
        await reportOf(store, false),
        { entries: 2, damaged: [DAMAGED.hash], problems: [], repaired: true },
        'report afterwards',
      )
      await assertSetAside(store)
      assertSame((await store.usage('ann')).bytes, 600, 'usage')
      await store.close()
    },
  },
]

/** A store of which one update was damaged while it was closed. */
async function openDamaged(setup: StoreSetup): Promise<Store> {
  const first = await setup.create()
  await first.open()
  await first.commit(BATCH)
  await first.close()
  await setup.damage?.(first, DAMAGED)
  const store = await setup.reopen(first)
  await store.open()
  return store
}

async function assertSetAside(store: Store): Promise<void> {
  assertSame(plain((await store.read('aa')).entries), plain([entryOf('aa', 1)]), 'read')
  assertSame(await store.get(DAMAGED.record, DAMAGED.hash), undefined, 'get')
  assertSame(
    (await contents(store)).map(({ hash }) => hash),
    [entryOf('aa', 1).hash, entryOf('ab', 4).hash],
    'index',
  )
  assertSame(await store.resumed({ limit: 9 }), ['ab'], 'resumed records')
}

async function reportOf(
  store: Store,
  repair: boolean,
): Promise<{ entries: number; damaged: Array<string | undefined>; problems: readonly string[]; repaired: boolean }> {
  const report = await store.check?.({ repair })
  if (report === undefined) {
    throw new Error('check: found none, expected a function')
  }
  const { entries, damaged, problems, repaired } = report
  return { entries, damaged: damaged.map(({ hash }) => hash), problems, repaired }
}
