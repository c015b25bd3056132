import { inspect } from 'node:util'
import { TestEnvironment } from 'jest-environment-node'

/**
 * Node, plus: a promise rejected without a handler fails the test file, also when that
 * happens after its last test, where jest itself no longer looks.
 */
export default class Environment extends TestEnvironment {
  /** @type {unknown[]} */
  #lost = []
  /** @param {unknown} reason */
  #note = (reason) => {
    this.#lost.push(reason)
  }

  /** @override */
  async setup() {
    await super.setup()
    process.on('unhandledRejection', this.#note)
  }

  /** @override */
  async teardown() {
    // Two turns of the loop: Node reports a rejection once the microtasks of its turn have run.
    for (let turn = 0; turn < 2; turn++)
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    process.off('unhandledRejection', this.#note)
    await super.teardown()
    if (this.#lost.length > 0) {
      const reasons = this.#lost.map((reason) => inspect(reason)).join('\n')
      throw new Error(`a promise was rejected without a handler:\n${reasons}`)
    }
  }
}
