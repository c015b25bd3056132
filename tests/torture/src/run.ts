// npm run torture -- crash|power|disk|bitrot|clock|soak|all [--quick] [--seed N] [--count N] [--plant BUG]: ends with 1 when anything is violated.
import { parseArgs } from 'node:util'
import { bitrot } from './bitrot/bitrot.ts'
import { eachAtOnce } from './child.ts'
import { clock } from './clock/clock.ts'
import { crash } from './crash/crash.ts'
import { disk } from './disk/disk.ts'
import { plant } from './plant.ts'
import { power } from './power/power.ts'
import { Report, type Task } from './report.ts'
import { soak } from './soak/soak.ts'

const SUITES: Readonly<Record<string, (task: Task) => Promise<void>>> = { soak, crash, power, disk, bitrot, clock }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    count: { type: 'string' },
    plant: { type: 'string' },
  },
})
const seed = Number(values.seed)
const count = values.count === undefined ? undefined : Number(values.count)
const names = positionals.includes('all') ? Object.keys(SUITES) : positionals
const unknown = names.filter((name) => SUITES[name] === undefined)
if (names.length === 0 || unknown.length > 0 || !Number.isSafeInteger(seed) || (count !== undefined && !(count > 0))) {
  console.error(
    `usage: npm run torture -- ${Object.keys(SUITES).join('|')}|all [--quick] [--seed N] [--count N] [--plant BUG]`,
  )
  process.exit(2)
}
plant(values.plant)

const report = new Report()
// the short forms mostly wait: for processes to start, for updates to expire
await eachAtOnce(names, values.quick ? 3 : 1, async (name) => {
  const started = performance.now()
  await SUITES[name]?.({ seed, count, quick: values.quick, report })
  console.log(`     ${name} took ${((performance.now() - started) / 1000).toFixed(1)} s`)
})
console.log(`${report.violations} violations`)
process.exitCode = report.violations === 0 ? 0 : 1
