// Builds the Go peers into .bin, once per state of their sources.
//
//   node interop/build.mjs            builds both, prints what they are made of
//
// Exit 0: all built. 1: a build failed. 2: something needed is not there (Go,
// or a module the proxy does not serve); what could be built was built.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const sources = join(here, 'go')
const bin = join(here, '.bin')

/** The two programs: the folder of each, and what it needs beyond the other. */
const programs = {
  stack: { dir: sources, about: 'bare libp2p peer and codec oracle' },
  record: { dir: join(sources, 'record'), about: 'smart-record server and client' },
}

/** The versions that make the JSON on the wire what WIRE says it is. */
export const PINS = {
  'github.com/ipld/go-ipld-prime': 'v0.9.1-0.20210428200757-949d1675afbc',
  'github.com/polydawn/refmt': 'v0.0.0-20201211092308-30ac6d18308e',
}

/** A build that did not happen. `code` is GO_ABSENT, MODULE_REFUSED, SUM_MISSING, WRONG_PINS or BUILD_FAILED. */
export class BuildError extends Error {
  constructor(code, message) {
    super(message)
    this.name = 'BuildError'
    this.code = code
  }
}

function files(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile() && /\.(go|mod|sum)$/.test(f.name))
    .map((f) => join(f.parentPath ?? f.path, f.name))
    .sort()
}

function goEnv() {
  try {
    return execFileSync('go', ['env', 'GOVERSION', 'GOFLAGS', 'GOWORK'], { cwd: here, encoding: 'utf8' })
  } catch (cause) {
    if (cause.code === 'ENOENT') {
      throw new BuildError('GO_ABSENT', 'Go is not installed here: the Go peers cannot be built, and nothing was compared with them')
    }
    throw new BuildError('BUILD_FAILED', `go env failed: ${cause.stderr}`)
  }
}

/** The toolchain's own settings count too: they can change what is linked in. */
function fingerprint() {
  const hash = createHash('sha256').update(goEnv())
  for (const f of files(sources)) hash.update(`${relative(sources, f)}\0`).update(readFileSync(f)).update('\0')
  return hash.digest('hex').slice(0, 12)
}

/** Reads the versions out of a binary, as the linker recorded them. */
export function modulesOf(path) {
  const lines = execFileSync('go', ['version', '-m', path], { encoding: 'utf8' }).split('\n')
  const modules = {}
  let last = ''
  for (const line of lines) {
    const [, kind, name, version] = line.split('\t')
    if (kind === 'dep') modules[(last = name)] = version === '(devel)' ? 'local source' : version
    if (kind === '=>' && !last.startsWith('smartrecords/')) modules[last] += ' (replaced)'
  }
  return modules
}

function checkPins(path) {
  const modules = modulesOf(path)
  for (const [name, version] of Object.entries(PINS)) {
    if (modules[name] !== version) {
      throw new BuildError('WRONG_PINS', `${name} is ${modules[name]}, not ${version}: its JSON would be another`)
    }
  }
}

/** Asks the proxy itself, outside the module, so that nothing is written here. */
function proxySays(module) {
  const wanted = readFileSync(join(programs.record.dir, 'go.mod'), 'utf8').match(new RegExp(`${module} (v\\S+)`))
  const asked = `${module}@${wanted?.[1] ?? 'latest'}`
  const run = spawnSync('go', ['mod', 'download', asked], { cwd: tmpdir(), encoding: 'utf8' })
  return { asked, refusal: run.status === 0 ? '' : run.stderr.trim().split('\n').map((l) => l.trim()).join(' ') }
}

function explain(name, stderr) {
  const unsummed = /missing go\.sum entry for go\.mod file; to add it:\s+go mod download (\S+)/.exec(stderr)
  if (unsummed) {
    const { asked, refusal } = proxySays(unsummed[1])
    const why = refusal
      ? `the module proxy refuses ${asked}: ${refusal}`
      : `go.sum has no line for ${asked} yet, and the proxy serves it: run "go mod download ${unsummed[1]}" in ${relative(dirname(here), programs[name].dir)} and commit go.sum`
    return new BuildError(refusal ? 'MODULE_REFUSED' : 'SUM_MISSING', `${name}: ${why}`)
  }
  // One refused module is named once for every file that imports anything.
  const refused = /\S+@\S+: reading \S+: (?:403|404|410) [^\n]*/.exec(stderr)
  if (refused) return new BuildError('MODULE_REFUSED', `${name}: ${refused[0]}`)
  return new BuildError('BUILD_FAILED', `${name}: go build failed\n${stderr}`)
}

/** Builds one program unless it is there already, and gives the path to it. */
export function build(name) {
  const target = join(bin, `${name}-${fingerprint()}`)
  if (existsSync(target)) return { path: target, cached: true }
  mkdirSync(bin, { recursive: true })
  // Built aside and moved: two builds at once must not run half a file.
  const aside = `${target}.${process.pid}`
  const run = spawnSync('go', ['build', '-trimpath', '-o', aside, '.'], { cwd: programs[name].dir, encoding: 'utf8' })
  if (run.status !== 0) throw explain(name, run.stderr)
  try {
    checkPins(aside)
  } catch (cause) {
    rmSync(aside)
    throw cause
  }
  for (const old of readdirSync(bin)) if (old.startsWith(`${name}-`) && !old.endsWith(`.${process.pid}`)) rmSync(join(bin, old))
  renameSync(aside, target)
  return { path: target, cached: false }
}

function main() {
  let code = 0
  for (const [name, { about }] of Object.entries(programs)) {
    try {
      const { path, cached } = build(name)
      console.log(`${name}: ${cached ? 'up to date' : 'built'} (${about})`)
      const modules = modulesOf(path)
      for (const [m, v] of Object.entries(modules)) {
        if (m in PINS || /go-libp2p$|go-smart-record|go-routing-language/.test(m)) console.log(`  ${m} ${v}`)
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
