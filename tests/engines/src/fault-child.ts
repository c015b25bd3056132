// One engine in a process that a fault may end: node fault-child.ts <build|inspect|write|states> <engine> <folder> [starts]
import { writeSync } from 'node:fs'
import type { Store, StoreIndex } from '@sr/vm'
import { kvStore } from '@sr/vm/store'
import { BATCH, batchNumber, batchOf, LIVE, WRITERS } from './batches.ts'
import { ENGINES } from './index.ts'
import { sampleEntry, sampleRecord, usageOf } from './sample.ts'

/** Entries of the store whose files are damaged. */
const BUILT = 2000
/** What a store over damaged files answers, of the entries that were put. */
export interface Inspection {
  /** whether open rejected */
  readonly refused: boolean
  /** reads that rejected, and the index if it did */
  readonly errors: number
  /** entries that are listed in the index and not in their record, or the other way round */
  readonly inconsistent: number
  /** entries that are absent from both */
  readonly absent: number
  /** entries that differ from what was put */
  readonly wrong: number
}

/** Per writer the entries of each of its batches that are visible: pairs of batch and count. */
export interface States {
  readonly writers: ReadonlyArray<ReadonlyArray<readonly [batch: number, entries: number]>>
  readonly indexed: number
}

const [mode, name = '', folder = '', starts = ''] = process.argv.slice(2)
const print = (value: unknown): void => void writeSync(1, `${JSON.stringify(value)}\n`)
const create = (): Store => kvStore((ENGINES[name] as (typeof ENGINES)[string])({ folder, durable: mode !== 'build' }))

/** Half of the entries before the engine moves its log to its tables when it opens again, half after. */
async function build(): Promise<void> {
  for (const from of [0, BUILT / 2]) {
    const store = create()
    await store.open()
    for (let n = from; n < from + BUILT / 2; n++) {
      await store.commit({ put: [sampleEntry(n)], drop: [], usage: [usageOf(sampleEntry(n))] })
    }
    await store.close()
  }
}

async function inspect(): Promise<Inspection> {
  const store = create()
  let [errors, inconsistent, absent, wrong] = [0, 0, 0, 0]
  try {
    await store.open()
  } catch {
    return { refused: true, errors, inconsistent, absent, wrong }
  }
  const listed = new Set<string>()
  try {
    for (const { hash } of await indexOf(store)) listed.add(hash)
  } catch {
    errors++
  }
  for (let n = 0; n < BUILT; n++) {
    const expected = sampleEntry(n)
    try {
      const { entries, damaged } = await store.read(sampleRecord(n))
      const [found, ...others] = entries
      if (damaged.length > 0) errors++
      else if (found === undefined && !listed.has(expected.hash)) absent++
      else if (found === undefined || !listed.has(expected.hash)) inconsistent++
      else if (others.length > 0 || !isSame(found, expected)) wrong++
    } catch {
      errors++
    }
  }
  try {
    await store.close()
  } catch {
    errors++
  }
  return { refused: false, errors, inconsistent, absent, wrong }
}

async function indexOf(store: Store): Promise<readonly StoreIndex[]> {
  return await store.index({ limit: Number.MAX_SAFE_INTEGER })
}

function isSame(a: object, b: object): boolean {
  const plain = (entry: object): string => JSON.stringify(Object.entries(entry).sort(([x], [y]) => (x < y ? -1 : 1)))
  return plain(a) === plain(b)
}

/** Commits until the process is killed; prints each batch as soon as its commit has resolved. */
async function write(): Promise<void> {
  const store = create()
  await store.open()
  const loop = async (writer: number, start: number): Promise<void> => {
    for (let batch = start; ; batch++) {
      const put = batchOf(writer, batch)
      const drop = batch < LIVE ? [] : batchOf(writer, batch - LIVE)
      const usage = [...put.map((one) => usageOf(one)), ...drop.map((one) => usageOf(one, -1))]
      await store.commit({ put, drop, usage })
      print([writer, batch])
    }
  }
  await Promise.all(starts.split(',').map((start, writer) => loop(writer, Number(start))))
}

async function states(): Promise<States> {
  const store = create()
  await store.open()
  const writers = []
  for (let writer = 0; writer < WRITERS; writer++) {
    const counts = new Map<number, number>()
    for (let i = 0; i < BATCH; i++) {
      for (const { hash } of (await store.read(`w${writer}r${i}`)).entries) {
        const batch = batchNumber(writer, hash)
        counts.set(batch, (counts.get(batch) ?? 0) + 1)
      }
    }
    writers.push([...counts].sort(([a], [b]) => a - b))
  }
  const indexed = (await indexOf(store)).length
  await store.close()
  return { writers, indexed }
}

if (mode === 'build') await build()
if (mode === 'inspect') print(await inspect())
if (mode === 'write') await write()
if (mode === 'states') print(await states())
