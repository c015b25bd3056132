// A process for tests to kill: node child.ts <folder> <durable>. It commits an update at a time and prints its number then.
import { writeSync } from 'node:fs'
import { sqliteStore } from '../src/index.ts'

const [folder = '', durable] = process.argv.slice(2)
const store = sqliteStore({ folder, durable: durable === 'true' })
await store.open()
for (let n = 0; ; n++) {
  const hash = n.toString(16).padStart(64, '0')
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
  await store.commit({
    put: [{ ...index, bytes: new Uint8Array(300).fill(n) }],
    drop: [],
    usage: [{ writer: 'ann', bytes: 600, records: 1 }],
  })
  writeSync(1, `${n}\n`)
}
