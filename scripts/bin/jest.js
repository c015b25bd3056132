// Runs jest on the pinned Node: all projects from the root, only its own from inside a package.
// Arguments go to jest: `node scripts/bin/jest.js merge -t "late removal"`.
import { relative } from 'node:path'
import { NODE, ROOT } from '../boot/paths.js'
import { run } from '../boot/run.js'
import { writeExamples } from '../jest/examples.js'

const place = relative(ROOT, process.cwd())
const own = place === '' || place.startsWith('..') ? [] : ['--selectProjects', place]
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']

writeExamples()
process.exitCode = await run(NODE, [
  ...flags,
  `${ROOT}node_modules/jest/bin/jest.js`,
  '--config',
  `${ROOT}jest.config.js`,
  ...process.argv.slice(2),
  ...own,
])
