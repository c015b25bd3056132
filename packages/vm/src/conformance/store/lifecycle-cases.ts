import type { Store, StoreBatch, StoreEntry } from '../../store/store.ts'
import { assertSame } from '../case.ts'
import { contents, entryOf, plain, refOf, type StoreCase, type StoreSetup, stateOf } from './setup.ts'

const RECORDS = ['aa', 'ab', 'ac']
const WRITERS = ['ann', 'bob']

/** More writes than a batch of a case has in any store. */
const MAX_WRITES = 500

const BASE: StoreBatch = {
  put: [entryOf('aa', 1), entryOf('aa', 2), entryOf('ab', 4, { writer: 'bob', chargedTo: 'bob' })],
  drop: [],
  usage: [
    { writer: 'ann', bytes: 1200, records: 1 },
    { writer: 'bob', bytes: 600, records: 1 },
  ],
}

/** Changes everything that a batch may change: an entry is new, one is put with another retain, two are dropped. */
const NEXT: StoreBatch = {
  put: [entryOf('ac', 6), entryOf('aa', 2, { retain: 9000, resumed: false })],
  drop: [refOf(entryOf('aa', 1)), refOf(entryOf('ab', 4))],
  usage: [
    { writer: 'ann', bytes: 0, records: 1 },
    { writer: 'bob', bytes: -600, records: -1 },
  ],
}

/** Stores that are opened again: closed before, or ended. */
export const lifecycleCases: readonly StoreCase[] = [
  {
    name: 'a store: what was committed and saved is there after it is opened again',
    needs: ['persistent'],
    async run(setup) {
      const first = await openNew(setup)
      await first.commit(BASE)
      await first.commit(NEXT)
      await first.saveTime(42)
      const before = await stateOf(first, RECORDS, WRITERS)
      await first.close()
      const second = await openAgain(setup, first)
      assertSame(await stateOf(second, RECORDS, WRITERS), before, 'what is there')
      assertSame(await second.loadTime(), 42, 'time')
      await second.commit({ put: [], drop: (await contents(second)).map(refOf), usage: [] })
      assertSame(await contents(second), [], 'index')
      await second.close()
    },
  },
  {
    name: 'a store: a quarantined update stays away after it is opened again',
    needs: ['persistent'],
    async run(setup) {
      const first = await openNew(setup)
      await first.commit(BASE)
      await first.quarantine(refOf(entryOf('aa', 2)), 'cannot be decoded')
      await first.close()
      const second = await openAgain(setup, first)
      assertSame(plain((await second.read('aa')).entries), plain([entryOf('aa', 1)]), 'read')
      assertSame((await second.totals()).entries, 2, 'number of entries')
      await second.close()
    },
  },
  {
    name: 'a store: a batch is whole or absent when the process ends in the middle of it',
    needs: ['persistent', 'atomic'],
    async run(setup) {
      const [before, after] = await statesAround(setup)
      for (let writes = 0; ; writes++) {
        const first = await openNew(setup)
        await first.commit(BASE)
        await setup.crashAfter?.(first, writes)
        const isCommitted = await succeeds(first, NEXT)
        await first.close()
        const second = await openAgain(setup, first)
        const found = JSON.stringify(await stateOf(second, RECORDS, WRITERS))
        if (found !== after && (isCommitted || found !== before)) {
          throw new Error(
            `state after ${writes} writes: found ${found}, expected ${isCommitted ? '' : `${before} or `}${after}`,
          )
        }
        await assertAgrees(second, `after ${writes} writes`)
        await second.close()
        if (isCommitted) {
          assertSame(writes > 0, true, 'the store fails without a write')
          return
        }
        assertSame(writes < MAX_WRITES, true, `the batch is committed after ${MAX_WRITES} writes`)
      }
    },
  },
  {
    name: 'a store: what a failed commit left is whole or absent for the calls after it',
    needs: ['atomic'],
    async run(setup) {
      const [before, after] = await statesAround(setup)
      const store = await openNew(setup)
      await store.commit(BASE)
      await setup.crashAfter?.(store, 1)
      const isCommitted = await succeeds(store, NEXT)
      await setup.crashAfter?.(store, Infinity)
      const found = JSON.stringify(await stateOf(store, RECORDS, WRITERS))
      assertSame(found === after || (found === before && !isCommitted), true, `the state ${found} is whole`)
      await store.close()
    },
  },
  {
    name: 'a store: what was committed survives a loss of power',
    needs: ['persistent', 'durable'],
    async run(setup) {
      const first = await openNew(setup)
      await first.commit(BASE)
      await first.commit(NEXT)
      const before = await stateOf(first, RECORDS, WRITERS)
      await setup.losePower?.(first)
      const second = await openAgain(setup, first)
      assertSame(await stateOf(second, RECORDS, WRITERS), before, 'what is there')
      await second.close()
    },
  },
]

async function openNew(setup: StoreSetup): Promise<Store> {
  const store = await setup.create()
  await store.open()
  return store
}

async function openAgain(setup: StoreSetup, closed: Store): Promise<Store> {
  const store = await setup.reopen(closed)
  await store.open()
  return store
}

async function succeeds(store: Store, batch: StoreBatch): Promise<boolean> {
  try {
    await store.commit(batch)
    return true
  } catch {
    return false
  }
}

/** The states before and after the second batch, as JSON. */
async function statesAround(setup: StoreSetup): Promise<[before: string, after: string]> {
  const store = await openNew(setup)
  await store.commit(BASE)
  const before = JSON.stringify(await stateOf(store, RECORDS, WRITERS))
  await store.commit(NEXT)
  const after = JSON.stringify(await stateOf(store, RECORDS, WRITERS))
  await store.close()
  return [before, after]
}

/** A store that can check itself finds nothing, and takes another batch. */
async function assertAgrees(store: Store, when: string): Promise<void> {
  const report = await store.check?.({ repair: false })
  if (report !== undefined) {
    assertSame([report.damaged, report.problems], [[], []], `check ${when}`)
  }
  const another: StoreEntry = entryOf('ad', 7)
  await store.commit({ put: [another], drop: [], usage: [] })
  assertSame(plain((await store.read('ad')).entries), plain([another]), `read ${when}`)
}
