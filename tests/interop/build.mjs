// Builds the Go peers into .bin, once per state of their sources.
//
//   node tests/interop/build.mjs            builds both, prints what they are made of
//
// Exit 0: all built. 1: a build failed. 2: something needed is not there (Go,
// or a module the proxy does not serve); what could be built was built.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const sources = join(here, 'go')
const bin = join(here, '.bin')

/**
 * The programs: the folder of each, and whether its JSON must be that of the 2021 stack.
 *
 * @type {Record<string, { dir: string, about: string, pinned: boolean }>}
 */
const programs = {
  stack: { dir: sources, about: 'bare libp2p peer and codec oracle', pinned: true },
  record: { dir: join(sources, 'record'), about: 'smart-record server and client', pinned: true },
  v1: { dir: join(sources, 'v1'), about: 'server and client of /smart-record/1.0.0', pinned: false },
}

/**
 * The versions that make the JSON on the wire what WIRE says it is.
 *
 * @type {Record<string, string>}
 */
export const PINS = {
  'github.com/ipld/go-ipld-prime': 'v0.9.1-0.20210428200757-949d1675afbc',
  'github.com/polydawn/refmt': 'v0.0.0-20201211092308-30ac6d18308e',
}

/** The module that one of the two programs needs and that not every proxy serves. */
export const REFERENCE = 'github.com/libp2p/go-smart-record'

/**
 * A build that did not happen.
 *
 * - GO_ABSENT: there is no Go on this machine
 * - GO_OLD: the Go on this machine is older than a program needs, and no newer one was downloaded
 * - MODULE_REFUSED: a module proxy was asked for a module, and answered that it does not give it out
 * - WRONG_PINS: the program would write other JSON than WIRE describes
 * - BUILD_FAILED: anything else
 *
 * @typedef {'GO_ABSENT' | 'GO_OLD' | 'MODULE_REFUSED' | 'WRONG_PINS' | 'BUILD_FAILED'} BuildErrorCode
 */

/** See {@link BuildErrorCode}. */
export class BuildError extends Error {
  /**
   * @param {BuildErrorCode} code
   * @param {string} message
   * @param {string} [module] the one refused, without its version
   */
  constructor(code, message, module) {
    super(message)
    this.name = 'BuildError'
    this.code = code
    this.module = module
  }
}

/**
 * @param {string} dir
 * @returns {string[]}
 */
function files(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile() && /\.(go|mod|sum)$/.test(f.name))
    .map((f) => join(f.parentPath, f.name))
    .sort()
}

function goEnv() {
  const run = spawnSync('go', ['env', 'GOVERSION', 'GOFLAGS', 'GOWORK'], { cwd: here, encoding: 'utf8' })
  if (run.error !== undefined && 'code' in run.error && run.error.code === 'ENOENT') {
    throw new BuildError(
      'GO_ABSENT',
      'Go is not installed here: the Go peers cannot be built, and nothing was compared with them',
    )
  }
  if (run.status !== 0) throw new BuildError('BUILD_FAILED', `go env failed: ${run.error?.message ?? run.stderr}`)
  return run.stdout
}

/**
 * The toolchain's own settings count too: they can change what is linked in. The programs of the 2021 stack share packages; v1
 * shares none with them.
 *
 * @param {string} name
 */
function fingerprint(name) {
  const hash = createHash('sha256').update(goEnv())
  const v1 = join(sources, 'v1', '')
  for (const f of files(sources).filter((f) => f.startsWith(v1) === (name === 'v1')))
    hash
      .update(`${relative(sources, f)}\0`)
      .update(readFileSync(f))
      .update('\0')
  return hash.digest('hex').slice(0, 12)
}

/**
 * Reads the versions out of a binary, as the linker recorded them.
 *
 * @param {string} path
 * @returns {Record<string, string>}
 */
export function modulesOf(path) {
  const lines = execFileSync('go', ['version', '-m', path], { encoding: 'utf8' }).split('\n')
  /** @type {Record<string, string>} */
  const modules = {}
  let last = ''
  for (const line of lines) {
    const [, kind, name = '', version = ''] = line.split('\t')
    if (kind === 'dep') modules[(last = name)] = version === '(devel)' ? 'local source' : version
    if (kind === '=>' && !last.startsWith('smartrecords/')) modules[last] += ' (replaced)'
  }
  return modules
}

/** @param {string} path */
function checkPins(path) {
  const modules = modulesOf(path)
  for (const [name, version] of Object.entries(PINS)) {
    if (modules[name] !== version) {
      throw new BuildError('WRONG_PINS', `${name} is ${modules[name]}, not ${version}: its JSON would be another`)
    }
  }
}

/** What the go command says when a proxy was reached and did not give a module out. */
const REFUSED = /(\S+)@(\S+): reading \S+: (?:403|404|410) .*/

/**
 * The refusal in what the go command said; one module is named once for every file that imports
 * anything. Undefined when a proxy refused nothing: without an answer there is no refusal.
 *
 * @param {string} stderr
 * @returns {{ module: string, answer: string } | undefined}
 */
