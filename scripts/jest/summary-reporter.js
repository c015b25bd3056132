import { writeSync } from 'node:fs'

const STDOUT = 1

/** Closes a run with one line for people and scripts, after all else that jest prints: `N passed, N failed, N skipped`. */
export default class Counts {
  /**
   * @param {unknown} _contexts
   * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number, numPendingTests: number, numTodoTests: number }} results
   */
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    const skipped = results.numPendingTests + results.numTodoTests
    process.once('exit', () => {
      writeSync(STDOUT, `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`)
    })
  }
}
