import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Runs a command with the terminal of this process and answers its exit code; a death by signal counts as 128 + signal.
 *
 * Ctrl-C in a terminal goes to the whole foreground group, so the child has it already: this process only waits.
 * A SIGTERM or SIGHUP is sent to one process, so it is passed on.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options })
    const wait = () => {}
    const pass = (signal) => child.kill(signal)
    process.on('SIGINT', wait)
    process.on('SIGTERM', pass)
    process.on('SIGHUP', pass)
    const end = () => {
      process.off('SIGINT', wait)
      process.off('SIGTERM', pass)
      process.off('SIGHUP', pass)
    }
    child.once('error', (error) => { end(); reject(error) })
    child.once('exit', (code, signal) => { end(); resolve(code ?? 128 + constants.signals[signal]) })
  })
}
