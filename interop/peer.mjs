// Starts Go peers and talks to them: one JSON line out, one JSON line back.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { build } from './build.mjs'

const START_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 3_000

/** What a peer answered instead of doing as asked. */
export class GoError extends Error {
  constructor(message, value) {
    super(message)
    this.name = 'GoError'
    this.value = value
  }
}

const living = new Set()
// Each by its own pid. A peer also ends by itself when its input ends.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

function deadline(ms, what, reject) {
  return setTimeout(() => reject(new GoError(`${what}: no answer in ${ms} ms`)), ms)
}

async function start(name, args) {
  const child = spawn(build(name).path, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  living.add(child)
  const waiting = new Map()
  let said = ''
  child.stderr.on('data', (d) => (said = (said + d).slice(-4000)))
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
  child.stdin.on('error', () => {}) // told by `close`, with the reason
  const ready = new Promise((resolve, reject) => {
    const timer = deadline(START_TIMEOUT_MS, `${name} start`, reject)
    ended.then(({ code, signal }) => {
      living.delete(child)
      const gone = new GoError(`${name} ended (${signal ?? code}): ${said.trim()}`)
      clearTimeout(timer)
      reject(gone)
      for (const { reject: fail } of waiting.values()) fail(gone)
      waiting.clear()
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line)
      if (answer.ready) {
        clearTimeout(timer)
        resolve(answer)
        return
      }
      const asked = waiting.get(answer.id)
      if (!asked) return
      waiting.delete(answer.id)
      if (answer.ok) asked.resolve(answer.value)
      else asked.reject(new GoError(answer.error, answer.value))
    })
  })
  let info
  try {
    info = await ready
  } catch (cause) {
    child.kill('SIGKILL')
    throw cause
  }
  let next = 0
  return {
    peerId: info.peerId,
    addrs: info.addrs,
    modules: info.modules,
    pid: child.pid,
    /** Sends one command, `{cmd, ...}`, and gives its value or throws a GoError. */
    request(cmd, timeoutMs = REQUEST_TIMEOUT_MS) {
      const id = ++next
      return new Promise((resolve, reject) => {
        const timer = deadline(timeoutMs, cmd.cmd, (e) => {
          waiting.delete(id)
          reject(e)
        })
        const done = (f) => (v) => {
          clearTimeout(timer)
          f(v)
        }
        waiting.set(id, { resolve: done(resolve), reject: done(reject) })
        child.stdin.write(`${JSON.stringify({ id, ...cmd })}\n`)
      })
    },
    /** Ends the peer: its input first, by force if that does not do. */
    async close() {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      const end = await ended
      clearTimeout(timer)
      return end
    },
  }
}

function identity({ seed, key }) {
  return [...(seed ? ['-seed', seed] : []), ...(key ? ['-key', key] : [])]
}

/** Starts the Go reference's server. `gcMs` is how often it collects. */
export function startGoServer({ gcMs = 1000, port = 0, ...who } = {}) {
  return start('record', ['-mode', 'server', '-gc', `${gcMs}ms`, '-port', String(port), ...identity(who)])
}

/** Starts the Go reference's client; with `listen` it can be dialled too. */
export function startGoClient({ listen = false, port = 0, ...who } = {}) {
  return start('record', ['-mode', 'client', ...(listen ? ['-listen', '-port', String(port)] : []), ...identity(who)])
}

/** Starts a bare peer of the same stack: raw streams and the codec oracle. */
export function startGoStack({ listen = false, port = 0, ...who } = {}) {
  return start('stack', [...(listen ? ['-listen', '-port', String(port)] : []), ...identity(who)])
}
