import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from '../child.ts'
import type { Task } from '../report.ts'
import type { SoakResult } from './soak-child.ts'

const MIB = 1024 * 1024

/** Growth of the heap, from the first third of the runs to the last, that counts as a leak, bytes. The code that is compiled takes some meanwhile. */
const LEAK_BYTES = 6 * MIB

/** Time from the last line of the process to its end, milliseconds. */
const END_MS = 5000

/** Mixed load with faults and restarts in one process: memory and handles, and whether the counters and the feed agree with the store. */
export async function soak({ seed, quick, count, report }: Task): Promise<void> {
  const seconds = count ?? (quick ? 10 : 600)
  const folder = mkdtempSync(join(tmpdir(), 'sr-soak-'))
  try {
    let printed = 0
    const ended = await runChild('./soak/soak-child.ts', [folder, String(seconds), String(seed)], {
      node: ['--expose-gc'],
      limitMs: (seconds * 3 + 300) * 1000,
      onLine: () => {
        printed = performance.now()
      },
    })
    const result = ended.lines.length === 0 ? undefined : (JSON.parse(ended.lines.at(-1) as string) as SoakResult)
    if (result === undefined) {
      report.line('soak', seed, { seconds }, { crashed: 1 })
      report.detail(`${ended.signal ?? ended.code}: ${ended.stderr.slice(0, 2000)}`)
      return
    }
    const hangs = performance.now() - printed > END_MS || ended.code !== 0 ? 1 : 0
    const violated = { lost: 0, problems: 0, counters: 0, feed: 0, 'unexpected errors': 0, ...result.violated }
    report.line(
      'soak, updates, reads, watches, a failing store, restarts; signed updates',
      seed,
      { seconds, ...result.counts },
      violated,
    )
    const handles = {
      handles: result.handles.length,
      descriptors: Math.max(0, result.descriptors),
      'does not end': hangs,
    }
    report.line('soak, after close', seed, {}, handles)
    const growth = growthOf(result.heap)
    const counts = {
      'heap MiB': list(result.heap),
      'rss MiB': list(result.rss),
      'heap growth MiB': (growth / MIB).toFixed(1),
      'rss growth MiB': (growthOf(result.rss) / MIB).toFixed(1),
    }
    report.line('soak, memory after each run', seed, counts, { leak: growth > LEAK_BYTES ? 1 : 0 })
    for (const text of [...result.details, ...result.handles]) report.detail(text)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** From the mean of the first third, without the first run, to that of the last. */
function growthOf(values: readonly number[]): number {
  const third = Math.ceil((values.length - 1) / 3)
  const mean = (some: readonly number[]): number => some.reduce((sum, one) => sum + one, 0) / some.length
  return mean(values.slice(-third)) - mean(values.slice(1, 1 + third))
}

function list(values: readonly number[]): string {
  return values.map((one) => Math.round(one / MIB)).join(' ')
}
