/** A line of a bench: a figure, what it is held against, and whether it got there. */
export interface Row {
  readonly work: string
  readonly figure: string
  /** what it is compared with, measured in the same run */
  readonly against: string
  /** ours to theirs, as speed; or the figure to its bound */
  readonly ratio: number | undefined
  readonly target: string
  readonly met: boolean
}

/** Prints rows as a table, or as JSON. */
export function report(rows: readonly Row[], json: boolean): void {
  if (json) {
    console.log(JSON.stringify(rows, undefined, 2))
    return
  }
  const table = [
    ['work', 'figure', 'against', 'ratio', 'target', ''],
    ...rows.map((row) => [
      row.work,
      row.figure,
      row.against,
      row.ratio === undefined ? '' : `${row.ratio.toFixed(2)}x`,
      row.target,
      row.target === '' ? '' : row.met ? 'met' : 'MISSED',
    ]),
  ]
  printTable(table)
}

/** Prints lines of cells in columns. */
export function printTable(table: readonly string[][]): void {
  const widths = (table[0] as string[]).map((_, column) =>
    Math.max(...table.map((line) => (line[column] as string).length)),
  )
  for (const line of table) {
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd(),
    )
  }
}

/** A speed in words: operations a second. */
export function perSecond(ns: number): string {
  const ops = 1e9 / ns
  return ops >= 1000 ? `${(ops / 1000).toFixed(1)}k/s` : `${ops.toFixed(1)}/s`
}
