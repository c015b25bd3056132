// A process whose files cannot grow: node full-child.ts <folder> <count>. It commits updates and prints what became of them.
import { sqliteStore } from '../src/index.ts'

const [folder = '', count] = process.argv.slice(2)
const store = sqliteStore({ folder, minFreeBytes: 0 })
await store.open()
const first = (await store.totals()).entries
let acknowledged = 0
const codes: string[] = []
const make = (n: number) => {
  const hash = n.toString(16).padStart(8, '0').repeat(8)
  const index = {
    record: `r${n}`,
    hash,
    retain: 1000 + n,
    writer: 'ann',
    chargedTo: 'ann',
    cost: 600,
    resumed: false,
    signed: true,
    local: false,
  }
  return { ...index, bytes: new Uint8Array(900).fill(n) }
}
const next = first === 0 ? 0 : 1_000_000 + first
for (let n = next; n < next + Number(count); n += 10) {
  await Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      try {
        await store.commit({ put: [make(n + i)], drop: [], usage: [{ writer: 'ann', bytes: 600, records: 1 }] })
        acknowledged++
      } catch (err) {
        codes.push(String((err as { code?: unknown }).code))
      }
    }),
  )
}
const index = await store.index({ limit: 100_000 })
let readable = 0
for (const { record } of index) {
  readable += (await store.read(record)).entries.length
}
const [oldest] = index
let drop = 'none'
try {
  await store.commit({
    put: [],
    drop: oldest === undefined ? [] : [oldest],
    usage: [{ writer: 'ann', bytes: -600, records: -1 }],
  })
} catch (err) {
  drop = String((err as { code?: unknown }).code)
}
const { entries } = await store.totals()
const { problems } = await store.check({ repair: false })
await store.close()
console.log(JSON.stringify({ acknowledged, codes, entries, readable, drop, problems }))
