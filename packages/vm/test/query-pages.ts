// Reads queries page by page, as a client does.
import type { Position, View } from '@sr/ir'
import { joinPieces, type Node } from '@sr/xr'
import type { Selector } from '@sr/xr/selector'
import fc from 'fast-check'
import {
  cursorCheck,
  decodeCursor,
  encodeCursor,
  selectRows,
  type Row,
  type RowPage,
  type RowPosition,
  type SelectOptions,
} from '../src/query/index.ts'
import { nameOf, Writer } from './query-oracle.ts'

/** Random cases per law; `SR_SEED` repeats a run, and fast-check prints the seed of a failure. */
export const RUNS = {
  numRuns: Number(process.env['SR_RUNS'] ?? 400),
  ...(process.env['SR_SEED'] === undefined ? {} : { seed: Number(process.env['SR_SEED']) }),
}
export const CHECK = cursorCheck(Uint8Array.of(1), [])

/** More pages than any read here takes. */
export const MOST_PAGES = 5000

/** A row as the oracle names it. */
export const named = ({ path, node, isMember }: Row): string =>
  nameOf({ path, member: isMember ? node : undefined }, node)

/** Sends a position through a cursor, as a client does. */
export function carried({ position, inside }: RowPosition): RowPosition {
  const cursor = decodeCursor(encodeCursor({ writer: 'ann', position, inside }, CHECK), CHECK)
  return { position: cursor.position as Position, inside: cursor.inside }
}

/** Reads all pages; `between` runs before each page and returns the view to read. */
export function readRows(
  between: () => View,
  selector: Selector,
  options: SelectOptions,
  most = MOST_PAGES,
): RowPage[] {
  const pages: RowPage[] = []
  let after: RowPosition | undefined
  do {
    const page = selectRows(between(), selector, { ...options, after })
    pages.push(page)
    after = page.after === undefined ? undefined : carried(page.after)
    if (pages.length > most) throw new Error('the pages do not end')
  } while (after !== undefined)
  return pages
}

/** Rows with the pieces of a container joined. */
export function joined(rows: readonly Row[]): Row[] {
  const whole: Row[] = []
  let open: Row[] = []
  for (const row of rows) {
    const last = open.at(-1)
    if (
      last !== undefined &&
      nameOf({ path: last.path, member: undefined }) !== nameOf({ path: row.path, member: undefined })
    ) {
      open = []
    }
    open.push(row)
    if (!row.goesOn) {
      whole.push({ ...row, node: joinPieces(open.map(({ node }) => node)) as Node })
      open = []
    }
  }
  return whole
}

/** How often each name occurs. */
export function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

export const limits = fc.record({
  budget: fc.integer({ min: 1, max: 30 }),
  maxRows: fc.integer({ min: 1, max: 12 }),
  maxBytes: fc.constantFrom(1, 120, 200, 400, 4000, 1e6),
})

/** Says the bodies one after another, some of them between pages. */
export function teller(
  writer: Writer,
  rest: readonly Node[],
  gaps: readonly number[],
): { views: View[]; next: () => View } {
  const views: View[] = []
  const left = [...rest]
  let page = 0
  const next = (): View => {
    const count = page === 0 ? 0 : (gaps[page % Math.max(gaps.length, 1)] ?? 0)
    const bodies = left.splice(0, count)
    for (const body of bodies) writer.say(body)
    page++
    if (bodies.length > 0 || views.length === 0) views.push(writer.view())
    return views.at(-1) as View
  }
  return { views, next }
}

export function told(said: readonly Node[]): Writer {
  const writer = new Writer()
  for (const body of said) writer.say(body)
  return writer
}
