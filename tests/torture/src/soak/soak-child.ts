// Mixed load with faults: node --expose-gc soak-child.ts <folder> <seconds> <seed>. It prints what it found, and then ends by itself.
import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createAuthors } from '../authors.ts'
import { disagreements, lastOfAll } from '../inspect.ts'
import { openMachine } from '../open.ts'
import { randomOf } from '../random.ts'
import { STREAMS, WRITERS } from '../streams.ts'
import { FaultyStore, STORE_TIMEOUT_MS } from './faulty-store.ts'
import { FeedMirror } from './feed-mirror.ts'
import { BYTES, Load } from './load.ts'

/** What a soak found. */
export interface SoakResult {
  readonly counts: Record<string, number>
  readonly violated: Record<string, number>
  readonly details: string[]
  /** bytes after a collection of garbage, at the end of each run of the machine */
  readonly heap: number[]
  readonly rss: number[]
  /** kinds of handles that were not there at the start, and the number of descriptors more */
  readonly handles: string[]
  readonly descriptors: number
}

const [folder = '', seconds, seed] = process.argv.slice(2)
const RUNS = Math.max(4, Math.round(Number(seconds) / 20))
const random = randomOf(Number(seed))
const authors = await createAuthors('signed', WRITERS)
const begun = Date.now()
const last = STREAMS.map(() => -1)
const result: SoakResult = {
  counts: { runs: RUNS },
  violated: {},
  details: [],
  heap: [],
  rss: [],
  handles: [],
  descriptors: 0,
}

const resources = (): string[] => process.getActiveResourcesInfo()
const descriptors = (): number => readdirSync('/proc/self/fd').length
const collect = globalThis.gc as () => void

function add(name: string, count: number): void {
  result.counts[name] = (result.counts[name] ?? 0) + count
}

function violate(name: string, text: string): void {
  result.violated[name] = (result.violated[name] ?? 0) + 1
  if (result.details.length < 10) result.details.push(`${name}: ${text}`)
}

function same(name: string, found: number, expected: number): void {
  if (found !== expected) violate('counters', `${name} is ${found}; expected ${expected}`)
}

async function run(): Promise<void> {
  const faulty = new FaultyStore(random)
  faulty.enabled = false
  const { machine, store, reports } = await openMachine({
    folder,
    authors,
    wrap: (inner) => faulty.wrap(inner),
    init: { limits: { storeTimeoutMs: STORE_TIMEOUT_MS, cacheBytes: 200_000 } },
  })
  machine.confirmTime()
  const mirror = new FeedMirror()
  await mirror.start(machine)
  const load = new Load(machine, authors, random, begun, last)
  faulty.enabled = true
  load.start()
  await delay((Number(seconds) * 1000) / RUNS)
  await load.stop()
  faulty.enabled = false
  // what is expiring meanwhile makes the comparisons differ: until nothing is left that expires soon
  await delay(3500)
  const { counts } = load
  const counters = machine.counters()
  same('updates.stored', counters.get('updates.stored') ?? 0, counts.stored)
  same('updates.duplicate', counters.get('updates.duplicate') ?? 0, counts.duplicate)
  same(
    'updates.refused and updates.failed',
    (counters.get('updates.refused') ?? 0) + (counters.get('updates.failed') ?? 0),
    counts.failedUpdates,
  )
  for (const text of counts.unexpected) violate('unexpected errors', text)
  for (const [stream, n] of (await lastOfAll(machine, authors, BYTES)).entries()) {
    const acknowledged = last[stream] as number
    if (n !== acknowledged && n !== acknowledged + 1)
      violate('lost', `stream ${stream} shows ${n}; ${acknowledged} was acknowledged`)
    // an update whose call failed may have been stored
    else last[stream] = n
  }
  for (const text of await disagreements(machine, authors)) violate('problems', text)
  for (const hash of await mirror.differences(machine, faulty.untold))
    violate('feed', `the feed and the index differ on ${hash}`)
  const report = await store.check({ repair: false })
  for (const text of [...report.problems, ...report.damaged.map(({ reason }) => reason), ...reports])
    violate('problems', text)
  add('stored', counts.stored)
  add('failed', counts.failedUpdates)
  add('reads', counts.reads)
  add('watch parts', counts.watchParts)
  add('expired', counters.get('gc.dropped') ?? 0)
  add('faults', faulty.faults)
  add('feed gaps', mirror.gaps)
  await machine.close()
  await mirror.stop()
}

// the streams of the process are created on first use
void [process.stdout, process.stderr, process.stdin]
await delay(1)
const [resourcesBefore, descriptorsBefore] = [resources(), descriptors()]
for (let n = 0; n < RUNS; n++) {
  await run()
  await delay(10)
  collect()
  await delay(10)
  collect()
  const { heapUsed, rss } = process.memoryUsage()
  result.heap.push(heapUsed)
  result.rss.push(rss)
}
result.handles.push(
  ...resources().filter(
    (kind) => resources().filter((one) => one === kind).length > resourcesBefore.filter((one) => one === kind).length,
  ),
)
console.log(JSON.stringify({ ...result, descriptors: descriptors() - descriptorsBefore } satisfies SoakResult))
