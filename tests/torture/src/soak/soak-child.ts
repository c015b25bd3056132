// Mixed load with faults: node --expose-gc soak-child.ts <folder> <seconds> <seed>. It prints what it found, and then ends by itself.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createAuthors } from '../authors.ts'
import { randomOf } from '../random.ts'
import { STREAMS, WRITERS } from '../streams.ts'
import { runOnce, type SoakState } from './soak-run.ts'

/** What was measured at one time, bytes. */
export interface Sample {
  /** after a collection of garbage, with the buffers outside of the heap */
  readonly heap: number
  readonly rss: number
  readonly disk: number
}

/** What a soak found. */
export interface SoakResult {
  readonly counts: Record<string, number>
  readonly violated: Record<string, number>
  readonly details: string[]
  /** after each run of the machine */
  readonly closed: readonly Sample[]
  /** during the last run, under load */
  readonly open: readonly Sample[]
  /** kinds of handles that were not there at the start, and the number of descriptors more */
  readonly handles: readonly string[]
  readonly descriptors: number
}

/** Runs that show what a machine leaves behind, before the long one that shows what it gathers. */
const RUNS = 4
const RUN_MS = 20_000

const [folder = '', seconds = '', seed] = process.argv.slice(2)
const totalMs = Number(seconds) * 1000
const result = { counts: {} as Record<string, number>, violated: {} as Record<string, number>, details: [] as string[] }

const state: SoakState = {
  folder,
  authors: await createAuthors('signed', WRITERS),
  random: randomOf(Number(seed)),
  begun: Date.now(),
  last: STREAMS.map(() => -1),
  add(name, count) {
    result.counts[name] = (result.counts[name] ?? 0) + count
  },
  violate(name, text) {
    result.violated[name] = (result.violated[name] ?? 0) + 1
    if (result.details.length < 10) result.details.push(`${name}: ${text}`)
  },
}

/** Lengths of the runs: half of the time is one run, unless there is too little of it. */
function lengths(): number[] {
  if (totalMs < 4 * RUNS * RUN_MS) return Array.from({ length: RUNS }, () => totalMs / RUNS)
  const short = Array.from({ length: Math.floor(totalMs / 2 / RUN_MS) }, () => RUN_MS)
  return [...short, totalMs - short.length * RUN_MS]
}

async function sample(): Promise<Sample> {
  const collect = globalThis.gc as () => void
  for (let n = 0; n < 2; n++) {
    await delay(10)
    collect()
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  const disk = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  return { heap: heapUsed + external, rss, disk }
}

const resources = (): string[] => process.getActiveResourcesInfo()
const descriptors = (): number => readdirSync('/proc/self/fd').length
const countOf = (all: readonly string[], kind: string): number => all.filter((one) => one === kind).length

// the streams of the process are created on first use
void [process.stdout, process.stderr, process.stdin]
await delay(1)
const [resourcesBefore, descriptorsBefore] = [resources(), descriptors()]
const closed: Sample[] = []
let open: Sample[] = []
for (const ms of lengths()) {
  open = []
  await runOnce(state, ms, async () => {
    open.push(await sample())
  })
  closed.push(await sample())
  state.add('runs', 1)
}
const resourcesAfter = resources()
const handles = resourcesAfter.filter((kind) => countOf(resourcesAfter, kind) > countOf(resourcesBefore, kind))
const found: SoakResult = { ...result, closed, open, handles, descriptors: descriptors() - descriptorsBefore }
console.log(JSON.stringify(found))
