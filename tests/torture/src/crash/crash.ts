import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from '../child.ts'
import type { Inspection } from '../inspect.ts'
import { randomOf } from '../random.ts'
import type { Task } from '../report.ts'
import { STREAMS } from '../streams.ts'
import { Findings } from '../findings.ts'

/** Longest text of an update: most fit into a page of the database, some need several. */
const BYTES = 6000

/** Time that a process writes until it is killed, milliseconds. */
const MIN_WRITE_MS = 20
const MAX_WRITE_MS = 2500
const MAX_QUICK_WRITE_MS = 500

/** Kills a process while eight writers write, over the same files each time, and compares what a fresh process finds there. */
export async function crash(task: Task): Promise<void> {
  const cycles = task.count ?? (task.quick ? 5 : 100)
  await Promise.all([true, false].map(async (durable) => await killCycles(task, durable, cycles)))
}

async function killCycles({ seed, quick, report }: Task, durable: boolean, cycles: number): Promise<void> {
  const random = randomOf(seed + (durable ? 0 : 1))
  const folder = mkdtempSync(join(tmpdir(), 'sr-crash-'))
  const begun = Date.now()
  const findings = new Findings()
  const acknowledged = STREAMS.map(() => -1)
  let count = 0
  try {
    for (let cycle = 0; cycle < cycles; cycle++) {
      const starts = acknowledged.map((n) => n + 1)
      const pause = MIN_WRITE_MS + random() * ((quick ? MAX_QUICK_WRITE_MS : MAX_WRITE_MS) - MIN_WRITE_MS)
      const args = [folder, String(durable), 'signed', JSON.stringify({ begun, starts, bytes: BYTES })]
      const ended = await runChild('./crash/writer-child.ts', args, {
        onLine(line, child) {
          if (line === 'open') {
            setTimeout(() => child.kill('SIGKILL'), pause)
          } else {
            const [stream, n] = line.split(' ').map(Number) as [number, number]
            acknowledged[stream] = n
            count++
          }
        },
      })
      if (ended.signal !== 'SIGKILL')
        findings.add('crashed', `cycle ${cycle}: the writers ended with ${ended.code}: ${ended.stderr}`)
      const { lines, stderr } = await runChild('./inspect-child.ts', [folder, 'signed', String(BYTES)])
      if (lines.length === 0) {
        findings.add('crashed', `cycle ${cycle}: the fresh process failed: ${stderr}`)
        break
      }
      const found = JSON.parse(lines.at(-1) as string) as Inspection
      findings.compare(found, acknowledged, `cycle ${cycle}`, { lostAllowed: false })
      if (found.refused !== undefined) break
      for (const [stream, last] of found.last.entries()) if (typeof last === 'number') acknowledged[stream] = last
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const name = `crash, kill -9, ${durable ? 'durable' : 'not durable'}, signed updates`
  report.line(name, seed, { cycles, acknowledged: count }, findings.counts)
  findings.details.forEach((text) => report.detail(text))
}
