import type { Store, StoreEntry, StoreIndex, StoreRef } from '../store/store.ts'
import { assertSame, type Case } from './case.ts'

/** What {@link storeCases} need of the store that is tested. */
export interface StoreSetup {
  /** A new, empty store that is not open. */
  create(): Store | Promise<Store>
  /** A store over what a closed store kept: the same object, or another one for the same place. */
  reopen(closed: Store): Store | Promise<Store>
}

/** Commits that are under way at once. */
const CONCURRENT = 64

/** Largest update that a machine stores by default, bytes: 264 KiB. */
const LARGE_BYTES = 264 * 1024

/**
 * The contract of `Store`, for any test runner. Each case creates, opens and closes a store of its own.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@sr/vm'
 * import { storeCases } from '@sr/vm/conformance'
 *
 * const setup = { create: memoryStore, reopen: (closed: ReturnType<typeof memoryStore>) => closed }
 * for (const { run } of storeCases) {
 *   await run(setup as never)
 * }
 * console.log(storeCases.length > 10) // true
 * ```
 */
export const storeCases: ReadonlyArray<Case<StoreSetup>> = [
  given('a new store is empty and has no time', async (store) => {
    assertSame(await contents(store), [], 'index of a new store')
    assertSame(await store.read('aa'), [], 'read of a record that does not exist')
    assertSame(await store.loadTime(), undefined, 'time of a new store')
  }),
  given('an entry is read as it was put', async (store) => {
    const put = entry('aa', 1)
    await store.commit({ put: [put], drop: [] })
    assertSame(plain(await store.read('aa')), plain([put]), 'read')
    assertSame(await contents(store), [indexOf(put)], 'index')
    assertSame(await store.read('ab'), [], 'read of another record')
  }),
  given('any bytes are kept, from none to 264 KiB', async (store) => {
    const sizes = [0, 1, 255, LARGE_BYTES]
    const all = sizes.map((size, n) =>
      entry(
        'aa',
        n,
        Uint8Array.from({ length: size }, (_, i) => (i * 7) & 0xff),
      ),
    )
    await store.commit({ put: all, drop: [] })
    assertSame(plain(await store.read('aa')), plain(all), 'read')
  }),
  given('records whose ids begin alike are distinct', async (store) => {
    const records = ['a', 'aa', 'aaa', 'ab', 'b', 'a'.repeat(1639)]
    await store.commit({ put: records.map((record, n) => entry(record, n)), drop: [] })
    for (const [n, record] of records.entries()) {
      assertSame(plain(await store.read(record)), plain([entry(record, n)]), `read of ${record.slice(0, 9)}`)
    }
  }),
  given('the index is by retain, earliest first', async (store) => {
    const retains = [5000, 1, 2 ** 52, 999, 1000, 4_000_000_000]
    await store.commit({ put: retains.map((retain, n) => ({ ...entry(`r${n % 3}`, n), retain })), drop: [] })
    const found = (await contents(store)).map(({ retain }) => retain)
    assertSame(
      found,
      [...retains].sort((a, b) => a - b),
      'retains',
    )
  }),
  given('a put replaces the entry with its record and hash', async (store) => {
    await store.commit({ put: [entry('aa', 1)], drop: [] })
    const again = { ...entry('aa', 1, Uint8Array.of(9, 9)), retain: 77, cost: 5, chargedTo: 'bob' }
    await store.commit({ put: [again], drop: [] })
    assertSame(plain(await store.read('aa')), plain([again]), 'read')
    assertSame(await contents(store), [indexOf(again)], 'index')
  }),
  given('a drop removes that entry alone, and one that does not exist does nothing', async (store) => {
    await store.commit({ put: [entry('aa', 1), entry('aa', 2), entry('ab', 1)], drop: [] })
    await store.commit({ put: [], drop: [ref(entry('aa', 1)), ref(entry('aa', 9)), ref(entry('zz', 1))] })
    await store.commit({ put: [], drop: [ref(entry('aa', 1))] })
    assertSame(plain(await store.read('aa')), plain([entry('aa', 2)]), 'read')
    assertSame((await contents(store)).length, 2, 'entries')
  }),
  given('of one entry in a batch the drop comes before the put', async (store) => {
    await store.commit({ put: [entry('aa', 1)], drop: [] })
    await store.commit({ put: [entry('aa', 1, Uint8Array.of(5))], drop: [ref(entry('aa', 1))] })
    assertSame(plain(await store.read('aa')), plain([entry('aa', 1, Uint8Array.of(5))]), 'read')
    assertSame((await contents(store)).length, 1, 'entries in the index')
  }),
  given('a batch spans records', async (store) => {
    await store.commit({ put: [entry('aa', 1)], drop: [] })
    await store.commit({ put: [entry('ab', 1), entry('ac', 1)], drop: [ref(entry('aa', 1))] })
    const records = (await contents(store)).map(({ record }) => record).sort()
    assertSame(records, ['ab', 'ac'], 'records')
  }),
  given('commits for different records are under way at once', async (store) => {
    const all = Array.from({ length: CONCURRENT }, (_, n) => entry(`r${n}`, n))
    await Promise.all(all.map(async (one) => await store.commit({ put: [one], drop: [] })))
    await Promise.all(
      all.map(async (one, n) => {
        await store.commit(n % 2 === 0 ? { put: [], drop: [ref(one)] } : { put: [entry(one.record, n + 1)], drop: [] })
      }),
    )
    for (const [n, { record }] of all.entries()) {
      assertSame((await store.read(record)).length, n % 2 === 0 ? 0 : 2, `entries of ${record}`)
    }
  }),
  given('commits for one record take effect in the order of the calls', async (store) => {
    for (let round = 0; round < CONCURRENT; round++) {
      await store.commit({ put: [entry('aa', 1, Uint8Array.of(round))], drop: [] })
      if (round % 2 === 1) {
        await store.commit({ put: [], drop: [ref(entry('aa', 1))] })
      }
      assertSame((await store.read('aa')).length, 1 - (round % 2), `entries in round ${round}`)
    }
  }),
  given('the bytes of a put may be written to as soon as commit has returned', async (store) => {
    const bytes = Uint8Array.of(1, 2, 3)
    const committed = store.commit({ put: [entry('aa', 1, bytes)], drop: [] })
    bytes.fill(0xff)
    await committed
    bytes.fill(0xee)
    assertSame(plain(await store.read('aa')), plain([entry('aa', 1, Uint8Array.of(1, 2, 3))]), 'read')
  }),
  given('the batch may be changed as soon as commit has returned', async (store) => {
    const one = { ...entry('aa', 1) }
    const batch = { put: [one], drop: [] as StoreRef[] }
    const committed = store.commit(batch)
    Object.assign(one, { record: 'zz', hash: '00', writer: 'eve' })
    batch.put.length = 0
    await committed
    assertSame(plain(await store.read('aa')), plain([entry('aa', 1)]), 'read')
  }),
  given('the bytes of a read may be written to', async (store) => {
    await store.commit({ put: [entry('aa', 1)], drop: [] })
    for (const { bytes } of await store.read('aa')) {
      bytes.fill(0xff)
    }
    assertSame(plain(await store.read('aa')), plain([entry('aa', 1)]), 'read')
  }),
  given('the last time saved counts', async (store) => {
    for (const time of [1, 1_900_000_000_000, 5]) {
      await store.saveTime(time)
      assertSame(await store.loadTime(), time, 'time')
    }
    assertSame(await contents(store), [], 'entries')
  }),
  {
    name: 'a store: what was committed and saved is there after it is opened again',
    async run(setup) {
      const first = await setup.create()
      await first.open()
      await first.commit({ put: [entry('aa', 1), entry('aa', 2), entry('ab', 1)], drop: [] })
      await first.commit({ put: [], drop: [ref(entry('aa', 2))] })
      await first.saveTime(42)
      await first.close()
      const second = await setup.reopen(first)
      await second.open()
      assertSame(plain(await second.read('aa')), plain([entry('aa', 1)]), 'read')
      assertSame((await contents(second)).length, 2, 'entries')
      assertSame(await second.loadTime(), 42, 'time')
      await second.commit({ put: [], drop: [ref(entry('aa', 1)), ref(entry('ab', 1))] })
      assertSame(await contents(second), [], 'index')
      await second.close()
    },
  },
]

