import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { NODE, ROOT } from '../boot/paths.js'

const JEST_RUN_MS = 60_000

// A run of jest on one file with our environment and closing line.
describe('a test run', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sr-run-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  function runs(code: string): { status: number | null; last: string | undefined } {
    writeFileSync(join(folder, 'one.test.mjs'), code)
    const config = {
      rootDir: folder,
      testMatch: ['**/*.test.mjs'],
      moduleFileExtensions: ['mjs', 'js'],
      transform: {},
      testEnvironment: `${ROOT}scripts/jest/environment.js`,
      reporters: [`${ROOT}scripts/jest/summary-reporter.js`],
    }
    const { status, stdout } = spawnSync(
      NODE,
      [
        '--experimental-vm-modules',
        `${ROOT}node_modules/jest/bin/jest.js`,
        '--forceExit',
        '--config',
        JSON.stringify(config),
      ],
      { cwd: folder, encoding: 'utf8' },
    )
    return { status, last: stdout.trimEnd().split('\n').at(-1) }
  }

  it(
    'closes with its counts',
    () => {
      expect(runs(`it('a', () => {})\nit('b', () => {})`)).toEqual({ status: 0, last: '2 passed, 0 failed, 0 skipped' })
      expect(runs(`it('a', () => {})\nit('b', () => { throw new Error('x') })`)).toEqual({
        status: 1,
        last: '1 passed, 1 failed, 0 skipped',
      })
    },
    JEST_RUN_MS,
  )

  it.each([
    ['todo', `it.todo('b')`],
    ['skipped', `it.skip('b', () => {})`],
  ])(
    'counts a %s test as skipped',
    (_, code) => {
      expect(runs(`it('a', () => {})\n${code}`)).toEqual({ status: 0, last: '1 passed, 0 failed, 1 skipped' })
    },
    JEST_RUN_MS,
  )

  it.each([
    ['timer', `setTimeout(() => {}, 60_000)`, 1],
    ['server', `createServer().listen(0)`, 1],
    ['child process', `spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'], { stdio: 'ignore' })`, 1],
    ['timer of a second, as libp2p leaves one,', `setTimeout(() => {}, 1000)`, 0],
    ['timer that lets the process end', `setTimeout(() => {}, 60_000).unref()`, 0],
  ])(
    'that leaves a %s open: `%s`, ends with %p',
    (_, code, status) => {
      const imports = `import { createServer } from 'node:net'\nimport { spawn } from 'node:child_process'`
      expect(runs(`${imports}\nit('a', () => { ${code} })`).status).toBe(status)
    },
    JEST_RUN_MS,
  )

  it(
    'counts a file that does not load as failed',
    () => {
      expect(runs(`import './absent.mjs'`)).toEqual({ status: 1, last: '0 passed, 1 failed, 0 skipped' })
    },
    JEST_RUN_MS,
  )

  it.each([
    ['while the file loads', `Promise.reject(new Error('x'))\nit('a', () => {})`],
    ['in the last turn of the last test', `it('a', () => { Promise.reject(new Error('x')) })`],
    ['after the last test', `it('a', () => { setTimeout(() => { Promise.reject(new Error('x')) }, 0) })`],
    [
      'during a test',
      `it('a', async () => { Promise.reject(new Error('x')); await new Promise((go) => { setTimeout(go, 10) }) })`,
    ],
  ])(
    'fails when a promise is rejected unheard %s',
    (_, code) => {
      expect(runs(code).status).toBe(1)
    },
    JEST_RUN_MS,
  )
})
