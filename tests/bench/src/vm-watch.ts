import { type Dict, from } from '@sr/xr'
import type { LocalMachine, Watch } from '@sr/vm'
import type { Row } from './report.ts'

const WATCHERS = 1000
const PER_SECOND = 200
const SECONDS = 5
const MAX_DELIVERY_MS = 50
const SHARING = 10_000
const key = new TextEncoder().encode('watched')

/** 1,000 watchers of one record that is updated 200 times a second; and whether 10,000 share what they receive. */
export async function watchRows(machine: LocalMachine, writer: string): Promise<Row[]> {
  const say = async (n: number): Promise<void> => {
    await machine.updateUnsigned({ key, writer, body: from({ n }) as Dict, ttl: 3600 })
  }
  await say(0)
  const sent = new Map<number, number>()
  const delays: number[] = []
  const watches = await Promise.all(Array.from({ length: WATCHERS }, async () => await machine.watch(key)))
  const readers = watches.map(async (watch) => {
    for await (const part of watch) {
      if (part.kind === 'changes') {
        const n = Number(part.documents[0]?.events[0]?.value)
        delays.push(performance.now() - (sent.get(n) as number))
        if (n === PER_SECOND * SECONDS) return
      }
    }
  })
  const start = performance.now()
  const busy = process.cpuUsage()
  for (let n = 1; n <= PER_SECOND * SECONDS; n++) {
    const at = start + (n * 1000) / PER_SECOND
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())))
    sent.set(n, performance.now())
    await say(n)
  }
  await Promise.all(readers)
  const cpu = process.cpuUsage(busy)
  const p99 = percentile(delays, 0.99)
  const load = (cpu.user + cpu.system) / 1000 / (performance.now() - start)
  const shared = await distinctParts(machine, say)
  await machine.close()
  return [
    {
      work: `${WATCHERS} watchers, ${PER_SECOND} updates/s on one key: p99 of delivery`,
      figure: `${p99.toFixed(1)} ms, ${delays.length} deliveries, ${(load * 100).toFixed(0)} % of a core`,
      against: '',
      ratio: undefined,
      target: `≤ ${MAX_DELIVERY_MS} ms`,
      met: p99 <= MAX_DELIVERY_MS && delays.length === WATCHERS * PER_SECOND * SECONDS,
    },
    {
      work: `${SHARING} watchers on one key: objects to encode for one change`,
      figure: `${shared}`,
      against: '',
      ratio: undefined,
      target: '1',
      met: shared === 1,
    },
  ]
}

/** How many different parts the watchers of one record receive for one change. */
async function distinctParts(machine: LocalMachine, say: (n: number) => Promise<void>): Promise<number> {
  const again: Watch[] = []
  for (let n = 0; n < SHARING; n++) again.push(await machine.watch(key))
  for (const watch of again) while ((await watch.next()).value?.kind !== 'marker');
  await say(-1)
  const parts = new Set<unknown>()
  for (const watch of again) {
    const { value } = await watch.next()
    parts.add(value)
    await watch.return()
  }
  return parts.size
}

function percentile(values: readonly number[], part: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN
}
