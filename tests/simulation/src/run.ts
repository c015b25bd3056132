// npm run simulate -- --schedules N --seed S: that many schedules, from that seed on. Ends with 1 at the first that fails.
// --ir PATH: a copy of the package to be tested in place of ours.
import { parseArgs } from 'node:util'
import { Mismatch } from './check.ts'
import type { Ir } from './replica.ts'
import { Schedule, type Counters } from './schedule.ts'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    ir: { type: 'string', default: '@sr/ir' },
  },
})
const count = Number(values.schedules)
const first = Number(values.seed)
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(first)) throw new Error('--schedules and --seed are integers')

const ir = (await import(values.ir)) as Ir
const total: Counters = { updates: 0, deliveries: 0, restarts: 0, prunes: 0, partitions: 0, comparisons: 0 }
const started = performance.now()
console.log(`${count} schedules from seed ${first}`)
for (let n = 0; n < count; n++) {
  try {
    const counters = new Schedule(ir, first + n).run()
    for (const name of Object.keys(total) as Array<keyof Counters>) total[name] += counters[name]
  } catch (err) {
    const check = err instanceof Mismatch ? err.check : 'error'
    console.log(
      `FAILED after ${n} schedules, check: ${check}\n${err instanceof Mismatch ? err.message : (err as Error).stack}`,
    )
    console.log(`again: npm run simulate -- --schedules 1 --seed ${first + n}`)
    process.exit(1)
  }
}
const seconds = (performance.now() - started) / 1000
console.log(
  Object.entries(total)
    .map(([name, value]) => `${name} ${value}`)
    .join(', '),
)
console.log(`${count} schedules, 0 divergent, ${seconds.toFixed(1)} s`)
