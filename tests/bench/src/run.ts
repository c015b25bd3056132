/**
 * Benches: `npm run bench -- xr [--json]`. A suite is a module here that exports
 * `suite(): Row[] | Promise<Row[]>`. All peers run in the same process, in turns.
 */
import { report, type Row } from './report.ts'

const [name = ''] = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const suites: Record<string, () => Promise<{ suite: () => Row[] | Promise<Row[]> }>> = {
  xr: () => import('./xr.ts'),
  ir: () => import('./ir.ts'),
  vm: () => import('./vm.ts'),
  net: () => import('./net.ts'),
  charges: () => import('./charges.ts'),
}
const load = suites[name]
if (load === undefined) {
  console.error(`which bench? ${Object.keys(suites).join(', ')}`)
  process.exit(2)
}
const { suite } = await load()
report(await suite(), process.argv.includes('--json'))
