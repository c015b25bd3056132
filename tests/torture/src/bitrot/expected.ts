import { recordId, type StoreIndex } from '@sr/vm'
import type { Authors } from '../authors.ts'
import { indexOf } from '../inspect.ts'
import type { Opened } from '../open.ts'
import { keyOf, RECORDS } from '../streams.ts'

/** Longest text of an update. */
export const BYTES = 400

/** The last update of each stream in the store whose files are damaged. */
export const LAST = 11

/** What a machine answers over a store: texts, so that two of them compare. */
export interface Answers {
  /** by record: writer and document in dag-cbor */
  readonly documents: ReadonlyArray<Readonly<Record<string, string>>>
  /** by record: the verbatim updates */
  readonly updates: ReadonlyArray<readonly string[]>
  readonly index: readonly string[]
  readonly usage: readonly string[]
  readonly totals: string
}

/** Asks a machine for everything; `failed` receives each call that rejects, with its record if it has one. */
export async function answersOf(
  { machine }: Opened,
  authors: Authors,
  failed: (record: number | undefined) => void,
): Promise<Answers> {
  const ask = async <T>(call: () => Promise<T>, otherwise: T, record?: number): Promise<T> => {
    try {
      return await call()
    } catch {
      failed(record)
      return otherwise
    }
  }
  const documents: Array<Record<string, string>> = []
  const updates: string[][] = []
  for (let record = 0; record < RECORDS; record++) {
    documents.push(
      await ask(
        async () => {
          const found = (await machine.get(keyOf(record))).documents
          return Object.fromEntries(
            [...found].map(([writer, { bytes }]) => [writer, Buffer.from(bytes).toString('base64')]),
          )
        },
        {},
        record,
      ),
    )
    const read = async (): Promise<string[]> => {
      const all: string[] = []
      for (let after: Uint8Array | undefined; ;) {
        const page = await machine.getUpdates(keyOf(record), after === undefined ? {} : { after })
        all.push(...page.updates.map((bytes) => Buffer.from(bytes).toString('base64')))
        if (page.after === undefined) return all
        after = page.after
      }
    }
    updates.push(await ask(read, [], record))
  }
  return {
    documents,
    updates,
    index: await ask(async () => (await indexOf(machine)).map(textOf), []),
    usage: await Promise.all(
      authors.all.map(async ({ writer }) => await ask(async () => JSON.stringify(await machine.usage(writer)), '')),
    ),
    totals: await ask(async () => JSON.stringify((await machine.info()).totals), ''),
  }
}

export function recordIds(): string[] {
  return Array.from({ length: RECORDS }, (_, record) => recordId(keyOf(record)))
}

function textOf(one: StoreIndex): string {
  return JSON.stringify(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
}
