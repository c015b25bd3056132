// npm run simulate:effects -- --schedules N --seed S: that many schedules, from that seed on. Ends with 1 at the first that fails.
// --vm PATH, --grammar PATH: copies of the packages to be tested in place of ours.
import { parseArgs } from 'node:util'
import * as ir from '@sr/ir'
import { Mismatch } from '../check.ts'
import { type EffectCounters, EffectSchedule, type Packages } from './schedule.ts'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    vm: { type: 'string', default: '@sr/vm' },
    grammar: { type: 'string', default: '@sr/grammar-base' },
  },
})
const count = Number(values.schedules)
const first = Number(values.seed)
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(first)) throw new Error('--schedules and --seed are integers')

const packages: Packages = {
  ir,
  vm: (await import(values.vm)) as Packages['vm'],
  grammarBase: (await import(values.grammar)) as Packages['grammarBase'],
}
const total = new Map<string, number>()
const started = performance.now()
console.log(`${count} schedules from seed ${first}`)
for (let n = 0; n < count; n++) {
  try {
    const counters: EffectCounters = await new EffectSchedule(packages, first + n).run()
    for (const [name, value] of Object.entries(counters)) total.set(name, (total.get(name) ?? 0) + (value as number))
  } catch (err) {
    const check = err instanceof Mismatch ? err.check : 'error'
    console.log(
      `FAILED after ${n} schedules, check: ${check}\n${err instanceof Mismatch ? err.message : (err as Error).stack}`,
    )
    console.log(`again: npm run simulate:effects -- --schedules 1 --seed ${first + n}`)
    process.exit(1)
  }
}
const seconds = (performance.now() - started) / 1000
console.log(Array.from(total, ([name, value]) => `${name} ${value}`).join(', '))
console.log(`${count} schedules, 0 violations, ${seconds.toFixed(1)} s`)
