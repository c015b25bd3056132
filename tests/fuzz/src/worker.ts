// A thread that runs one target. Another one watches it, since what hangs cannot tell.
import { parentPort, workerData } from 'node:worker_threads'
import { type Job, WATCHED_HEAD } from './job.ts'
import { instrumentLoads } from './load.ts'

const { target: name, plan, bug, watched } = workerData as Job
const figures = new Int32Array(watched, 0, 2)
const room = new Uint8Array(watched, WATCHED_HEAD)

// errors by the million: their stacks are not read
Error.stackTraceLimit = 0
const loaded = instrumentLoads(bug)
const { TARGETS, targetNamed } = await import('./targets/all.ts')
const { dictionary } = await import('./dictionary.ts')
const { seedsFor } = await import('./seeds.ts')
const { Fuzz } = await import('./fuzz.ts')

const target = targetNamed(name)
const fuzz = new Fuzz(target, loaded.edges, dictionary(target.shape, name, [...loaded.strings].sort()), plan, {
  next(input) {
    figures[0] = (figures[0] as number) + 1
    figures[1] = input.length
    room.set(input.subarray(0, room.length))
  },
  found(found) {
    parentPort?.postMessage({ found })
  },
  progress(progress) {
    parentPort?.postMessage({ progress })
  },
})
const done = fuzz.run(bug === undefined ? seedsFor(target, TARGETS) : [])
parentPort?.postMessage({ done, loaded: loaded.edges })
