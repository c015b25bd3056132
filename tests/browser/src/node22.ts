// npm run test:node22: the tests of xr on Node 22. Arguments go to jest.
import { NODE, ROOT } from '../../../scripts/boot/paths.js'
import { run } from '../../../scripts/boot/run.js'

const NODE_22 = `${ROOT}tests/browser/node_modules/node22/bin/node`
const FLAGS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']

if (
  (await run(NODE_22, [
    '-e',
    'console.log(`Node ${process.version}`); process.exitCode = process.version.startsWith("v22.") ? 0 : 1',
  ])) !== 0
)
  throw new Error(`${NODE_22} is no Node 22`)
// Among those that are started by name there must be no other Node.
process.env['PATH'] = (process.env['PATH'] ?? '').replaceAll(
  NODE.replace(/\/[^/]*$/, ''),
  NODE_22.replace(/\/[^/]*$/, ''),
)
process.exitCode = await run(
  NODE_22,
  [
    ...FLAGS,
    `${ROOT}node_modules/jest/bin/jest.js`,
    '--config',
    `${ROOT}jest.config.js`,
    ...process.argv.slice(2),
    '--selectProjects',
    'packages/xr',
  ],
  { cwd: ROOT },
)
