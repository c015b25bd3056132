// Part of `npm run mutants`: plants each bug of `effect-bugs/` in copies of @sr/vm and @sr/grammar-base and runs the simulator of
// effects against them. Exits with 1 when a bug is not caught.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { plantBug, type PlantedBug, readBugs } from '@sr/tests-kit/planted-bugs'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const BUGS = readBugs(fileURLToPath(new URL('../../effect-bugs', import.meta.url)))
const PLACE = `${ROOT}.cache/effect-bugs/`
const PACKAGES = ['vm', 'grammar-base']
const SCHEDULES = '600'

/** Copies of the packages, with the bug in them. */
function plant(bug: PlantedBug | undefined): void {
  rmSync(PLACE, { recursive: true, force: true })
  for (const name of PACKAGES) {
    const place = `${PLACE}packages/${name}/`
    mkdirSync(place, { recursive: true })
    for (const part of ['src', 'package.json'])
      cpSync(`${ROOT}packages/${name}/${part}`, place + part, { recursive: true })
    symlinkSync(`${ROOT}packages/${name}/node_modules`, `${place}node_modules`)
  }
  if (bug !== undefined) writeFileSync(PLACE + bug.file, plantBug(bug, readFileSync(PLACE + bug.file, 'utf8')))
}

/** The check that fails, or undefined. */
function caughtBy(bug: PlantedBug | undefined): string | undefined {
  plant(bug)
  const [vm, grammar] = PACKAGES.map((name) => `${PLACE}packages/${name}/src/index.ts`) as [string, string]
  const args = ['--vm', vm, '--grammar', grammar, '--schedules', SCHEDULES, '--seed', '1']
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`${ROOT}tests/simulation/src/effects/run.ts`, ...args],
    {
      encoding: 'utf8',
      timeout: 300_000,
    },
  )
  if (status === 0) return undefined
  const failure = /FAILED after (\d+) schedules, check: (\w+)/.exec(stdout)
  if (failure === null) throw new Error(`the simulator does not run: ${stderr}`)
  return `simulator: ${failure[2]} (${failure[1]} schedules)`
}

const sound = caughtBy(undefined)
if (sound !== undefined) {
  console.log(`without any bug planted this fails: ${sound}`)
  process.exit(1)
}
const results = BUGS.map((bug) => ({ bug, caught: caughtBy(bug) }))
for (const { bug, caught = 'NOT CAUGHT' } of results) console.log(`${bug.name} (${bug.file})\n    ${caught}`)
rmSync(PLACE, { recursive: true, force: true })
const missed = results.filter(({ caught }) => caught === undefined).length
console.log(`${results.length} bugs planted in effects, ${results.length - missed} caught`)
process.exitCode = missed === 0 ? 0 : 1
