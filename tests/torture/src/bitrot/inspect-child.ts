// Opens stores whose files are damaged: node inspect-child.ts <expected> <begun> <folder>…; prints the outcome of each. Without folders damaged (`expected`
// does not exist yet) it prints the answers of the one given.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { sqliteStore } from '@sr/store-sqlite'
import { createAuthors } from '../authors.ts'
import { openMachine, type Opened } from '../open.ts'
import { isPlanted } from '../plant.ts'
import { STREAMS, WRITERS } from '../streams.ts'
import { updateOf } from '../write.ts'
import { type Answers, answersOf, BYTES, LAST, recordIds } from './expected.ts'
import { judge, type Outcome } from './judge.ts'

const [expectedFile = '', begun, ...folders] = process.argv.slice(2)
const authors = await createAuthors('signed', WRITERS)

/** What a folder's store answers now; undefined when it does not open. */
async function open(folder: string): Promise<Opened | string> {
  try {
    return await openMachine({ folder, authors })
  } catch (err) {
    return `${(err as { code?: string }).code}: ${String(((err as Error).cause as Error | undefined)?.message)}`
  }
}

async function outcomeOf(folder: string, expected: Answers): Promise<{ outcome: Outcome; why: string }> {
  const opened = await open(folder)
  if (typeof opened === 'string') return { outcome: 'refused to open', why: opened }
  const failed: Array<number | undefined> = []
  const found = await answersOf(opened, authors, (record) => failed.push(record))
  const reports = isPlanted('silent') ? [] : opened.reports
  const judged = judge(expected, found, { records: recordIds(), reports, failed })
  const wrong = await writesOf(opened)
  await opened.machine.close().catch(() => {})
  return wrong === undefined || judged.outcome === 'wrong' ? judged : { outcome: 'wrong', why: wrong }
}

/** Writes another update to each stream; returns what is acknowledged and does not show. */
async function writesOf({ machine }: Opened): Promise<string | undefined> {
  for (const [index, { writer, record }] of STREAMS.entries()) {
    try {
      const { seq } = await machine.update(
        await updateOf(authors, index, LAST + 1, { begun: Number(begun), bytes: BYTES }),
      )
      const view = await machine.get(new TextEncoder().encode(`record-${record}`))
      const shown = view.documents.get(String(authors.all[writer]?.writer))?.seq
      if (shown !== seq) return `stream ${index} shows seq ${shown} after ${seq} was acknowledged`
    } catch {
      // refused or failed: nothing was promised
    }
  }
  return undefined
}

/** What a repair leaves must be a subset of what was written, and open. */
async function repaired(folder: string, expected: Answers): Promise<{ outcome: Outcome; why: string }> {
  let report
  try {
    report = await sqliteStore({ folder }).check({ repair: true })
  } catch (err) {
    return { outcome: 'refused to open', why: String((err as Error).message) }
  }
  const opened = await open(folder)
  if (typeof opened === 'string') return { outcome: 'refused to open', why: opened }
  const failed: Array<number | undefined> = []
  const found = await answersOf(opened, authors, (record) => failed.push(record))
  await opened.machine.close()
  const reports = [
    ...report.problems,
    ...report.damaged.map(({ record, reason }) => `${record}: ${reason}`),
    ...opened.reports,
  ]
  // a report of lost updates names no record where not even that can be read
  const told = { records: recordIds(), reports: reports.length > 0 ? [...reports, 'some are lost'] : [], failed }
  return judge(expected, found, told)
}

if (existsSync(expectedFile)) {
  const expected = JSON.parse(readFileSync(expectedFile, 'utf8')) as Answers
  for (const folder of folders) {
    const isRepair = folder.endsWith('-repair')
    console.log(JSON.stringify(await (isRepair ? repaired(folder, expected) : outcomeOf(folder, expected))))
  }
} else {
  const opened = await open(folders[0] as string)
  if (typeof opened === 'string') throw new Error(opened)
  writeFileSync(expectedFile, JSON.stringify(await answersOf(opened, authors, () => process.exit(3))))
  await opened.machine.close()
}
