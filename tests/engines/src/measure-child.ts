// One engine in a process of its own: node measure-child.ts <rates|fill|serve> <engine> <folder> <durable>
import type { StoreIndex } from '@sr/vm'
import { kvStore } from '@sr/vm/store'
import { ENGINES } from './index.ts'
import { sampleEntry, sampleRecord, usageOf } from './sample.ts'

/** Entries of the filled store. */
export const FILLED = 100_000
/** Entries that one run of `serve` expires. */
export const EXPIRED = 10_000

const WINDOW_MS = 800
const CONCURRENT = 64
const SLICE = 500
const READS = 5000
/** entries of the index that are read at once */
const PAGE = 1000

export interface Rates {
  readonly single: number
  readonly concurrent: number
}

export interface Serving {
  readonly openMs: number
  readonly readUs: number
  readonly indexMs: number
  readonly expiryMs: number
  /** growth of the resident set after open and the reads; LMDB's includes pages of the mapped file */
  readonly rssMiB: number
}

const [mode, name = '', folder = '', durable] = process.argv.slice(2)
const rssMiB = (): number => process.memoryUsage.rss() / 2 ** 20
const rssBefore = rssMiB()
const store = kvStore((ENGINES[name] as (typeof ENGINES)[string])({ folder, durable: durable === 'true' }))
let next = 0

/** Commits per second of some loops that commit one entry at a time. */
async function rate(loops: number): Promise<number> {
  const start = performance.now()
  let done = 0
  const loop = async (): Promise<void> => {
    while (performance.now() - start < WINDOW_MS) {
      const entry = sampleEntry(next++)
      await store.commit({ put: [entry], drop: [], usage: [usageOf(entry)] })
      done++
    }
  }
  await Promise.all(Array.from({ length: loops }, loop))
  return (done / (performance.now() - start)) * 1000
}

async function rates(): Promise<Rates> {
  await store.open()
  await rate(CONCURRENT)
  return { single: await rate(1), concurrent: await rate(CONCURRENT) }
}

async function fill(): Promise<object> {
  await store.open()
  for (let n = 0; n < FILLED; n += SLICE) {
    const put = Array.from({ length: SLICE }, (_, i) => sampleEntry(n + i))
    await store.commit({ put, drop: [], usage: put.map((one) => usageOf(one)) })
  }
  return {}
}

async function serve(): Promise<Serving> {
  const started = performance.now()
  await store.open()
  await store.read(sampleRecord(FILLED - 1))
  const openMs = performance.now() - started

  // a prime stride visits distinct records in no order of the keys
  const reading = performance.now()
  for (let n = 0; n < READS; n++) await store.read(sampleRecord((n * 7919) % FILLED))
  const readUs = ((performance.now() - reading) * 1000) / READS

  const rss = rssMiB() - rssBefore

  const indexing = performance.now()
  const due: StoreIndex[] = []
  for (let after: StoreIndex | undefined; ;) {
    const page = await store.index({ limit: PAGE, ...(after === undefined ? {} : { after }) })
    due.push(...page.slice(0, Math.max(0, EXPIRED - due.length)))
    after = page.at(-1)
    if (page.length < PAGE) break
  }
  const indexMs = performance.now() - indexing

  const expiring = performance.now()
  for (let n = 0; n < due.length; n += SLICE) {
    const drop = due.slice(n, n + SLICE)
    await store.commit({ put: [], drop, usage: drop.map((one) => usageOf(one, -1)) })
  }
  return { openMs, readUs, indexMs, expiryMs: performance.now() - expiring, rssMiB: rss }
}

const result = await (mode === 'rates' ? rates() : mode === 'fill' ? fill() : serve())
await store.close()
console.log(JSON.stringify(result))
