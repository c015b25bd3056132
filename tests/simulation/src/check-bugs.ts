// npm run mutants [-- --only NAME] [--all]: plants each bug of `bugs/` in a copy of @sr/ir and runs the checks against it:
// the simulator, and where that passes (or with --all) the laws; the test named in the patch runs first. Exits with 1 when a bug is not caught.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { plantBug, type PlantedBug, readBugs } from '@sr/tests-kit/planted-bugs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const PACKAGE = `${ROOT}packages/ir/`
const BUGS = readBugs(fileURLToPath(new URL('../bugs', import.meta.url)))
const PLACE = `${ROOT}.cache/bugs/`

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    all: { type: 'boolean', default: false },
    schedules: { type: 'string', default: '400' },
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
})

/** A copy of the package, with the bug in it. */
function plant(bug: PlantedBug | undefined): string {
  rmSync(PLACE, { recursive: true, force: true })
  mkdirSync(PLACE, { recursive: true })
  for (const folder of ['src', 'test']) cpSync(`${PACKAGE}${folder}`, `${PLACE}${folder}`, { recursive: true })
  cpSync(`${PACKAGE}package.json`, `${PLACE}package.json`)
  symlinkSync(`${PACKAGE}node_modules`, `${PLACE}node_modules`)
  if (bug !== undefined) {
    const file = PLACE + bug.file.slice('packages/ir/'.length)
    writeFileSync(file, plantBug(bug, readFileSync(file, 'utf8')))
  }
  return PLACE
}

/** The check of the simulator that fails, or undefined. */
function simulated(place: string): string | undefined {
  const args = [
    `${ROOT}tests/simulation/src/run.ts`,
    '--ir',
    `${place}src/index.ts`,
    '--schedules',
    values.schedules,
    '--seed',
    values.seed,
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 300_000 })
  if (status === 0) return undefined
  const failure = /FAILED after (\d+) schedules, check: (\w+)/.exec(stdout)
  if (failure === null) throw new Error(`the simulator does not run: ${stderr}`)
  return `simulator: ${failure[2]} (${failure[1]} schedules)`
}

interface Report {
  testResults: Array<{ name: string; message: string; assertionResults: Array<{ status: string; fullName: string }> }>
}

/** The laws and tests that fail: all, or those of one file. */
function tested(place: string, test = '*'): string[] {
  if (test !== '*' && !existsSync(`${place}test/${test}.test.ts`)) throw new Error(`there is no test ${test}`)
  const config = {
    rootDir: place,
    testMatch: [`<rootDir>/test/**/${test}.test.ts`],
    testPathIgnorePatterns: ['/node_modules/'],
    extensionsToTreatAsEsm: ['.ts'],
    transform: {
      '\\.ts$': [
        `${ROOT}node_modules/@swc/jest`,
        {
          jsc: { target: 'es2024', parser: { syntax: 'typescript' }, transform: { verbatimModuleSyntax: true } },
          module: { type: 'es6' },
        },
      ],
    },
    transformIgnorePatterns: ['/node_modules/', '/dist/'],
    cacheDirectory: `${ROOT}.cache/jest`,
    haste: { forceNodeFilesystemAPI: true },
  }
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    `${ROOT}node_modules/jest/bin/jest.js`,
    '--config',
    JSON.stringify(config),
    '--json',
    '--maxWorkers=2',
    ...(values.all ? [] : ['--bail']),
  ]
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: place,
    encoding: 'utf8',
    env: { ...process.env, SR_RUNS: values.runs, SR_SEED: values.seed, SR_QUICK: '1' },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 600_000,
  })
  if (stdout === '') {
    // after --bail jest has no report, only what it printed
    const seen = [...stderr.matchAll(/^ +● (.+ › .+)$/gm)].map(([, name]) => (name as string).replaceAll(' › ', ' '))
    return seen.length > 0 ? [...new Set(seen)] : [`the tests do not finish: ${stderr.slice(-200)}`]
  }
  const { testResults } = JSON.parse(stdout) as Report
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName)
    return assertionResults.length === 0 && message !== '' ? [`${name.slice(place.length)} does not run`] : failed
  })
}

function caughtBy(bug: PlantedBug | undefined): string[] {
  const place = plant(bug)
  const first = bug?.fields['test'] === undefined || values.all ? [] : tested(place, bug.fields['test'])
  if (first.length > 0) return first
  const caught = simulated(place)
  return [...(caught === undefined ? [] : [caught]), ...(caught === undefined || values.all ? tested(place) : [])]
}

const chosen = BUGS.filter(({ name }) => name.includes(values.only))
const sound = caughtBy(undefined)
if (sound.length > 0) {
  console.log(`without any bug planted these fail: ${sound.join('; ')}`)
  process.exit(1)
}
let free = 0
for (const bug of chosen) {
  const caught = caughtBy(bug)
  if (caught.length === 0) free++
  const [first = 'NOT CAUGHT', ...more] = caught
  console.log(
    `${bug.name} (${bug.file})\n    ${first}${more.length === 0 ? '' : `, and ${more.length} more${values.all ? `: ${more.join('; ')}` : ''}`}`,
  )
}
rmSync(PLACE, { recursive: true, force: true })
console.log(`${chosen.length} bugs planted, ${chosen.length - free} caught`)
process.exitCode = free === 0 ? 0 : 1
