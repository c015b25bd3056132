/**
 * Benches: `npm run bench -- xr [--json]`. A suite is a module here that exports
 * `suite(): Row[] | Promise<Row[]>`. All peers run in the same process, in turns. `engines` prints a table of its own; each
 * engine runs in a process of its own, in turns.
 */
import { printTable, report, type Row } from './report.ts'

const [name = ''] = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const suites: Record<string, () => Promise<{ suite: () => Row[] | Promise<Row[]> }>> = {
  xr: () => import('./xr.ts'),
  ir: () => import('./ir.ts'),
  vm: () => import('./vm.ts'),
  wire: () => import('./wire/wire.ts'),
  charges: () => import('./charges.ts'),
  store: () => import('./store.ts'),
  fairness: () => import('./fairness.ts'),
}
const load = suites[name]
if (name === 'engines') {
  const { engines } = await import('./engines.ts')
  printTable(await engines())
} else if (load === undefined) {
  console.error(`which bench? ${[...Object.keys(suites), 'engines'].join(', ')}`)
  process.exit(2)
} else {
  const { suite } = await load()
  report(await suite(), process.argv.includes('--json'))
}
