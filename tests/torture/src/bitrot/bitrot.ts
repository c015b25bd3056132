import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eachAtOnce, runChild } from '../child.ts'
import { randomOf } from '../random.ts'
import type { Task } from '../report.ts'
import { damage } from './damage.ts'
import { type Outcome, OUTCOMES } from './judge.ts'

/** Stores that one process opens, one after the other. */
const PER_CHILD = 25
const AT_ONCE = 2

/** Every so many damaged stores one is repaired, and opened then. */
const REPAIR_EVERY = 5

const VIOLATIONS: ReadonlySet<Outcome> = new Set<Outcome>(['unreported loss', 'wrong', 'crash'])
const MAX_DETAILS = 20

/** One damaged copy of a store. */
interface Trial {
  readonly seed: number
  readonly base: 'closed' | 'killed'
  readonly repair: boolean
}

/** Damages the files of a closed store and of one whose process was killed, and compares what a machine answers over them. */
export async function bitrot({ seed, quick, count, report }: Task): Promise<void> {
  const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sr-bitrot-'))
  try {
    const total = count ?? (quick ? 60 : 1000)
    const begun = Date.now()
    const bases = ['closed', 'killed'] as const
    for (const base of bases) {
      const built = await runChild('./bitrot/build-child.ts', [join(root, base), String(begun), base])
      if (built.signal !== (base === 'killed' ? 'SIGKILL' : null))
        throw new Error(`no store was built: ${built.stderr}`)
      const copy = join(root, 'copy')
      cpSync(join(root, base), copy, { recursive: true })
      const answered = await runChild('./bitrot/inspect-child.ts', [join(root, `${base}.json`), String(begun), copy])
      if (answered.code !== 0) throw new Error(`an intact store does not answer: ${answered.stderr}`)
      rmSync(copy, { recursive: true })
    }
    const suite = new BitrotSuite(root, begun)
    const trials = Array.from({ length: total }, (_, n): Trial => {
      return { seed: seed * 1_000_000 + n, base: bases[n % 2] as Trial['base'], repair: n % REPAIR_EVERY === 0 }
    })
    const batches = Array.from({ length: Math.ceil(total / PER_CHILD) }, (_, n) =>
      trials.slice(n * PER_CHILD, (n + 1) * PER_CHILD),
    )
    await eachAtOnce(batches, AT_ONCE, async (batch) => await suite.run(batch))
    for (const base of bases) suite.print(base, seed, report)
    suite.details.slice(0, MAX_DETAILS).forEach((text) => report.detail(text))
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

class BitrotSuite {
  readonly details: string[] = []
  readonly #root: string
  readonly #begun: number
  readonly #counts = new Map<string, number>()

  constructor(root: string, begun: number) {
    this.#root = root
    this.#begun = begun
  }

  /** Runs trials in processes: another one after one that crashed. */
  async run(batch: readonly Trial[]): Promise<void> {
    for (const base of ['closed', 'killed'] as const) {
      for (let rest = batch.filter((trial) => trial.base === base); rest.length > 0;) {
        const made = rest.flatMap((trial) => this.#damaged(trial))
        const { lines, stderr, signal, code } = await runChild('./bitrot/inspect-child.ts', [
          join(this.#root, `${base}.json`),
          String(this.#begun),
          ...made.map(({ folder }) => folder),
        ])
        const results = lines.map((line) => JSON.parse(line) as { outcome: Outcome; why: string })
        const done = made.slice(0, results.length + 1)
        for (const [n, one] of done.entries()) {
          this.#note(one, results[n] ?? { outcome: 'crash', why: `${signal ?? code}: ${stderr.slice(0, 500)}` })
        }
        for (const { folder } of made) rmSync(folder, { recursive: true, force: true })
        const last = done.at(-1)?.trial
        rest = results.length >= made.length ? [] : rest.slice(rest.indexOf(last as Trial) + 1)
      }
    }
  }

  print(base: string, seed: number, report: Task['report']): void {
    for (const kind of ['served', 'repaired']) {
      const count = (outcome: Outcome): number => this.#counts.get(`${base} ${kind} ${outcome}`) ?? 0
      const entries = (isViolation: boolean) =>
        OUTCOMES.filter((one) => VIOLATIONS.has(one) === isViolation).map((one) => [one, count(one)] as const)
      const all = OUTCOMES.reduce((sum, one) => sum + count(one), 0)
      const counts = { damages: all, ...Object.fromEntries(entries(false)) }
      report.line(`bitrot, ${base} store, ${kind}`, seed, counts, Object.fromEntries(entries(true)))
    }
  }

  /** One or two damaged copies: what is served, and what a repair leaves. */
  #damaged(trial: Trial): Array<{ trial: Trial; folder: string; done: string }> {
    return (trial.repair ? ['', '-repair'] : ['']).map((suffix) => {
      const folder = join(this.#root, `${trial.seed}${suffix}`)
      cpSync(join(this.#root, trial.base), folder, { recursive: true })
      return { trial, folder, done: damage(folder, randomOf(trial.seed)) }
    })
  }

  #note(
    { trial, folder, done }: { trial: Trial; folder: string; done: string },
    { outcome, why }: { outcome: Outcome; why: string },
  ): void {
    const name = `${trial.base} ${folder.endsWith('-repair') ? 'repaired' : 'served'} ${outcome}`
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
    if (VIOLATIONS.has(outcome)) this.details.push(`${outcome}: ${name}, seed ${trial.seed}, ${done}: ${why}`)
  }
}
