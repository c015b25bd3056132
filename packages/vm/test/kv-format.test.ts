import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { crc32c } from '../src/store/kv/checksum.ts'
import { DatastoreKey } from '../src/store/kv/datastore-key.ts'
import type { Migration } from '../src/store/kv/format.ts'
import { indexKey, parseKey, usageKey, usageWriter } from '../src/store/kv/keys.ts'
import { kvStore } from '../src/store/kv/kv-store.ts'
import { decodeEntry, decodeIndex, decodeNumbers, encodeEntry, encodeNumbers } from '../src/store/kv/value.ts'
import type { Store, StoreEntry } from '../src/store/store.ts'
import { memoryEngine, type MemoryEngine } from '../src/testing/memory-engine.ts'

const ENTRY: StoreEntry = {
  record: 'mfra',
  hash: '0b'.repeat(32),
  retain: 1_900_000_000_123,
  writer: '12D3KooWAnn',
  chargedTo: 'bob',
  cost: 1234,
  resumed: true,
  signed: true,
  local: false,
  bytes: Uint8Array.of(1, 2, 3),
}

/** A store of version 1 as pairs of a key and its value in hexadecimal. */
const VERSION_1 = JSON.parse(readFileSync(new URL('fixtures/store-1.json', import.meta.url), 'utf8')) as Array<
  [string, string]
>

async function filled(): Promise<MemoryEngine> {
  const engine = memoryEngine()
  const store = kvStore(engine)
  await store.open()
  const other = { ...ENTRY, hash: '0c'.repeat(32), writer: 'bob', resumed: false, bytes: new Uint8Array(0) }
  const damaged = { ...other, record: 'mfrb' }
  const usage = [
    { writer: 'bob', bytes: 3 * 1234, records: 2 },
    { writer: '12D3KooWAnn', bytes: 0, records: 1 },
  ]
  await store.commit({ put: [ENTRY, other, damaged], drop: [], usage })
  await store.quarantine(damaged, 'cannot be decoded')
  await store.saveTime(1_800_000_000_000)
  await store.close()
  return engine
}

it('a store of version 1 is read, and written in the same way', async () => {
  const engine = memoryEngine()
  for (const [key, value] of VERSION_1) {
    engine.pairs.set(key, Uint8Array.from(Buffer.from(value, 'hex')))
  }
  const store = kvStore(engine)
  await store.open()
  expect((await store.read('mfra')).entries[0]).toEqual(ENTRY)
  expect(await store.loadTime()).toBe(1_800_000_000_000)
  const { entries, damaged } = await store.check({ repair: false })
  expect([entries, damaged.map(({ reason }) => reason)]).toEqual([2, ['cannot be decoded']])

  const written = [...(await filled()).pairs].map(([key, value]) => [key, Buffer.from(value).toString('hex')])
  expect(written.sort()).toEqual(VERSION_1)
})

it('the checksum is CRC32C: the test vectors of RFC 3720, appendix B.4', () => {
  expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa')
  expect(crc32c(new TextEncoder().encode('123456789')).toString(16)).toBe('e3069283')
})

it('a value with any bit flipped, cut off, or under another key, is refused', () => {
  const key = 'e/aa/00'
  const value = encodeEntry(key, ENTRY, ENTRY.bytes)
  expect(decodeEntry(key, ENTRY, value)).toEqual(ENTRY)
  expect(() => decodeEntry('e/ab/00', ENTRY, value)).toThrow('CRC32C')
  for (let length = 0; length < value.length; length++) {
    expect(() => decodeIndex(key, ENTRY, value.subarray(0, length))).toThrow(`value of ${key}`)
  }
  for (let bit = 0; bit < value.length * 8; bit++) {
    const damaged = value.slice()
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
    expect(() => decodeEntry(key, ENTRY, damaged)).toThrow(`value of ${key}`)
  }
  expect(() => decodeNumbers('t', 3, encodeNumbers('t', [1, 2]))).toThrow('21 bytes, expected 29')
})

it('decoded bytes are a copy, also of a Buffer', () => {
  const value = Buffer.from(encodeEntry('e/aa/00', ENTRY, ENTRY.bytes))
  const { bytes } = decodeEntry('e/aa/00', ENTRY, value)
  value.fill(0)
  expect(bytes).toEqual(ENTRY.bytes)
})

it('every writer has a usage key of its own, in lower-case ASCII', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii' }), (a, b) => {
      for (const writer of [a, b, a + b, `${b}\ud800`]) {
        expect(usageWriter(usageKey(writer))).toBe(writer)
        expect(usageKey(writer)).toMatch(/^u\/[a-z0-9_-]+$/)
      }
    }),
  )
})

it('keys of the index are in the order of retain, record, hash', () => {
  const ref = fc.record({
    record: fc.stringMatching(/^[a-z2-7]{1,5}$/),
    hash: fc.stringMatching(/^[0-9a-f]{2}$/),
    retain: fc.maxSafeNat(),
  })
  fc.assert(
    fc.property(ref, ref, fc.boolean(), (a, other, isSame) => {
      const b = isSame ? { ...other, retain: a.retain } : other
      const order =
        a.retain - b.retain ||
        (a.record < b.record ? -1 : a.record > b.record ? 1 : a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0)
      const [x, y] = [indexKey(a), indexKey(b)]
      expect(x < y ? -1 : x > y ? 1 : 0).toBe(Math.sign(order))
      expect(parseKey(x)).toEqual(a)
    }),
  )
})

