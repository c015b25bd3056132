/** One thing to time: `run` does `units` of work a call. */
export interface Contender {
  readonly name: string
  readonly run: () => unknown
}

/** Median time of one call, for each contender of a contest, and the ratios to the first peer. */
export interface Result {
  readonly name: string
  readonly medianNs: number
}

const ROUNDS = 9
const ROUND_MS = 60

/** Keeps results from being optimised away. */
export let sink: unknown

/**
 * Times contenders in turns, round by round, so that a noisy moment hits all of them; each gets
 * warm first. Returns per contender the times of one call, in ns, one per round.
 */
export function contest(contenders: readonly Contender[], rounds: number = ROUNDS): number[][] {
  const batches = contenders.map((one) => calibrate(one))
  const times: number[][] = contenders.map(() => [])
  for (let round = 0; round < rounds; round++) {
    contenders.forEach((one, i) => {
      const batch = batches[i] as number
      const start = process.hrtime.bigint()
      for (let n = 0; n < batch; n++) {
        sink = one.run()
      }
      ;(times[i] as number[]).push(Number(process.hrtime.bigint() - start) / batch)
    })
  }
  return times
}

function calibrate(one: Contender): number {
  const end = performance.now() + ROUND_MS * 2
  let calls = 0
  while (performance.now() < end || calls < 2) {
    sink = one.run()
    calls++
  }
  return Math.max(1, Math.round(calls / 2))
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] as number
}
