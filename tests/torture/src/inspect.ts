import type { LocalMachine, StoreIndex } from '@sr/vm'
import type { Authors } from './authors.ts'
import { openMachine } from './open.ts'
import { keyOf, lastApplied, RECORDS, STREAMS } from './streams.ts'

/** What a process that opens a store finds. */
export interface Inspection {
  /** why the machine does not start; undefined when it does */
  readonly refused: string | undefined
  /** the update that each stream shows the state after */
  readonly last: ReadonlyArray<number | 'half'>
  /** what does not agree: usage, totals, what `check` finds */
  readonly problems: readonly string[]
  /** damage and losses that the store reports */
  readonly reports: readonly string[]
}

/** Opens the store of a folder and compares everything in it. */
export async function inspect(folder: string, authors: Authors, bytes: number): Promise<Inspection> {
  let opened
  try {
    opened = await openMachine({ folder, authors })
  } catch (err) {
    const { code, message, cause } = err as Error & { code?: string }
    return {
      refused: `${code}: ${message}: ${String((cause as Error | undefined)?.message)}`,
      last: [],
      problems: [],
      reports: [],
    }
  }
  const { machine, store, reports } = opened
  try {
    const last = await lastOfAll(machine, authors, bytes)
    const problems = await disagreements(machine, authors)
    const report = await store.check({ repair: false })
    problems.push(...report.problems, ...report.damaged.map(({ record, reason }) => `${record}: ${reason}`))
    return { refused: undefined, last, problems, reports }
  } finally {
    await machine.close()
  }
}

/** What each stream shows. */
export async function lastOfAll(
  machine: LocalMachine,
  authors: Authors,
  bytes: number,
): Promise<Array<number | 'half'>> {
  const views = await Promise.all(
    Array.from({ length: RECORDS }, async (_, record) => await machine.get(keyOf(record))),
  )
  return STREAMS.map(({ writer, record }) => {
    const view = views[record]?.documents.get(String(authors.all[writer]?.writer))
    return lastApplied(view?.document, bytes)
  })
}

/** The whole index of a machine's store. */
export async function indexOf(machine: Pick<LocalMachine, 'indexPage'>): Promise<StoreIndex[]> {
  const all: StoreIndex[] = []
  for (let after: StoreIndex | undefined; ; after = all.at(-1)) {
    const page = await machine.indexPage({ ...(after === undefined ? {} : { after }), limit: 1000 })
    all.push(...page)
    if (page.length < 1000) return all
  }
}

/** Compares usage, totals and single updates with the index. */
export async function disagreements(machine: LocalMachine, authors: Authors): Promise<string[]> {
  const index = await indexOf(machine)
  const problems: string[] = []
  const same = (what: string, found: number, expected: number): void => {
    if (found !== expected) problems.push(`${what} is ${found}; the index says ${expected}`)
  }
  const { totals } = await machine.info()
  same('the total of updates', totals.entries, index.length)
  same(
    'the total of bytes',
    totals.bytes,
    index.reduce((sum, { cost }) => sum + cost, 0),
  )
  let documents = 0
  for (const { writer } of authors.all) {
    const own = index.filter((one) => one.chargedTo === writer)
    const { records } = await machine.usage(writer)
    same(`the number of records of ${writer}`, records, new Set(own.map(({ record }) => record)).size)
    documents += records
  }
  same('the total of documents', totals.documents, documents)
  return problems
}
