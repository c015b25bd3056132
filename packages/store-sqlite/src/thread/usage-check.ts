import type { DatabaseSync } from 'node:sqlite'
import type { Usage } from '@sr/vm'
import { compareKeys } from './index-sums.ts'
import type { Meta } from './meta.ts'
import { Query } from './rows.ts'
import { isDamage } from './sqlite-error.ts'
import { damageOfUsage, type UsageRow } from './usage.ts'

/** Rows that are read at once: about 2 ms. */
const SLICE = 1000

/**
 * Compares the rows of the usage with their checksums, and their sum with the totals, in slices between which the store is read and written. A look-up
 * of a writer compares its row; when the writer's name or a page was changed it finds no row, and would answer that nothing is used.
 */
export class UsageCheck {
  readonly #query: Query
  readonly #report: (reason: string) => void
  readonly #slice: number
  /** the last writer that was read */
  #last: string | undefined
  /** the sum of the rows up to that one, as they are now */
  readonly #sum = { bytes: 0, records: 0 }

  /** `slice`: rows of a slice, at most. */
  constructor(sql: DatabaseSync, report: (reason: string) => void, slice: number = SLICE) {
    this.#query = new Query(
      sql,
      'SELECT writer, bytes, records, crc FROM usage WHERE writer >= ? ORDER BY writer LIMIT ?',
    )
    this.#report = report
    this.#slice = slice
  }

  /** Reads a slice; `meta` has what the rows should add up to. Returns whether there is more. */
  step(meta: Pick<Meta, 'bytes' | 'documents'>): boolean {
    const damage = this.#find(meta)
    if (damage === 'more') {
      return true
    }
    if (damage !== 'intact') {
      this.#report(`${damage}: until a check repairs it, a writer may be charged for less than it has`)
    }
    return false
  }

  /** Follows a change of the part that was read. */
  changed(writer: string, { bytes, records }: Usage): void {
    if (this.#last !== undefined && compareKeys([writer], [this.#last]) <= 0) {
      this.#sum.bytes += bytes
      this.#sum.records += records
    }
  }

  #find({ bytes, documents }: Pick<Meta, 'bytes' | 'documents'>): 'more' | 'intact' | string {
    const last = this.#last
    let rows: UsageRow[]
    try {
      rows = this.#query.all<UsageRow>(last ?? '', this.#slice + 1)
    } catch (err) {
      if (!isDamage(err)) {
        throw err
      }
      return `the usage cannot be read (${String(err)})`
    }
    // a writer that was read and has no row any more leaves no row to skip
    for (const row of rows[0]?.writer === last ? rows.slice(1) : rows) {
      const damage = damageOfUsage(row)
      if (damage !== undefined) {
        return damage
      }
      if (this.#last !== undefined && !(compareKeys([row.writer], [this.#last]) > 0)) {
        return 'the usage is not in its order'
      }
      this.#sum.bytes += row.bytes
      this.#sum.records += row.records
      this.#last = row.writer
    }
    if (rows.length > this.#slice) {
      return 'more'
    }
    const isSame = this.#sum.bytes === bytes && this.#sum.records === documents
    return isSame ? 'intact' : 'the usage does not agree with the totals'
  }
}
