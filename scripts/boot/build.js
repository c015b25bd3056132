// npm run build: installs when needed, brings the exports maps up to date, then builds what has changed.
import { build, install } from './prepare.js'
import { NODE, ROOT } from './paths.js'
import { run } from './run.js'

install()
process.exitCode = await run(NODE, [`${ROOT}scripts/bin/manifests.ts`])
if (process.exitCode === 0) build()
