import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthors } from '../authors.ts'
import type { Task } from '../report.ts'
import { ClockRun, type ClockCounts } from './clock-run.ts'

/** Sets the wall clock back by an hour and forward by ten years, while a machine runs and while it does not, over a store on disk. */
export async function clock({ seed, quick, count, report }: Task): Promise<void> {
  const runs = count ?? (quick ? 6 : 100)
  const authors = await createAuthors('plain', 4)
  const root = mkdtempSync(join(tmpdir(), 'sr-clock-'))
  const totals: ClockCounts = { steps: 0, updates: 0, restarts: 0, jumps: 0, deleted: 0 }
  const violated = { resurrected: 0, 'live hidden': 0, 'live deleted': 0, 'expired kept': 0, failed: 0 }
  const details: string[] = []
  try {
    for (let n = 0; n < runs; n++) {
      const run = new ClockRun(join(root, String(n)), authors, seed * 1000 + n)
      try {
        await run.run()
      } catch (err) {
        violated.failed++
        details.push(`clock seed ${seed * 1000 + n}: ${String(err)}: ${String((err as Error).cause)}`)
      }
      for (const key of Object.keys(totals) as Array<keyof ClockCounts>) totals[key] += run.counts[key]
      for (const [name, text] of run.violations) {
        violated[name]++
        details.push(`${name}: clock seed ${seed * 1000 + n}: ${text}`)
      }
      rmSync(join(root, String(n)), { recursive: true, force: true })
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  report.line('clock, back 1 h and forward 10 years, with restarts, plain updates', seed, { runs, ...totals }, violated)
  details.slice(0, 10).forEach((text) => report.detail(text))
}
