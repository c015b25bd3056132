// npm run simulate:watch -- --schedules N --seed S: that many schedules, from that seed on. Ends with 1 at the first that fails.
// --settle MS: time for a watcher to show the latest state. --server PATH, --client PATH: copies of the session folders to be tested in place of ours.
import { parseArgs } from 'node:util'
import { Mismatch } from '../check.ts'
import { type WatchCounters, type WatchPackages, WatchSchedule } from './schedule.ts'

/** Schedules that run concurrently: some wait until a client connects again. */
const AT_ONCE = 512

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    settle: { type: 'string', default: '120000' },
    server: { type: 'string', default: '@sr/protocol-server/session' },
    client: { type: 'string', default: '@sr/protocol-client/session' },
  },
})
const count = Number(values.schedules)
const first = Number(values.seed)
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(first)) throw new Error('--schedules and --seed are integers')

const packages: WatchPackages = {
  server: (await import(values.server)) as WatchPackages['server'],
  client: (await import(values.client)) as WatchPackages['client'],
}
const total = new Map<string, number>()
const started = performance.now()
console.log(`${count} schedules, seeds ${first} to ${first + count - 1}`)
let next = 0
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (next < count) await run(first + next++)
  }),
)
const seconds = (performance.now() - started) / 1000
console.log(Array.from(total, ([name, value]) => `${name} ${value}`).join(', '))
console.log(`${count} schedules, 0 laws broken, ${seconds.toFixed(1)} s`)

async function run(seed: number): Promise<void> {
  try {
    const counters: WatchCounters = await new WatchSchedule(packages, seed, Number(values.settle)).run()
    for (const [name, value] of Object.entries(counters)) total.set(name, (total.get(name) ?? 0) + (value as number))
  } catch (err) {
    const check = err instanceof Mismatch ? err.check : 'error'
    console.log(`FAILED, check: ${check}\n${err instanceof Mismatch ? err.message : (err as Error).stack}`)
    console.log(`again: npm run simulate:watch -- --schedules 1 --seed ${seed}`)
    process.exit(1)
  }
}
