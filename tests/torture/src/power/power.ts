import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Authors, createAuthors } from '../authors.ts'
import { eachAtOnce } from '../child.ts'
import { inspect } from '../inspect.ts'
import { below, type Random, randomOf } from '../random.ts'
import type { Task } from '../report.ts'
import { STREAMS, WRITERS } from '../streams.ts'
import { Findings } from '../findings.ts'
import { compileRecorder, recordRun } from './recorded-run.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import { KINDS, readTrace, type TraceRecord } from './trace.ts'

/** Disks without power that are inspected at once. */
const AT_ONCE = 3

/** Losses of power in one recorded run. */
const SEEDS_PER_RUN = 100

/** A recorded run and what its disk had before it. */
interface Run {
  readonly records: readonly TraceRecord[]
  /** a copy of the folder before the run; undefined when it did not exist */
  readonly before: string | undefined
  /** the last acknowledged update before the run, by stream */
  readonly acknowledged: readonly number[]
  readonly durable: boolean
  readonly bytes: number
}

/** What a loss of power left, to be inspected. */
interface Loss {
  readonly seed: number
  readonly folder: string
  readonly acknowledged: readonly number[]
}

/**
 * Records the file calls of processes that write, SQLite's and the store's own, and loses the power at any of them: what no sync has followed is kept,
 * dropped or torn by seed. Each store that this leaves is opened by a machine.
 */