export function refusalIn(stderr) {
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => line.trim())
  const at = lines.findIndex((line) => REFUSED.test(line))
  const [answer, module] = REFUSED.exec(lines[at] ?? '') ?? []
  if (answer === undefined || module === undefined) return undefined
  // the proxy's own words stand on the lines behind it
  const words = lines.slice(at + 1).findIndex((line) => REFUSED.test(line))
  return { module, answer: [answer, ...lines.slice(at + 1, words < 0 ? at + 3 : at + 1 + words)].join(' ').trim() }
}

/** What the go command says when go.mod asks for a newer one and it must not, or cannot, download that. */
const OLD = /go\.mod requires go >= .*|download go\S+ for .*: toolchain not available/

const UNSUMMED = /missing go\.sum entry for go\.mod file; to add it:\s+go mod download (\S+)/

/**
 * Builds with go.mod and go.sum as they are. Where go.sum has no line for a module (no one who
 * wrote these files could download it), builds again with a copy of both beside the binary, in
 * which the go command notes what the checksum database vouches for.
 *
 * @param {string} name
 * @param {string} target
 * @returns {{ error?: string, note?: string }}
 */
function compile(name, target) {
  const { dir } = /** @type {{ dir: string }} */ (programs[name])
  /** @type {(...args: string[]) => import('node:child_process').SpawnSyncReturns<string>} */
  const go = (...args) => spawnSync('go', args, { cwd: dir, encoding: 'utf8' })
  const run = go('build', '-trimpath', '-o', target, '.')
  if (run.status === 0) return {}
  const unsummed = UNSUMMED.exec(run.stderr)?.[1]
  if (unsummed === undefined) return { error: run.error?.message ?? run.stderr }
  const copy = join(bin, `${name}.${process.pid}`)
  copyFileSync(join(dir, 'go.mod'), `${copy}.mod`)
  copyFileSync(join(dir, 'go.sum'), `${copy}.sum`)
  try {
    const again = go('build', '-mod=mod', `-modfile=${copy}.mod`, '-trimpath', '-o', target, '.')
    if (again.status !== 0) return { error: again.stderr }
    const known = new Set(readFileSync(join(dir, 'go.sum'), 'utf8').split('\n'))
    const lines = readFileSync(`${copy}.sum`, 'utf8')
      .split('\n')
      .filter((line) => !known.has(line))
    return { note: `go.sum should say what the checksum database vouches for:\n${lines.join('\n')}` }
  } finally {
    rmSync(`${copy}.mod`, { force: true })
    rmSync(`${copy}.sum`, { force: true })
  }
}

/**
 * @param {string} name
 * @param {string} stderr
 */
function explain(name, stderr) {
  const old = OLD.exec(stderr)?.[0]
  if (old !== undefined) return new BuildError('GO_OLD', `${name}: ${old}`)
  const refusal = refusalIn(stderr)
  return refusal === undefined
    ? new BuildError('BUILD_FAILED', `${name}: go build failed\n${stderr}`)
    : new BuildError(
        'MODULE_REFUSED',
        `${name}: the module proxy refuses ${refusal.module}: ${refusal.answer}`,
        refusal.module,
      )
}

/**
 * Builds one program unless it is there already, and gives the path to it.
 *
 * @param {string} name `stack`, `record` or `v1`
 * @returns {{ path: string, cached: boolean, note?: string }}
 */
export function build(name) {
  const target = join(bin, `${name}-${fingerprint(name)}`)
  if (existsSync(target)) return { path: target, cached: true }
  mkdirSync(bin, { recursive: true })
  // Built aside and moved: two builds at once must not run half a file.
  const aside = `${target}.${process.pid}`
  const { error, note } = compile(name, aside)
  if (error !== undefined) throw explain(name, error)
  try {
    if (programs[name]?.pinned) checkPins(aside)
  } catch (cause) {
    rmSync(aside)
    throw cause
  }
  for (const old of readdirSync(bin))
    if (old.startsWith(`${name}-`) && !old.endsWith(`.${process.pid}`)) rmSync(join(bin, old))
  renameSync(aside, target)
  return { path: target, cached: false, ...(note === undefined ? {} : { note }) }
}

function main() {
  let code = 0
  for (const [name, { about }] of Object.entries(programs)) {
    try {
      const { path, cached, note } = build(name)
      console.log(`${name}: ${cached ? 'up to date' : 'built'} (${about})`)
      if (note !== undefined) console.log(`  ${note}`)
      for (const [m, v] of Object.entries(modulesOf(path))) {
        if (m in PINS || /go-libp2p$|go-smart-record|go-routing-language|fxamacker/.test(m)) console.log(`  ${m} ${v}`)
      }
    } catch (cause) {
      if (!(cause instanceof BuildError)) throw cause
      console.log(`${name}: NOT BUILT, ${cause.code}\n  ${cause.message}`)
      code = Math.max(code, cause.code === 'BUILD_FAILED' || cause.code === 'WRONG_PINS' ? 1 : 2)
    }
  }
  process.exitCode = code
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
