// A large store in a process of its own: node store-child.ts <fill|serve> <folder> <count>. Prints a line of JSON.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { sqliteStore } from '@sr/store-sqlite'
import { sample } from './store-sample.ts'

/** Updates that one commit of `fill` puts. */
const FILL = 500

/** Records that are expired together, as the machine does. */
const SLICE = 256

const READS = 100_000
const AT_ONCE = 64
const RESOLUTION_MS = 5

/** What `serve` found. */
export interface Serving {
  readonly openMs: number
  readonly readUs: number
  readonly expiryMs: number
  readonly loopP99Ms: number
  readonly loopMaxMs: number
  readonly rssMiB: number
}

const [mode, folder = '', countText] = process.argv.slice(2)
const count = Number(countText)
const store = sqliteStore({ folder, durable: mode === 'serve' })
const started = performance.now()
await store.open()

async function fill(): Promise<object> {
  for (let n = 0; n < count; n += FILL) {
    const put = Array.from({ length: Math.min(FILL, count - n) }, (_, i) => sample(n + i))
    await store.commit({ put, drop: [], usage: put.map(({ writer, cost }) => ({ writer, bytes: cost, records: 1 })) })
  }
  return {}
}

async function serve(): Promise<Serving> {
  const { record } = sample(count >> 1)
  if ((await store.read(record)).entries.length !== 1) throw new Error(`record ${record} is missing`)
  const openMs = performance.now() - started
  let rssMiB = 0
  const noteRss = (): void => {
    rssMiB = Math.max(rssMiB, process.memoryUsage.rss() / 2 ** 20)
  }

  const reading = performance.now()
  for (let n = 0; n < READS; n += AT_ONCE) {
    // a prime stride visits distinct records in no order of their puts
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => store.read(sample(((n + i) * 7919) % count).record)))
  }
  const readUs = ((performance.now() - reading) * 1000) / READS
  noteRss()

  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const expiring = performance.now()
  let dropped = 0
  let after: { readonly record: string; readonly retain: number } | undefined
  for (;;) {
    const due = await store.due({ ...(after === undefined ? {} : { after }), until: 1e15, limit: SLICE })
    await Promise.all(
      due.map(async ({ entries = [] }) => {
        const usage = entries.map(({ writer, cost }) => ({ writer, bytes: -cost, records: -1 }))
        await store.commit({ put: [], drop: entries, usage })
        dropped += entries.length
      }),
    )
    after = due.at(-1)
    noteRss()
    if (after === undefined) break
  }
  const expiryMs = performance.now() - expiring
  delay.disable()
  if (dropped !== count) throw new Error(`${dropped} updates were dropped; expected ${count}`)
  const ms = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS)
  return { openMs, readUs, expiryMs, loopP99Ms: ms(delay.percentile(99)), loopMaxMs: ms(delay.max), rssMiB }
}

const result = await (mode === 'fill' ? fill() : serve())
await store.close()
console.log(JSON.stringify(result))