export async function power(task: Task): Promise<void> {
  // in memory where there is such a folder: the files are the disk's content, not a disk
  const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sr-power-'))
  try {
    const library = compileRecorder(root)
    if (library === undefined) {
      task.report.skip('power', 'it needs Linux and a C compiler (cc), for the layer under the file calls')
      return
    }
    const seeds = task.count ?? (task.quick ? 50 : 2000)
    const authors = await createAuthors('plain', WRITERS)
    await new PowerSuite(task, root, library, authors).run(true, seeds)
    await new PowerSuite(task, root, library, authors).run(false, Math.ceil(seeds / 10))
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

class PowerSuite {
  readonly #task: Task
  readonly #root: string
  readonly #library: string
  readonly #authors: Authors
  readonly #begun = Date.now()
  readonly #findings = new Findings()
  #acknowledged = 0
  #records = 0
  #behind = 0
  /** a disk that lost its power, and what it showed then: the next run begins with it */
  #next: { readonly folder: string; readonly last: readonly number[] } | undefined

  constructor(task: Task, root: string, library: string, authors: Authors) {
    this.#task = task
    this.#root = root
    this.#library = library
    this.#authors = authors
  }

  async run(durable: boolean, seeds: number): Promise<void> {
    const { seed, quick, report } = this.#task
    let runs = 0
    const beginnings = quick ? FIRST_CALLS / 2 : 5 * FIRST_CALLS
    await this.#loseAtFirst(durable, beginnings)
    for (let done = 0; done < seeds; done += SEEDS_PER_RUN, runs++) {
      // the log reaches the size at which SQLite moves it to the database while the store is open
      const isLarge = !quick && runs % 10 === 5
      const run = await this.#record({
        durable,
        bytes: isLarge ? 60_000 : 5000,
        updates: isLarge ? 80 : quick ? 6 : 15,
      })
      this.#records += run.records.length
      const count = Math.min(SEEDS_PER_RUN, seeds - done)
      const first = seed * 1_000_000 + done
      await eachAtOnce(
        this.#losses(run, first, cutsOf(run.records, count, randomOf(first))),
        AT_ONCE,
        async (loss) => await this.#inspect(run, loss),
      )
    }
    const name = `power, below SQLite's file calls, ${durable ? 'durable' : 'not durable'}`
    const counts = {
      seeds,
      'at its first calls': beginnings,
      runs,
      'file calls': this.#records,
      acknowledged: this.#acknowledged,
      ...(durable ? {} : { 'older states': this.#behind }),
    }
    report.line(name, seed, counts, this.#findings.counts)
    this.#findings.details.forEach((text) => report.detail(text))
  }

  /** Loses the power at each of the first calls of a new store. */
  async #loseAtFirst(durable: boolean, count: number): Promise<void> {
    const run = await this.#record({ durable, bytes: 5000, updates: 1 })
    const first = this.#task.seed * 1_000_000 + 900_000
    const cuts = Array.from({ length: count }, (_, n) => Math.floor((n / count) * FIRST_CALLS))
    await eachAtOnce(this.#losses(run, first, cuts), AT_ONCE, async (loss) => await this.#inspect(run, loss))
  }

  /** A run after one of which a disk was kept begins with what a loss of power left of the one before. */
  async #record({ durable, bytes, updates }: { durable: boolean; bytes: number; updates: number }): Promise<Run> {
    const [folder, trace, before] = ['run', 'trace', 'before'].map((name) => join(this.#root, name)) as [
      string,
      string,
      string,
    ]
    for (const path of [folder, trace, before]) rmSync(path, { recursive: true, force: true })
    const next = this.#next
    this.#next = undefined
    const starts = (next?.last ?? STREAMS.map(() => -1)).map((n) => n + 1)
    if (next !== undefined) {
      cpSync(next.folder, folder, { recursive: true })
      cpSync(next.folder, before, { recursive: true })
      rmSync(next.folder, { recursive: true })
    }
    await recordRun({
      library: this.#library,
      folder,
      trace,
      durable,
      begun: this.#begun,
      bytes: 5000,
      starts,
      updates,
      ...(next === undefined ? { bytes } : {}),
    })
    return {
      records: [...readTrace(trace)],
      before: next === undefined ? undefined : before,
      acknowledged: starts.map((n) => n - 1),
      durable,
      bytes: next === undefined ? bytes : 5000,
    }
  }

  *#losses(run: Run, first: number, cuts: readonly number[]): Iterable<Loss> {
    const disk = run.before === undefined ? new SimulatedDisk() : SimulatedDisk.of(run.before)
    const acknowledged = [...run.acknowledged]
    let at = 0
    for (const [n, cut] of cuts.entries()) {
      for (; at < cut; at++) {
        const record = run.records[at] as TraceRecord
        if (record.kind === KINDS.acknowledged) {
          acknowledged[Number(record.path)] = record.offset
          this.#acknowledged++
        } else {
          disk.apply(record)
        }
      }
      const folder = join(this.#root, `loss-${first + n}`)
      disk.losePower(randomOf(first + n), folder)
      yield { seed: first + n, folder, acknowledged: [...acknowledged] }
    }
  }

  async #inspect({ durable, bytes }: Run, { seed, folder, acknowledged }: Loss): Promise<void> {
    const copy = `${folder}-copy`
    const isCandidate = this.#next === undefined && bytes === 5000 && acknowledged.some((n) => n >= 0)
    if (isCandidate) cpSync(folder, copy, { recursive: true })
    const found = await inspect(folder, this.#authors, bytes)
    this.#findings.compare(found, acknowledged, `power seed ${seed}`, { lostAllowed: !durable })
    if (found.last.some((last, stream) => typeof last === 'number' && last < (acknowledged[stream] as number)))
      this.#behind++
    if (isCandidate) {
      const last = found.last.filter((n) => typeof n === 'number')
      if (last.length === STREAMS.length && this.#next === undefined) this.#next = { folder: copy, last }
      else rmSync(copy, { recursive: true })
    }
    rmSync(folder, { recursive: true })
  }
}

/** Calls with which a store begins or is opened again. */
const FIRST_CALLS = 60

/** Places in a trace, in their order: of ten one in its beginning, five anywhere, four right after an acknowledgement. */
function cutsOf(records: readonly TraceRecord[], count: number, random: Random): number[] {
  const acknowledgements = records.flatMap(({ kind }, n) => (kind === KINDS.acknowledged ? [n + 1] : []))
  const cut = (n: number): number => {
    if (n % 10 === 0) return below(random, Math.min(FIRST_CALLS, records.length) + 1)
    return n % 2 === 0
      ? (acknowledgements[below(random, acknowledgements.length)] as number)
      : below(random, records.length + 1)
  }
  return Array.from({ length: count }, (_, n) => cut(n)).sort((a, b) => a - b)
}
