/** How the event loop of a process fared for a while. Times in milliseconds, memory in MiB. */
export interface LoopReport {
  readonly delayP99: number
  readonly delayMax: number
  /** most CPU time of the main thread between two ticks: the longest step, whatever other processes do */
  readonly stepMax: number
  readonly rssMax: number
  readonly bufferedMax: number
}

/** Default time between two ticks, ms; what a tick is late by is the delay of the event loop. */
const TICK_MS = 5
const MIB = 1024 * 1024

/** Measures the event loop of the process it is created in. */
export class LoopMeter {
  readonly #buffered: () => number
  readonly #tickMs: number
  #delays: number[] = []
  #stepMax = 0
  #rssMax = 0
  #bufferedMax = 0
  #timer: NodeJS.Timeout | undefined

  constructor(buffered: () => number, tickMs: number = TICK_MS) {
    this.#buffered = buffered
    this.#tickMs = tickMs
  }

  begin(): void {
    this.#delays = []
    this.#stepMax = 0
    this.#rssMax = 0
    this.#bufferedMax = 0
    let last = performance.now()
    let cpu = process.threadCpuUsage()
    const tick = (): void => {
      const now = performance.now()
      const used = process.threadCpuUsage(cpu)
      this.#delays.push(Math.max(0, now - last - this.#tickMs))
      this.#stepMax = Math.max(this.#stepMax, (used.user + used.system) / 1000)
      this.#rssMax = Math.max(this.#rssMax, process.memoryUsage.rss())
      this.#bufferedMax = Math.max(this.#bufferedMax, this.#buffered())
      last = performance.now()
      cpu = process.threadCpuUsage()
      this.#timer = setTimeout(tick, this.#tickMs)
    }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(tick, this.#tickMs)
  }

  end(): LoopReport {
    clearTimeout(this.#timer)
    return {
      delayP99: quantile(this.#delays, 0.99),
      delayMax: quantile(this.#delays, 1),
      stepMax: this.#stepMax,
      rssMax: this.#rssMax / MIB,
      bufferedMax: this.#bufferedMax / MIB,
    }
  }
}

/** The value at a quantile from 0 to 1; 0 of no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}
