/**
 * `npm run interop`: our peers with the Go peers, in both directions, and a table of what was seen.
 *
 *   --only <text>   only rows whose name or direction holds it
 *   --seed <n>      of the random documents; printed, and another at every run without it
 *
 * Exit code 0: all came out as Go does it, as PROTOCOL.md specifies, or as known-differences.md says, and what was not run has
 * an excuse. 1: something is wrong.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Refusal } from './peers/peer.ts'
import { Harness } from './peers/harness.ts'
import { type Difference, faultsOf, parseDifferences } from './report/differences.ts'
import { judge, type Result } from './report/judge.ts'
import { buildParts, exitCodeOf } from './report/parts.ts'
import { counts, notRun, table } from './report/report.ts'
import { needs, type Row } from './report/row.ts'
import { closeRecordPeers } from './record/rows.ts'
import { allRows } from './scenarios/all.ts'

const { values } = parseArgs({ options: { only: { type: 'string' }, seed: { type: 'string' } } })
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)

/** Longest that one row takes: the longest wait, and time for a machine that is busy. */
const ROW_MS = 100_000

async function inTime(seeing: Promise<string>): Promise<string> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new Error(`no end after ${ROW_MS} ms`))
  }, ROW_MS)
  return await Promise.race([seeing, promise]).finally(() => {
    clearTimeout(timer)
  })
}

async function see(row: Row, harness: Harness, differences: readonly Difference[]): Promise<Result> {
  const started = performance.now()
  const ms = (): number => Math.round(performance.now() - started)
  try {
    const saw = await inTime(row.run(harness))
    return { row, saw, ...judge(row, saw, differences), ms: ms() }
  } catch (err) {
    const saw = err instanceof Refusal ? err.what : err instanceof Error ? (err.stack ?? err.message) : String(err)
    return { row, saw, verdict: 'WRONG', fault: `wanted: ${row.wanted}`, ms: ms() }
  }
}

/** Those that wait begin first; the others go one after the other, each direction for itself. */
async function seeAll(
  rows: readonly Row[],
  harness: Harness,
  differences: readonly Difference[],
): Promise<Map<Row, Result>> {
  const results = new Map<Row, Result>()
  const take = async (row: Row): Promise<void> => {
    results.set(row, await see(row, harness, differences))
  }
  const waiting = rows.filter(({ waits }) => waits).map(take)
  const lines = Map.groupBy(
    rows.filter(({ waits }) => !waits),
    ({ direction }) => direction,
  )
  await Promise.all(
    Array.from(lines.values(), async (line) => {
      for (const row of line) {
        await take(row)
      }
    }),
  )
  await Promise.all(waiting)
  return results
}

const started = performance.now()
const { missing, notes } = buildParts()
console.log(notes.join('\n'))
console.log(`seed ${seed}`)

const differences = parseDifferences(readFileSync(new URL('known-differences.md', import.meta.url), 'utf8'))
const every = allRows(seed)
const faults = faultsOf(differences, every)
const wanted = every.filter(
  ({ name, direction }) => values.only === undefined || name.includes(values.only) || direction.includes(values.only),
)
const absent = new Set(missing.map(({ part }) => part))
const can = wanted.filter(({ direction }) => {
  const part = needs(direction)
  return part === undefined || !absent.has(part)
})

const harness = new Harness()
const seen = await seeAll(can, harness, differences)
await Promise.all([harness.close(), closeRecordPeers()])
const results = wanted.map((row): Result => seen.get(row) ?? { row, saw: '', verdict: 'NOT RUN', ms: 0 })

if (results.length === 0) {
  throw new RangeError(`no row holds ${values.only}`)
}
console.log(table(results))
for (const fault of faults) {
  console.log(`known-differences.md: ${fault}`)
}
if (missing.length > 0) {
  console.log(`\n${notRun(missing, results)}`)
}
const wrong = results.filter(({ verdict }) => verdict === 'WRONG').length + faults.length
console.log(`\n${Math.round((performance.now() - started) / 1000)} s`)
console.log(counts(results, faults.length))
process.exitCode = exitCodeOf(missing, wrong)
