/**
 * How long one step of this process is, at the limits: `npm run bench -- fairness [--only=TEXT]`. A step is the CPU time of the main
 * thread between two ticks of 1 ms, so that what other processes do does not count; a collection of garbage does. Each row runs some
 * times on a fresh machine, and shows the least of the longest steps and of the delays. The step is judged; the delay is a time of the
 * clock, which depends on what else the machine does.
 */
import { LoopMeter } from './hostile/loop-meter.ts'
import { fairnessCases } from './fairness-cases.ts'
import type { Row } from './report.ts'

const ROUNDS = 5
const TICK_MS = 1
/** Target of the longest step, ms. */
const MAX_MS = 20
/** Before and after the work, so that it is measured from its first step to its last, ms. */
const MARGIN_MS = 5

const sleep = async (ms: number): Promise<void> => {
  await new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** What the longest step of each limit is. */
export async function suite(): Promise<Row[]> {
  const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length)
  const rows: Row[] = []
  for (const { name, prepare } of fairnessCases) {
    if (only === undefined || name.includes(only)) {
      rows.push(await measure(name, prepare))
    }
  }
  return rows
}

async function measure(
  name: string,
  prepare: () => Promise<{ run: () => Promise<unknown>; end: () => Promise<void> }>,
): Promise<Row> {
  const [steps, delays, times]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < ROUNDS; round++) {
    const { run, end } = await prepare()
    globalThis.gc?.()
    const meter = new LoopMeter(() => 0, TICK_MS)
    meter.begin()
    await sleep(MARGIN_MS)
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
    await sleep(MARGIN_MS)
    const { stepMax, delayP99 } = meter.end()
    steps.push(stepMax)
    delays.push(delayP99)
    await end()
  }
  const [step, delay, time] = [Math.min(...steps), Math.min(...delays), Math.min(...times)]
  return {
    work: name,
    figure: `step ${step.toFixed(1)} ms (largest of ${ROUNDS} runs ${Math.max(...steps).toFixed(1)}), delay p99 ${delay.toFixed(1)} ms, whole ${time.toFixed(0)} ms`,
    against: '',
    ratio: undefined,
    target: `≤ ${MAX_MS} ms`,
    met: step <= MAX_MS,
  }
}
