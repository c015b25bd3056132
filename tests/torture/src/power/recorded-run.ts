import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runChild } from '../child.ts'
import { STREAMS } from '../streams.ts'

/** Compiles the library that records file calls; returns undefined where there is no C compiler or no Linux. */
export function compileRecorder(root: string): string | undefined {
  const [source, library] = [fileURLToPath(new URL('./record.c', import.meta.url)), join(root, 'record.so')]
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  } catch {
    return undefined
  }
  return process.platform === 'linux' ? library : undefined
}

/** How a store is written while its file calls are recorded. */
export interface RunPlan {
  readonly library: string
  /** it is created where it does not exist */
  readonly folder: string
  readonly trace: string
  readonly durable: boolean
  readonly begun: number
  readonly bytes: number
  /** the first update by stream; default 0 */
  readonly starts?: readonly number[]
  /** updates per stream in each process */
  readonly updates: number
}

/** How the processes that write one after the other end. */
const ENDS = ['kill', 'close', 'kill'] as const

/** Has three processes write to one store. */
export async function recordRun({
  library,
  folder,
  trace,
  durable,
  begun,
  bytes,
  starts = STREAMS.map(() => 0),
  updates,
}: RunPlan): Promise<void> {
  mkdirSync(folder, { recursive: true })
  let from = starts
  for (const end of ENDS) {
    const task = JSON.stringify({ begun, bytes, starts: from })
    const env = { LD_PRELOAD: library, SR_ROOT: folder, SR_TRACE: trace }
    const ended = await runChild(
      './power/writer-child.ts',
      [folder, String(durable), trace, task, String(updates), end],
      { env },
    )
    if (end === 'kill' ? ended.signal !== 'SIGKILL' : ended.code !== 0) {
      throw new Error(`the recorded process ended with ${ended.signal ?? ended.code}: ${ended.stderr}`)
    }
    const last = Math.max(...from) + updates
    from = from.map(() => last)
  }
}
