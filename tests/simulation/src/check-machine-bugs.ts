// Part of `npm run mutants`: plants each bug of `machine-bugs/` in a copy of @sr/vm and runs the tests there that it concerns.
// Exits with 1 when a bug is not caught.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { plantBug, type PlantedBug, readBugs } from '@sr/tests-kit/planted-bugs'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const PACKAGE = `${ROOT}packages/vm/`
const PLACE = `${ROOT}.cache/machine-bugs/`
const BUGS = readBugs(fileURLToPath(new URL('../machine-bugs', import.meta.url)))
/** The tests that bugs in a file concern, by the beginning of its name. */
const TESTS: ReadonlyArray<readonly [file: string, tests: readonly string[]]> = [
  ['src/watch/', ['watch']],
  ['src/store/', ['kv-store', 'kv-format']],
  ['src/records/record-cache', ['reads']],
  ['src/records/', ['waits', 'faults']],
  ['src/admission/', ['reads', 'quota']],
]

/** The tests that fail with a bug planted. */
function caughtBy(bug: PlantedBug | undefined): string[] {
  const tests =
    TESTS.find(([file]) => bug?.file.slice('packages/vm/'.length).startsWith(file))?.[1] ??
    TESTS.flatMap(([, all]) => all)
  rmSync(PLACE, { recursive: true, force: true })
  mkdirSync(PLACE, { recursive: true })
  for (const part of ['src', 'test', 'package.json']) cpSync(PACKAGE + part, PLACE + part, { recursive: true })
  symlinkSync(`${PACKAGE}node_modules`, `${PLACE}node_modules`)
  if (bug !== undefined) {
    const file = PLACE + bug.file.slice('packages/vm/'.length)
    writeFileSync(file, plantBug(bug, readFileSync(file, 'utf8')))
  }
  const parser = { syntax: 'typescript' }
  const options = {
    jsc: { target: 'es2024', parser, transform: { verbatimModuleSyntax: true } },
    module: { type: 'es6' },
  }
  const config = {
    rootDir: PLACE,
    testMatch: tests.map((name) => `<rootDir>/test/${name}.test.ts`),
    testPathIgnorePatterns: ['/node_modules/'],
    extensionsToTreatAsEsm: ['.ts'],
    transform: { '\\.ts$': [`${ROOT}node_modules/@swc/jest`, options] },
    transformIgnorePatterns: ['/node_modules/', '/dist/'],
    cacheDirectory: `${ROOT}.cache/jest`,
    haste: { forceNodeFilesystemAPI: true },
  }
  const jest = `${ROOT}node_modules/jest/bin/jest.js`
  const args = ['--experimental-vm-modules', jest, '--config', JSON.stringify(config), '--json', '--silent']
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: PLACE, encoding: 'utf8', timeout: 300_000 })
  if (stdout === '') throw new Error(`the test does not run: ${stderr.slice(-500)}`)
  const { testResults } = JSON.parse(stdout) as Report
  if (testResults.every(({ assertionResults }) => assertionResults.length === 0)) throw new Error(stdout.slice(0, 500))
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  )
}

interface Report {
  testResults: Array<{ assertionResults: Array<{ status: string; fullName: string }> }>
}

const sound = caughtBy(undefined)
if (sound.length > 0) {
  console.log(`without any bug planted these fail: ${sound.join('; ')}`)
  process.exit(1)
}
const results = BUGS.map((bug) => ({ bug, caught: caughtBy(bug) }))
for (const { bug, caught } of results) {
  console.log(`${bug.name} (${bug.file})\n    ${caught.length > 0 ? caught.join('\n    ') : 'NOT CAUGHT'}`)
}
rmSync(PLACE, { recursive: true, force: true })
const missed = results.filter(({ caught }) => caught.length === 0).length
console.log(`${results.length} bugs planted in the machine, ${results.length - missed} caught`)
process.exitCode = missed === 0 ? 0 : 1
