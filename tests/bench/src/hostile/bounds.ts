import type { LoopReport } from './loop-meter.ts'

/** How the honest client fared, ms. */
export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly answers: number
  readonly failures: number
}

/** One flood. */
export interface Row {
  readonly name: string
  readonly honest: Latency
  readonly loop: LoopReport
  readonly control: LoopReport | undefined
}

/** Target of the longest step of the server's main thread, ms of processor. */
const STEP_MS = 20
/** By what factor the step may exceed its target before the run fails: a collection of garbage may fall into it. */
const SLACK = 3
/** Most memory, MiB: one and a half times what a server may hold for its peers, and 100. */
const RSS_MIB = 1.5 * 256 + 100

/** What the output says of the figures. */
export const BOUNDS = `Checked, the run fails otherwise: every GET of the honest client is answered, one at least; rss up to ${RSS_MIB} MiB; step max up to ${SLACK * STEP_MS} ms.
Printed, not judged: the times of GET and loop, which depend on what else the machine does; a step above its target of ${STEP_MS} ms is noted.`

/** The bounds that a row misses. */
export function missedBounds({ honest, loop }: Pick<Row, 'honest' | 'loop'>): string[] {
  return [
    ...(honest.failures > 0 ? [`${honest.failures} GETs failed`] : []),
    ...(honest.answers === 0 ? ['no GET was answered'] : []),
    ...(loop.rssMax > RSS_MIB ? [`rss above ${RSS_MIB} MiB`] : []),
    ...(loop.stepMax > SLACK * STEP_MS ? [`step above ${SLACK * STEP_MS} ms`] : []),
  ]
}

/** The targets that a row misses without failing. */
export function missedTargets(loop: LoopReport): string[] {
  return loop.stepMax > STEP_MS && loop.stepMax <= SLACK * STEP_MS ? ['step'] : []
}
