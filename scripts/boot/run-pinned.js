// Installs and builds when needed, then runs a program of this repository on the pinned Node:
// `node scripts/boot/run-pinned.js [--expose-gc] tests/bench/src/run.ts [arguments]`.
import { environment, prepare } from './prepare.js'
import { NODE, ROOT } from './paths.js'
import { run } from './run.js'

prepare()
process.exitCode = await run(NODE, process.argv.slice(2), { cwd: ROOT, env: environment() })