it('paths in a datastore keep the order, and have parts of at most 201 characters', () => {
  const record = fc
    .tuple(fc.constantFrom(1, 3, 199, 200, 201, 400, 401), fc.stringMatching(/^[a-z]{0,3}$/))
    .map(([n, end]) => 'a'.repeat(n) + end)
  fc.assert(
    fc.property(record, record, (a, b) => {
      const [x, y] = [`e/${a}/00`, `e/${b}/00`]
      const [p, q] = [DatastoreKey.encode(x), DatastoreKey.encode(y)]
      expect(DatastoreKey.decode(p.toString())).toBe(x)
      expect(x < y).toBe(p.toString() < q.toString())
      expect(Math.max(...p.list().map((part) => part.length))).toBeLessThanOrEqual(201)
      expect(
        p
          .parent()
          .child({ toString: () => `/${p.name()}` })
          .toString(),
      ).toBe(p.toString())
    }),
  )
})

const codeOf = async (store: Store): Promise<unknown> => {
  try {
    await store.open()
    return 'opened'
  } catch (err) {
    return (err as { code?: unknown }).code
  }
}

it.each<[string, (engine: MemoryEngine) => void, object, string]>([
  ['with an unreadable version', (engine) => engine.pairs.set('m', Uint8Array.of(1, 0)), {}, 'STORE_DAMAGED'],
  ['without a version', (engine) => engine.pairs.delete('m'), {}, 'STORE_DAMAGED'],
  ['without a version, to be recovered', (engine) => engine.pairs.delete('m'), { recover: true }, 'opened'],
  ['of a later version', (engine) => engine.pairs.set('m', Uint8Array.of(2, 1, 2, 3)), {}, 'STORE_VERSION'],
  [
    'of a later version, to be recovered',
    (engine) => engine.pairs.set('m', Uint8Array.of(2)),
    { recover: true },
    'STORE_VERSION',
  ],
  ['of an older version without a migration', (engine) => engine.pairs.set('m', Uint8Array.of(0)), {}, 'STORE_VERSION'],
  ['whose content is gone', (engine) => engine.pairs.clear(), { create: false }, 'STORE_MISSING'],
  ['as it was', () => {}, { create: false }, 'opened'],
])('a store %s', async (_, change, options, expected) => {
  const engine = await filled()
  change(engine)
  const before = new Map(engine.pairs)
  expect(await codeOf(kvStore(engine, options))).toBe(expected)
  // a store that does not open is as it was
  expect(engine.pairs).toEqual(expected === 'opened' ? engine.pairs : before)
})

/** A made-up version 0: updates as JSON under `<record>:<hash>`, without anything else. */
const fromVersion0: Migration = async (engine) => {
  for (const [key, value] of await engine.range({ gt: '0', lt: '~' })) {
    const [record, hash] = key.split(':')
    if (record !== undefined && hash !== undefined) {
      const { bytes, ...fields } = JSON.parse(new TextDecoder().decode(value)) as StoreEntry & { bytes: number[] }
      const entry = { ...fields, record, hash, bytes: Uint8Array.from(bytes) }
      const [to, index, resumed] = [`e/${record}/${hash}`, indexKey(entry), `r/${record}/${hash}`]
      await engine.write([
        [to, encodeEntry(to, entry, entry.bytes)],
        [index, encodeEntry(index, entry)],
        [resumed, new Uint8Array(0)],
      ])
      await engine.write([[key, undefined]])
    }
  }
}

it('an older version is migrated, again after an interruption', async () => {
  let isWhole = false
  let writes = 0
  for (; !isWhole; writes++) {
    const engine = memoryEngine()
    for (const hash of ['00', '01', '02']) {
      const json = JSON.stringify({ ...ENTRY, hash, bytes: [1, 2, 3] })
      engine.pairs.set(`mfra:${hash}`, new TextEncoder().encode(json))
    }
    engine.pairs.set('m', Uint8Array.of(0))
    let opened = 0
    const interrupted: MemoryEngine = Object.assign(Object.create(engine) as MemoryEngine, {
      open() {
        engine.open()
        engine.writesLeft = opened++ === 0 ? writes : Infinity
      },
      getMany: engine.getMany.bind(engine),
      range: engine.range.bind(engine),
      write: engine.write.bind(engine),
      close: engine.close.bind(engine),
      atomic: true,
    })
    const options = { migrations: { 0: fromVersion0 } }
    const first = await codeOf(kvStore(interrupted, options))
    const store = kvStore(interrupted, options)
    await store.open()
    expect((await store.read('mfra')).entries.map(({ hash, bytes }) => [hash, [...bytes]])).toEqual(
      ['00', '01', '02'].map((hash) => [hash, [1, 2, 3]]),
    )
    await store.check({ repair: true })
    expect((await store.check({ repair: false })).problems).toEqual([])
    isWhole = first === 'opened'
  }
  expect(writes).toBeGreaterThan(10)
})
