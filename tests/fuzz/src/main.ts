// npm run fuzz: see README.md.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Found } from './fuzz.ts'
import { keepRegression } from './regressions.ts'
import { BUGS } from './seeded-bugs.ts'
import { type Result, runInWorker } from './run-in-worker.ts'
import { TARGETS, targetNamed } from './targets/all.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    executions: { type: 'string' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    target: { type: 'string', multiple: true },
    'self-test': { type: 'boolean', default: false },
  },
})

const DEFAULT_S = 60
/** Between two signs of life of a long run. */
const TELL_MS = 60_000
const names = values.target?.map((name) => targetNamed(name).name) ?? TARGETS.map(({ name }) => name)
const seconds = Number(values.seconds ?? (values.executions === undefined ? DEFAULT_S : Infinity))
const executions = Number(values.executions ?? Infinity)
if (!(seconds > 0) || !(executions > 0)) throw new RangeError('--seconds and --executions take a number above 0')

console.log(`seed ${values.seed}`)
process.exitCode = values['self-test'] ? await selfTest() : await search()

/** Fuzzes the targets one after the other; each gets its share. */
async function search(): Promise<number> {
  const results: Result[] = []
  for (const name of names) {
    let told = 0
    const plan = {
      seed: values.seed,
      executions: Math.ceil(executions / names.length),
      ms: (seconds * 1000) / names.length,
      first: false,
    }
    results.push(
      await runInWorker(name, plan, {
        found(found) {
          describe(name, found, keepRegression(name, found.property, found.smallest))
        },
        progress({ executions: count, ms }) {
          if (ms - told < TELL_MS) return
          told = ms
          console.log(`${name}: ${count.toLocaleString('en')} executions so far`)
        },
      }),
    )
    report(results.at(-1) as Result)
  }
  const sum = (of: (result: Result) => number): number => results.reduce((total, one) => total + of(one), 0)
  console.log(
    `${sum(({ progress }) => progress.executions).toLocaleString('en')} executions, ${sum(({ found }) => found.length)} faults`,
  )
  return results.some(({ found }) => found.length > 0) ? 1 : 0
}

/** Puts a bug in, fuzzes until it is found, and so on for every bug there is. */
async function selfTest(): Promise<number> {
  let missed = 0
  for (const bug of BUGS.filter(({ fields }) => names.includes(fields['target'] ?? ''))) {
    const {
      found: [found],
      progress,
    } = await runInWorker(
      String(bug.fields['target']),
      { seed: values.seed, executions, ms: seconds * 1000, first: true },
      { found() {}, progress() {} },
      bug,
    )
    if (found === undefined) missed++
    const outcome =
      found === undefined
        ? `NOT found in ${progress.executions} executions, ${(progress.ms / 1000).toFixed(1)} s`
        : `found after ${found.executions} executions, ${(found.ms / 1000).toFixed(1)} s: ${found.property}; smallest ${shown(found.smallest)}`
    console.log(`${String(bug.fields['target'])}: ${bug.name}: ${outcome}`)
  }
  return missed > 0 ? 1 : 0
}

function report({ target, progress, loaded, found }: Result): void {
  const { executions: count, ms, accepted, corpus, edges, steps } = progress
  const cells = [
    `${count.toLocaleString('en')} executions`,
    `${Math.round((count / ms) * 1000).toLocaleString('en')}/s`,
    `${((accepted / Math.max(1, count)) * 100).toFixed(0)} % accepted`,
    `${corpus} inputs kept`,
    `${edges} of ${loaded} edges`,
    `at most ${steps.toFixed(0)} steps a byte`,
    `${found.length} faults`,
  ]
  console.log(`${target}: ${cells.join(', ')}`)
}

function describe(target: string, found: Found, file: string): void {
  console.log(`${target}: FAULT ${found.message}`)
  console.log(
    `  after ${found.executions} executions${found.alone ? '' : ', and not by itself'}; ${found.smallest.length} bytes in ${file}: ${shown(found.smallest)}`,
  )
}

function shown(input: Uint8Array): string {
  const text = Buffer.from(input.subarray(0, 200)).toString('latin1')
  return /^[\x20-\x7e\n\t]*$/.test(text) ? JSON.stringify(text) : Buffer.from(input.subarray(0, 200)).toString('hex')
}
