import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from '../child.ts'
import type { Report, Task } from '../report.ts'
import type { Sample, SoakResult } from './soak-child.ts'

const MIB = 1024 * 1024

/** Growth of memory, from the first third of the samples to the last, that counts as a leak, bytes. The code that is compiled takes some meanwhile. */
const LEAK_BYTES = 6 * MIB

/** Growth of the files that counts as a leak, bytes: the log of the database takes 4 MiB at times. */
const DISK_LEAK_BYTES = 8 * MIB

/** Samples of a run under load before the machine's own buffers, such as that of the feed, are full: two minutes. */
const WARM_SAMPLES = 8

/** Longest time from the last line of the process to its end, milliseconds. */
const END_MS = 10_000

/** Mixed load with faults and restarts in one process: memory and handles, and whether the counters and the feed agree with the store. */
export async function soak({ seed, quick, count, report }: Task): Promise<void> {
  const seconds = count ?? (quick ? 10 : 600)
  const folder = mkdtempSync(join(tmpdir(), 'sr-soak-'))
  try {
    const ended = await runChild('./soak/soak-child.ts', [folder, String(seconds), String(seed)], {
      node: ['--expose-gc'],
      limitMs: (seconds * 3 + 300) * 1000,
      // a process with an open handle does not end
      onLine: (_, child) => void setTimeout(() => child.kill('SIGKILL'), END_MS).unref(),
    })
    const last = ended.lines.at(-1)
    if (last === undefined) {
      report.line('soak', seed, { seconds }, { crashed: 1 })
      report.detail(`${ended.signal ?? ended.code}: ${ended.stderr.slice(0, 2000)}`)
      return
    }
    print(report, seed, seconds, JSON.parse(last) as SoakResult, ended.code === 0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function print(report: Report, seed: number, seconds: number, result: SoakResult, hasEnded: boolean): void {
  const { counts, closed, open, descriptors } = result
  const violated = { lost: 0, problems: 0, counters: 0, feed: 0, still: 0, 'unexpected errors': 0, ...result.violated }
  report.line(
    'soak, updates, reads, watches, a failing store, restarts; signed updates',
    seed,
    { seconds, ...counts },
    violated,
  )
  const handles = { handles: result.handles.length, descriptors: Math.max(0, descriptors) }
  report.line('soak, after close', seed, {}, { ...handles, 'does not end': hasEnded ? 0 : 1 })
  growth(report, 'soak, memory after each close', seed, closed.slice(1))
  if (open.length >= WARM_SAMPLES + 3)
    growth(report, 'soak, memory of one run under load', seed, open.slice(WARM_SAMPLES))
  for (const text of [...result.details, ...result.handles]) report.detail(text)
}

function growth(report: Report, check: string, seed: number, samples: readonly Sample[]): void {
  const grown = { heap: 0, rss: 0, disk: 0 }
  const counts: Record<string, string> = {}
  for (const name of ['heap', 'rss', 'disk'] as const) {
    const values = samples.map((one) => one[name])
    grown[name] = growthOf(values)
    counts[`${name} MiB`] = values.map((one) => Math.round(one / MIB)).join(' ')
    counts[`${name} growth MiB`] = (grown[name] / MIB).toFixed(1)
  }
  const leaks = { leak: grown.heap > LEAK_BYTES ? 1 : 0, 'disk leak': grown.disk > DISK_LEAK_BYTES ? 1 : 0 }
  report.line(check, seed, counts, leaks)
}

/** From the mean of the first third to that of the last. */
function growthOf(values: readonly number[]): number {
  const third = Math.ceil(values.length / 3)
  const mean = (some: readonly number[]): number => some.reduce((sum, one) => sum + one, 0) / some.length
  return mean(values.slice(-third)) - mean(values.slice(0, third))
}
