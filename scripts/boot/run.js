import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Runs a command with the terminal of this process and answers its exit code; a death by signal counts as 128 + its number.
 *
 * Signals are passed on. Ctrl-C reaches the child from the terminal as well, which is harmless to a test run.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options })
  return ending(child, (signal) => {
    child.kill(signal)
  })
}

// One press of Ctrl-C comes twice to a child of npm: from the terminal, and from npm itself.
const SAME_PRESS_MS = 500

/**
 * Runs a server: as `run`, but one Ctrl-C reaches it exactly once, whether it was sent to the whole terminal or to npm alone.
 *
 * For that the child leads its own process group, where only this process signals it. So that it
 * never outlives this process, it holds the reading end of a pipe from here (see exit-with-parent.js).
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function serve(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ['inherit', 'inherit', 'inherit', 'pipe'], detached: true })
  /** @type {Map<string, number>} */
  const sent = new Map()
  return ending(child, (signal) => {
    const now = performance.now()
    const before = sent.get(signal) ?? -Infinity
    sent.set(signal, now)
    if (now - before > SAME_PRESS_MS) child.kill(signal)
  })
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {(signal: NodeJS.Signals) => void} pass
 * @returns {Promise<number>}
 */
function ending(child, pass) {
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, pass)
  const end = () => {
    for (const signal of signals) process.off(signal, pass)
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      end()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      end()
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL'])
    })
  })
}
