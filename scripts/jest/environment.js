import { inspect } from 'node:util'
import { TestEnvironment } from 'jest-environment-node'

/** What keeps a process running after a test file that did not clean up. */
const KINDS = ['Timeout', 'TCPSocketWrap', 'TCPServerWrap', 'ProcessWrap']

/**
 * How long a file may take to close what it opened, ms. jest kills a worker that still runs 500 ms after its last file.
 * The address manager of libp2p sets a timer of 1,000 ms when the transports of a node close, and never clears it.
 */
const SETTLE_MS = 3000

/** How many resources of each kind keep this process running. */
function countOpen() {
  /** @type {Record<string, number>} */
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0]))
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind in counts) counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

/**
 * Node, plus: a promise rejected without a handler fails the test file, also when that happens after its last test, where
 * jest itself no longer looks; so does a timer, socket, server or child process that is left open.
 */
export default class Environment extends TestEnvironment {
  /** @type {unknown[]} */
  #lost = []
  /** @type {Record<string, number>} */
  #openBefore = {}
  /** @param {unknown} reason */
  #note = (reason) => {
    this.#lost.push(reason)
  }

  /** @override */
  async setup() {
    await super.setup()
    process.on('unhandledRejection', this.#note)
    this.#openBefore = countOpen()
  }

  /** @override */
  async teardown() {
    // Two turns of the loop: Node reports a rejection once the microtasks of its turn have run.
    for (let turn = 0; turn < 2; turn++)
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    const leftOpen = await this.#settle()
    process.off('unhandledRejection', this.#note)
    await super.teardown()
    if (this.#lost.length > 0) {
      const reasons = this.#lost.map((reason) => inspect(reason)).join('\n')
      throw new Error(`a promise was rejected without a handler:\n${reasons}`)
    }
    if (leftOpen !== '') {
      throw new Error(`the test file left open, ${SETTLE_MS} ms after its last test: ${leftOpen}`)
    }
  }
  /** Waits until all is closed that the file opened; returns what is not. */
  async #settle() {
    for (const end = performance.now() + SETTLE_MS; ;) {
      const now = countOpen()
      const open = KINDS.filter((kind) => (now[kind] ?? 0) > (this.#openBefore[kind] ?? 0))
      if (open.length === 0) return ''
      if (performance.now() > end) return open.join(', ')
      await new Promise((resolve) => {
        setTimeout(resolve, 20)
      })
    }
  }
}
