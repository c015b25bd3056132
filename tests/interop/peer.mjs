// Starts Go peers and talks to them: one JSON line out, one JSON line back.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { build } from './build.mjs'

const START_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 3_000

/** What a peer answered instead of doing as asked. */
export class GoError extends Error {
  /**
   * @param {string} message
   * @param {unknown} [value] what it had to say all the same
   */
  constructor(message, value) {
    super(message)
    this.name = 'GoError'
    this.value = value
  }
}

/**
 * A running Go peer.
 *
 * @typedef {object} GoPeer
 * @property {string} peerId
 * @property {string[]} addrs
 * @property {Record<string, string>} modules
 * @property {number | undefined} pid
 * @property {(cmd: { cmd: string, [field: string]: unknown }, timeoutMs?: number) => Promise<unknown>} request
 *   sends one command and gives its value, or throws a GoError
 * @property {() => Promise<{ code: number | null, signal: string | null }>} close
 *   ends it: its input first, by force if that does not do
 */

/** @typedef {{ seed?: string, key?: string }} Identity */
/** @typedef {Identity & { listen?: boolean, port?: number }} PeerOptions */

/** @type {Set<import('node:child_process').ChildProcess>} */
const living = new Set()
// Each by its own pid. A peer also ends by itself when its input ends.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/**
 * @param {number} ms
 * @param {string} what
 * @param {(error: Error) => void} reject
 */
function deadline(ms, what, reject) {
  return setTimeout(() => reject(new GoError(`${what}: no answer in ${ms} ms`)), ms)
}

/**
 * @param {string} name
 * @param {string[]} args
 * @returns {Promise<GoPeer>}
 */
async function start(name, args) {
  const child = spawn(build(name).path, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  living.add(child)
  /** @type {Map<number, { resolve: (value: unknown) => void, reject: (error: Error) => void }>} */
  const waiting = new Map()
  let said = ''
  child.stderr.on('data', (d) => (said = (said + d).slice(-4000)))
  /** @type {Promise<{ code: number | null, signal: string | null }>} */
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
  child.stdin.on('error', () => {}) // told by `close`, with the reason
  /** @type {Promise<{ peerId: string, addrs: string[], modules: Record<string, string> }>} */
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
    request(cmd, timeoutMs = REQUEST_TIMEOUT_MS) {
      const id = ++next
      return new Promise((resolve, reject) => {
        const timer = deadline(timeoutMs, cmd.cmd, (e) => {
          waiting.delete(id)
          reject(e)
        })
        waiting.set(id, {
          resolve: (value) => {
            clearTimeout(timer)
            resolve(value)
          },
          reject: (error) => {
            clearTimeout(timer)
            reject(error)
          },
        })
        child.stdin.write(`${JSON.stringify({ id, ...cmd })}\n`)
      })
    },
    async close() {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      const end = await ended
      clearTimeout(timer)
      return end
    },
  }
}

/**
 * @param {Identity} who
 * @returns {string[]}
 */
function identity({ seed, key }) {
  return [...(seed ? ['-seed', seed] : []), ...(key ? ['-key', key] : [])]
}

/**
 * Starts the Go reference's server. `gcMs` is how often it collects.
 *
 * @param {Identity & { gcMs?: number, port?: number }} [options]
 */
export function startGoServer({ gcMs = 1000, port = 0, ...who } = {}) {
  return start('record', ['-mode', 'server', '-gc', `${gcMs}ms`, '-port', String(port), ...identity(who)])
}

/**
 * Starts the Go reference's client; with `listen` it can be dialled too.
 *
 * @param {PeerOptions} [options]
 */
export function startGoClient({ listen = false, port = 0, ...who } = {}) {
  return start('record', ['-mode', 'client', ...(listen ? ['-listen', '-port', String(port)] : []), ...identity(who)])
}

/**
 * Starts a bare peer of the same stack: raw streams and the codec oracle.
 *
 * @param {PeerOptions} [options]
 */
export function startGoStack({ listen = false, port = 0, ...who } = {}) {
  return start('stack', [...(listen ? ['-listen', '-port', String(port)] : []), ...identity(who)])
}

/**
 * Starts a peer of `/smart-record/1.0.0`; with `serve` it listens, first on TCP, then on WebSocket.
 *
 * @param {Identity & { serve?: boolean }} [options]
 */
export function startGoV1({ serve = false, ...who } = {}) {
  return start('v1', [...(serve ? ['-serve'] : []), ...identity(who)])
}
