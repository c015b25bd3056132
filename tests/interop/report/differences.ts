import type { Row } from './row.ts'

/** What differs from Go on purpose. */
export interface Difference {
  readonly row: string
  readonly direction: string
  /** what Go with Go comes to */
  readonly go: string
  /** what is seen instead */
  readonly seen: string
  readonly why: string
}

const COLUMNS = ['row', 'direction', 'Go', 'seen', 'why']

/**
 * The differences in the tables of a Markdown text whose columns are row, direction, Go, seen and
 * why. A direction cell may name several, with commas. Other tables are prose.
 *
 * @throws SyntaxError for a line of such a table that is not like that
 */
export function parseDifferences(markdown: string): Difference[] {
  const found: Difference[] = []
  let inTable = false
  for (const [i, line] of markdown.split('\n').entries()) {
    const cells = cellsOf(line)
    if (cells === undefined) {
      inTable = false
    } else if (cells.join() === COLUMNS.join()) {
      inTable = true
    } else if (inTable && !cells.every((cell) => /^-+$/.test(cell))) {
      found.push(...differencesIn(cells, i + 1))
    }
  }
  return found
}

function cellsOf(line: string): string[] | undefined {
  return /^\|.*\|$/.test(line)
    ? line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => unquoted(cell.trim().replaceAll('\\|', '|')))
    : undefined
}

/** A cell without its code quotes; what was seen may hold a backquote, and then stands between two. */
function unquoted(cell: string): string {
  const [, , text] = /^(`+) ?(.*?) ?\1$/.exec(cell) ?? []
  return text ?? cell
}

function differencesIn(cells: string[], line: number): Difference[] {
  const [row, directions, go, seen, why] = cells
  if (
    row === undefined ||
    directions === undefined ||
    go === undefined ||
    seen === undefined ||
    why === undefined ||
    cells.length !== COLUMNS.length ||
    cells.includes('')
  ) {
    throw new SyntaxError(`known differences, line ${line}: ${COLUMNS.length} cells are needed, and something in each`)
  }
  return directions.split(', ').map((direction) => ({ row, direction, go, seen, why }))
}

/** What is wrong with the list itself: lines that name no row, say another thing of Go than the row, or say it twice. */
export function faultsOf(differences: readonly Difference[], rows: readonly Row[]): string[] {
  const seen = new Set<string>()
  return differences.flatMap((difference) => {
    const name = `${difference.row} (${difference.direction})`
    const twice = seen.has(name)
    seen.add(name)
    const row = rows.find((one) => isOf(difference, one))
    return [
      ...(twice ? [`${name}: listed twice`] : []),
      ...(row === undefined ? [`${name}: there is no such row`] : []),
      ...(row !== undefined && row.wanted !== difference.go
        ? [`${name}: of Go it says ${difference.go}, and the row ${row.wanted}`]
        : []),
      ...(difference.go === difference.seen ? [`${name}: there is no difference`] : []),
    ]
  })
}

export function isOf(difference: Difference, row: Pick<Row, 'name' | 'direction'>): boolean {
  return difference.row === row.name && difference.direction === row.direction
}
