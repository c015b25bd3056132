import { Worker } from 'node:worker_threads'
import type { PlantedBug } from '@sr/tests-kit/planted-bugs'
import type { Found, Plan, Progress } from './fuzz.ts'
import { type Job, WATCHED_HEAD, WATCHED_INPUT } from './job.ts'

/** An input that keeps the thread for so long hangs, milliseconds; what is merely slow is found by the thread itself. */
const HANG_MS = 20_000
const LOOK_MS = 1000

/** What a run has come to. */
export interface Result {
  target: string
  progress: Progress
  /** all edges of what was loaded */
  loaded: number
  found: Found[]
}

/** What the thread says. */
interface Message {
  found?: Found
  progress?: Progress
  done?: Progress
  loaded?: number
}

/** Fuzzes one target in a thread of its own, and watches that it goes on. */
export function runInWorker(
  target: string,
  plan: Plan,
  tell: { found(found: Found): void; progress(progress: Progress): void },
  bug?: PlantedBug,
): Promise<Result> {
  const watched = new SharedArrayBuffer(WATCHED_HEAD + WATCHED_INPUT)
  const figures = new Int32Array(watched, 0, 2)
  const job: Job = bug === undefined ? { target, plan, watched } : { target, plan, watched, bug }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: job })
  const result: Result = {
    target,
    progress: { executions: 0, accepted: 0, corpus: 0, edges: 0, steps: 0, ms: 0 },
    loaded: 0,
    found: [],
  }
  const add = (found: Found): void => {
    result.found.push(found)
    tell.found(found)
  }
  return new Promise((resolve, reject) => {
    let last = -1
    let since = performance.now()
    const watch = setInterval(() => {
      if (figures[0] !== last || last === 0) {
        // 0: it is still being loaded
        last = figures[0] as number
        since = performance.now()
      } else if (performance.now() - since > HANG_MS) {
        const input = new Uint8Array(watched, WATCHED_HEAD, Math.min(figures[1] as number, WATCHED_INPUT)).slice()
        const { executions, ms } = result.progress
        add({
          property: 'hangs',
          message: `no end within ${HANG_MS} ms`,
          input,
          smallest: input,
          alone: true,
          executions,
          ms,
        })
        void worker.terminate()
      }
    }, LOOK_MS)
    worker.on('message', ({ found, progress, done, loaded }: Message) => {
      if (found !== undefined) add(found)
      result.progress = done ?? progress ?? result.progress
      result.loaded = loaded ?? result.loaded
      if (progress !== undefined) tell.progress(progress)
    })
    worker.once('error', (error) => {
      clearInterval(watch)
      reject(error)
    })
    worker.once('exit', () => {
      clearInterval(watch)
      resolve(result)
    })
  })
}
