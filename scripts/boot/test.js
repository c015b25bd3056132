// npm test: installs and builds when needed, then runs the tests. Arguments go to jest.
import { prepare } from './prepare.js'
import { NODE, ROOT } from './paths.js'
import { run } from './run.js'

prepare()
process.exitCode = await run(NODE, [`${ROOT}scripts/bin/jest.js`, ...process.argv.slice(2)], { cwd: ROOT })