function given(name: string, check: (store: Store) => Promise<void>): Case<StoreSetup> {
  return {
    name: `a store: ${name}`,
    async run(setup) {
      const store = await setup.create()
      await store.open()
      try {
        await check(store)
      } finally {
        await store.close()
      }
    },
  }
}

function entry(record: string, n: number, bytes: Uint8Array = Uint8Array.of(n & 0xff, 1, 2)): StoreEntry {
  const hash = n.toString(16).padStart(64, '0')
  return { record, hash, retain: 1000 + n, writer: 'ann', chargedTo: 'ann', cost: 600, resumed: n % 2 === 0, bytes }
}

function ref({ record, hash, retain }: StoreEntry): StoreRef {
  return { record, hash, retain }
}

function indexOf({ record, hash, retain, writer, chargedTo, cost, resumed }: StoreIndex): StoreIndex {
  return { record, hash, retain, writer, chargedTo, cost, resumed }
}

/** Entries in the order of their hashes, as JSON can compare them. */
function plain(entries: readonly StoreEntry[]): unknown[] {
  return entries
    .map((one) => ({ ...indexOf(one), bytes: Array.from(one.bytes) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
}

async function contents(store: Store): Promise<StoreIndex[]> {
  const found: StoreIndex[] = []
  for await (const one of store.index()) {
    found.push(indexOf(one))
  }
  return found
}
