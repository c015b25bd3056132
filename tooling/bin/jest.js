// Runs jest on the pinned Node: all projects from the root, only its own from inside a package.
// Arguments go to jest: `node tooling/bin/jest.js merge -t "late removal"`.
import { relative } from 'node:path'
import { ROOT, NODE } from '../src/paths.js'
import { run } from '../src/run.js'

const place = relative(ROOT, process.cwd())
const select = place === '' || place.startsWith('..') ? [] : ['--selectProjects', place]
const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', `${ROOT}node_modules/jest/bin/jest.js`, '--config', `${ROOT}jest.config.js`, ...process.argv.slice(2), ...select]

process.exitCode = await run(NODE, args)
