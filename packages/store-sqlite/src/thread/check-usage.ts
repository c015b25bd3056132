import type { Database } from './database.ts'
import { isDamage } from './sqlite-error.ts'
import { damageOfUsage, type UsageRow } from './usage.ts'

/** What the row of a writer should be. */
export interface UsageDifference {
  readonly writer: string
  readonly bytes: number
  readonly records: number
}

/** What of the usage and the totals does not follow from the updates. */
export interface UsageFindings {
  readonly problems: readonly string[]
  readonly differences: readonly UsageDifference[]
}

interface Sum {
  bytes: number
  records: number
}

/** Adds up the updates of all writers, and compares. */
export function checkUsage(database: Database): UsageFindings {
  try {
    return compare(database)
  } catch (err) {
    if (!isDamage(err)) {
      throw err
    }
    return { problems: [`the usage cannot be compared: ${String(err)}`], differences: [] }
  }
}

function compare({ sql, meta }: Database): UsageFindings {
  const expected = sums(sql)
  const problems: string[] = []
  const differences: UsageDifference[] = []
  const total = { bytes: 0, records: 0 }
  const rows = sql.prepare('SELECT writer, bytes, records, crc FROM usage').all() as unknown as UsageRow[]
  for (const row of rows) {
    const { writer, bytes, records } = row
    const sum = expected.get(writer) ?? { bytes: 0, records: 0 }
    expected.delete(writer)
    const found = [
      damageOfUsage(row),
      bytes === sum.bytes ? undefined : `usage of ${writer} is ${bytes} bytes; its updates cost ${sum.bytes}`,
      records === sum.records
        ? undefined
        : `usage of ${writer} is ${records} records; it has updates in ${sum.records}`,
    ].filter((problem) => problem !== undefined)
    if (found.length > 0) {
      problems.push(...found)
      differences.push({ writer, ...sum })
    }
    total.bytes += bytes
    total.records += records
  }
  for (const [writer, sum] of expected) {
    if (sum.bytes !== 0 || sum.records !== 0) {
      problems.push(`usage of ${writer} is missing; its updates cost ${sum.bytes}, in ${sum.records} records`)
      differences.push({ writer, ...sum })
    }
  }
  const entries = Number(sql.prepare('SELECT count(*) AS n FROM entries').get()?.['n'])
  const totals = [
    ['updates', meta.entries, entries],
    ['bytes', meta.bytes, total.bytes],
    ['documents', meta.documents, total.records],
  ] as const
  const wrong = totals.filter(([, found, right]) => found !== right)
  problems.push(...wrong.map(([what, found, right]) => `the total of ${what} is ${found}; the sum is ${right}`))
  return { problems, differences }
}

/** What the updates in the table add up to. */
function sums(sql: Database['sql']): Map<string, Sum> {
  const found = new Map<string, Sum>()
  const of = (writer: unknown): Sum => {
    const sum = found.get(String(writer)) ?? { bytes: 0, records: 0 }
    found.set(String(writer), sum)
    return sum
  }
  const costs = sql.prepare('SELECT ifnull(charged_to, writer) AS payer, sum(cost) AS cost FROM entries GROUP BY payer')
  for (const { payer, cost } of costs.iterate()) {
    of(payer).bytes = Number(cost)
  }
  const documents = sql.prepare('SELECT writer, count(DISTINCT record) AS records FROM entries GROUP BY writer')
  for (const { writer, records } of documents.iterate()) {
    of(writer).records = Number(records)
  }
  return found
}
