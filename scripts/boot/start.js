// npm start and npm run record: installs and builds when needed, then runs that script of the example node.
import { readFileSync } from 'node:fs'
import { environment, prepare } from './prepare.js'
import { NODE, ROOT } from './paths.js'
import { serve } from './run.js'

const PLACE = `${ROOT}examples/node/`

const [name = 'start', ...args] = process.argv.slice(2)
const [command, ...words] = JSON.parse(readFileSync(`${PLACE}package.json`, 'utf8')).scripts[name].split(' ')
// Run here and not by a package manager, which would stand between Ctrl-C and the node.
if (command !== 'node') throw new Error(`examples/node: the script ${name} should start with "node"`)

prepare()
process.exitCode = await serve(NODE, ['--import', `${ROOT}scripts/boot/exit-with-parent.js`, ...words, ...args], {
  cwd: PLACE,
  env: environment(),
})
