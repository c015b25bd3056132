import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { NODE, ROOT } from './paths.js'

const STAMP = `${ROOT}node_modules/.installed`

/** Installs and builds what has changed. Silent unless it takes long or fails. */
export function prepare() {
  install()
  build()
}

/** Installs when the lockfile has changed since the last time. */
export function install() {
  const lock = createHash('sha256')
    .update(readFileSync(`${ROOT}pnpm-lock.yaml`))
    .digest('hex')
  if (existsSync(NODE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return
  console.error('Installing the packages of this repository, about 20 s the first time …')
  must('npx', ['--yes', pinned(), 'install', '--frozen-lockfile'])
  writeFileSync(STAMP, lock)
}

/** Builds the packages that have changed. */
export function build() {
  must(NODE, [`${ROOT}node_modules/turbo/bin/turbo`, 'run', 'build', '--output-logs=errors-only'])
}

/** The environment of a command of this repository: its own commands come first; no prompts, no telemetry. */
export function environment() {
  return {
    ...process.env,
    PATH: `${ROOT}node_modules/.bin${delimiter}${process.env['PATH'] ?? ''}`,
    CI: process.env['CI'] ?? 'true',
    DO_NOT_TRACK: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  }
}

function pinned() {
  return JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')).packageManager
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function must(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
  console.error(error?.message ?? `${command} ${args.join(' ')} ended with ${status}`)
  process.exit(status || 1)
}
