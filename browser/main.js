// Installs and builds when needed, then runs one of the programs here on the pinned Node: `node browser/main.js size`.
import { NODE, ROOT } from '../tooling/boot/paths.js'
import { environment, prepare } from '../tooling/boot/prepare.js'
import { run } from '../tooling/boot/run.js'

const [program = '', ...args] = process.argv.slice(2)
prepare()
process.exitCode = await run(NODE, [`${ROOT}browser/src/${program}.ts`, ...args], { cwd: ROOT, env: environment() })
