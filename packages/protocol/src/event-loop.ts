import { after } from '@sr/runtime'

type Later = (run: () => void) => unknown

const { setImmediate, process } = globalThis as { setImmediate?: Later; process?: { nextTick?: Later } }

/** Runs a function in a later task. */
const inTask: Later = (run) => after(0, run)

/** Runs a function after the event loop has handled I/O that is ready. */
export const afterIo: Later = setImmediate ?? inTask

/** Runs a function when the microtasks that are queued, and those that they queue, have run. */
export const afterMicrotasks: Later =
  process?.nextTick === undefined ? inTask : (run) => (process.nextTick as Later)(run)
