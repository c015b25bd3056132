// Part of `npm run mutants`: plants each bug of `watch-bugs/` in copies of the sessions of server and client, and runs schedules with
// them. Exits with 1 when a bug is not caught.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { plantBug, type PlantedBug, readBugs } from '@sr/tests-kit/planted-bugs'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const PLACE = `${ROOT}.cache/watch-bugs/`
const BUGS = readBugs(fileURLToPath(new URL('../../watch-bugs', import.meta.url)))
const SCHEDULES = 3000
const PACKAGES = { server: 'packages/protocol-server/', client: 'packages/protocol-client/' }

/** The law that schedules find broken with a bug planted; undefined when all hold. */
function brokenBy(bug: PlantedBug | undefined): string | undefined {
  rmSync(PLACE, { recursive: true, force: true })
  for (const path of Object.values(PACKAGES)) {
    mkdirSync(PLACE + path, { recursive: true })
    for (const part of ['src', 'package.json']) cpSync(ROOT + path + part, PLACE + path + part, { recursive: true })
    symlinkSync(`${ROOT}${path}node_modules`, `${PLACE}${path}node_modules`)
  }
  if (bug !== undefined) writeFileSync(PLACE + bug.file, plantBug(bug, readFileSync(PLACE + bug.file, 'utf8')))
  const run = fileURLToPath(new URL('run.ts', import.meta.url))
  const sessions = Object.entries(PACKAGES).flatMap(([side, path]) => [
    `--${side}`,
    `${PLACE}${path}src/session/index.ts`,
  ])
  const args = [run, '--schedules', String(SCHEDULES), '--seed', '1', '--settle', '20000', ...sessions]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 300_000,
  })
  if (status === 0) return undefined
  return /^FAILED, check: (.*)$/m.exec(stdout)?.[1] ?? `${stdout}${stderr}`.slice(-300)
}

const sound = brokenBy(undefined)
if (sound !== undefined) {
  console.log(`without any bug planted this is broken: ${sound}`)
  process.exit(1)
}
const results = BUGS.map((bug) => ({ bug, broken: brokenBy(bug) }))
for (const { bug, broken } of results) console.log(`${bug.name} (${bug.file})\n    ${broken ?? 'NOT CAUGHT'}`)
rmSync(PLACE, { recursive: true, force: true })
const missed = results.filter(({ broken }) => broken === undefined).length
console.log(`${results.length} bugs planted in watches, ${results.length - missed} caught`)
process.exitCode = missed === 0 ? 0 : 1
