// npm run fuzz: installs and builds when needed, then fuzzes on the pinned Node.
import { NODE, ROOT } from '../tooling/boot/paths.js'
import { prepare } from '../tooling/boot/prepare.js'
import { run } from '../tooling/boot/run.js'

prepare()
process.exitCode = await run(NODE, [`${ROOT}fuzz/src/main.ts`, ...process.argv.slice(2)], { cwd: ROOT })
