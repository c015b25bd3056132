import type { StoreRef } from '../../store/store.ts'
import { assertSame } from '../case.ts'
import { contents, entryOf, given, indexOf, plain, refOf, type StoreCase } from './setup.ts'

/** Largest update that a machine stores by default, bytes: 264 KiB. */
const LARGE_BYTES = 264 * 1024

/** Longest record id: a key of 1,024 bytes in base32. */
const LONG_ID = 1639

/** Puts, drops, reads, and who owns the bytes. */
export const entryCases: readonly StoreCase[] = [
  given('a new store is empty and has no time', async (store) => {
    assertSame(await contents(store), [], 'index of a new store')
    assertSame((await store.read('aa')).entries, [], 'read of a record that does not exist')
    assertSame(await store.get('aa', '00'), undefined, 'get of an update that does not exist')
    assertSame(await store.due({ until: Number.MAX_SAFE_INTEGER, limit: 9 }), [], 'due records of a new store')
    assertSame(await store.resumed({ limit: 9 }), [], 'resumed records of a new store')
    assertSame(await store.loadTime(), undefined, 'time of a new store')
  }),
  given('an entry is read as it was put', async (store) => {
    const put = entryOf('aa', 1)
    await store.commit({ put: [put], drop: [], usage: [] })
    assertSame(plain((await store.read('aa')).entries), plain([put]), 'read')
    assertSame((await store.read('aa')).damaged, [], 'damaged entries')
    assertSame(await contents(store), [indexOf(put)], 'index')
    assertSame((await store.read('ab')).entries, [], 'read of another record')
  }),
  given('an update is got by record and hash', async (store) => {
    const put = [entryOf('aa', 1), entryOf('aa', 2), entryOf('ab', 1)]
    await store.commit({ put, drop: [], usage: [] })
    const found = await store.get('aa', entryOf('aa', 2).hash)
    assertSame(found === undefined ? undefined : plain([found]), plain([entryOf('aa', 2)]), 'get')
    assertSame(await store.get('ab', entryOf('ab', 2).hash), undefined, 'get of a hash of another record')
  }),
  given('every field is kept, also where another writer pays', async (store) => {
    const bits = [false, true]
    const put = bits.flatMap((resumed, a) =>
      bits.flatMap((signed, b) =>
        bits.map((local, c) => {
          const writer = c === 0 ? 'ann' : `12D3KooW${'é'.repeat(30)}`
          const chargedTo = b === 0 ? writer : 'bob'
          return entryOf('aa', a * 4 + b * 2 + c, {
            resumed,
            signed,
            local,
            writer,
            chargedTo,
            cost: 2 ** 40 + c,
            retain: 2 ** 52 - a,
          })
        }),
      ),
    )
    await store.commit({ put, drop: [], usage: [] })
    assertSame(plain((await store.read('aa')).entries), plain(put), 'read')
    const byHash = (await contents(store)).sort((a, b) => (a.hash < b.hash ? -1 : 1))
    assertSame(byHash, put.map(indexOf), 'index')
  }),
  given('any bytes are kept, from none to 264 KiB', async (store) => {
    const sizes = [0, 1, 255, LARGE_BYTES]
    const all = sizes.map((size, n) => {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7) & 0xff)
      return entryOf('aa', n, { bytes })
    })
    await store.commit({ put: all, drop: [], usage: [] })
    assertSame(plain((await store.read('aa')).entries), plain(all), 'read')
  }),
  given('records whose ids begin alike are distinct', async (store) => {
    const records = ['a', 'aa', 'aaa', 'ab', 'b', 'a'.repeat(200), 'a'.repeat(201), 'a'.repeat(LONG_ID)]
    await store.commit({ put: records.map((record, n) => entryOf(record, n)), drop: [], usage: [] })
    for (const [n, record] of records.entries()) {
      assertSame(
        plain((await store.read(record)).entries),
        plain([entryOf(record, n)]),
        `read of ${record.slice(0, 9)}`,
      )
    }
    const missing = await store.read('a'.repeat(LONG_ID - 1))
    assertSame(missing.entries, [], 'read of an id that is one shorter')
  }),
  given('a put replaces the entry with its record and hash', async (store) => {
    await store.commit({ put: [entryOf('aa', 2)], drop: [], usage: [] })
    const again = entryOf('aa', 2, {
      bytes: Uint8Array.of(9, 9),
      retain: 77,
      cost: 5,
      chargedTo: 'bob',
      resumed: false,
    })
    await store.commit({ put: [again], drop: [], usage: [] })
    assertSame(plain((await store.read('aa')).entries), plain([again]), 'read')
    assertSame(await contents(store), [indexOf(again)], 'index')
    assertSame(await store.resumed({ limit: 9 }), [], 'resumed records')
    assertSame((await store.totals()).entries, 1, 'number of entries')
  }),
  given('a drop removes that entry alone, and one that does not exist does nothing', async (store) => {
    await store.commit({ put: [entryOf('aa', 1), entryOf('aa', 2), entryOf('ab', 1)], drop: [], usage: [] })
    await store.commit({
      put: [],
      drop: [refOf(entryOf('aa', 1)), refOf(entryOf('aa', 9)), refOf(entryOf('zz', 1))],
      usage: [],
    })
    await store.commit({ put: [], drop: [refOf(entryOf('aa', 1))], usage: [] })
    assertSame(plain((await store.read('aa')).entries), plain([entryOf('aa', 2)]), 'read')
    assertSame((await contents(store)).length, 2, 'entries')
    assertSame((await store.totals()).entries, 2, 'number of entries')
  }),
  given('a drop finds its entry by record and hash, whatever its retain', async (store) => {
    await store.commit({ put: [entryOf('aa', 1)], drop: [], usage: [] })
    await store.commit({ put: [], drop: [{ ...refOf(entryOf('aa', 1)), retain: 7 }], usage: [] })
    assertSame((await store.read('aa')).entries, [], 'read')
    assertSame(await contents(store), [], 'index')
  }),
  given('of one entry in a batch the drop comes before the put', async (store) => {
    await store.commit({ put: [entryOf('aa', 1)], drop: [], usage: [] })
    const again = entryOf('aa', 1, { bytes: Uint8Array.of(5) })
    await store.commit({ put: [again], drop: [refOf(entryOf('aa', 1))], usage: [] })
    assertSame(plain((await store.read('aa')).entries), plain([again]), 'read')
    assertSame((await contents(store)).length, 1, 'entries in the index')
    assertSame((await store.totals()).entries, 1, 'number of entries')
  }),
  given('a batch spans records', async (store) => {
    await store.commit({ put: [entryOf('aa', 1)], drop: [], usage: [] })
    await store.commit({ put: [entryOf('ab', 1), entryOf('ac', 1)], drop: [refOf(entryOf('aa', 1))], usage: [] })
    const records = (await contents(store)).map(({ record }) => record).sort()
    assertSame(records, ['ab', 'ac'], 'records')
  }),
  given('the bytes of a put may be written to as soon as commit has returned', async (store) => {
    const bytes = Uint8Array.of(1, 2, 3)
    const committed = store.commit({ put: [entryOf('aa', 1, { bytes })], drop: [], usage: [] })
    bytes.fill(0xff)
    await committed
    bytes.fill(0xee)
    assertSame(
      plain((await store.read('aa')).entries),
      plain([entryOf('aa', 1, { bytes: Uint8Array.of(1, 2, 3) })]),
      'read',
    )
  }),
  given('the batch may be changed as soon as commit has returned', async (store) => {
    const one = { ...entryOf('aa', 1) }
    const dropped = { ...refOf(entryOf('aa', 2)) }
    const change = { writer: 'ann', bytes: 5, records: 1 }
    const batch = { put: [one], drop: [dropped] as StoreRef[], usage: [change] }
    await store.commit({ put: [entryOf('aa', 2)], drop: [], usage: [] })
    const committed = store.commit(batch)
    Object.assign(one, { record: 'zz', hash: '00', writer: 'eve' })
    Object.assign(dropped, { record: 'zz', hash: '00' })
    Object.assign(change, { writer: 'eve', bytes: 9 })
    batch.put.length = 0
    await committed
    assertSame(plain((await store.read('aa')).entries), plain([entryOf('aa', 1)]), 'read')
    assertSame((await store.usage('ann')).bytes, 5, 'usage')
  }),
  given('the bytes of a read may be written to', async (store) => {
    await store.commit({ put: [entryOf('aa', 1)], drop: [], usage: [] })
    for (const { bytes } of (await store.read('aa')).entries) {
      bytes.fill(0xff)
    }
    ;(await store.get('aa', entryOf('aa', 1).hash))?.bytes.fill(0xee)
    assertSame(plain((await store.read('aa')).entries), plain([entryOf('aa', 1)]), 'read')
  }),
  given('the last time saved counts', async (store) => {
    for (const time of [1, 1_900_000_000_000, 5]) {
      await store.saveTime(time)
      assertSame(await store.loadTime(), time, 'time')
    }
    assertSame(await contents(store), [], 'entries')
  }),
]
