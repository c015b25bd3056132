import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Usage } from '@sr/vm'
import { StoreError } from '../errors.ts'
import { valuesChecksum } from './checksum.ts'
import { Query } from './rows.ts'

/** What a writer uses, as the database returns it. */
export interface UsageRow extends Usage {
  readonly writer: string
  readonly crc: number
}

export const NO_USAGE: Usage = { bytes: 0, records: 0 }

/** Writers whose usage is in memory, at most: those that write now. */
const MAX_CACHED = 4096

/** What each writer uses. */
export class UsageTable {
  readonly #select: Query
  readonly #save: StatementSync
  readonly #remove: StatementSync
  readonly #cache = new Map<string, Usage>()

  constructor(sql: DatabaseSync) {
    this.#select = new Query(sql, 'SELECT writer, bytes, records, crc FROM usage WHERE writer = ?')
    this.#save = sql.prepare('INSERT OR REPLACE INTO usage (writer, bytes, records, crc) VALUES (?, ?, ?, ?)')
    this.#remove = sql.prepare('DELETE FROM usage WHERE writer = ?')
  }

  /** @throws StoreError `STORE_DAMAGED` when the row is not what was written */
  of(writer: string): Usage {
    const cached = this.#cache.get(writer)
    if (cached !== undefined) {
      return cached
    }
    const row = this.#select.get<UsageRow>(writer)
    const damage = row === undefined ? undefined : damageOfUsage(row)
    if (damage !== undefined) {
      throw new StoreError('STORE_DAMAGED', damage)
    }
    const usage = row === undefined ? NO_USAGE : { bytes: row.bytes, records: row.records }
    this.#keep(writer, usage)
    return usage
  }

  /** Writes the row of a writer, or removes one of zeros. */
  set(writer: string, usage: Usage): void {
    const { bytes, records } = usage
    if (bytes === 0 && records === 0) {
      this.#remove.run(writer)
    } else {
      this.#save.run(writer, bytes, records, checksum(writer, bytes, records))
    }
    this.#keep(writer, usage)
  }

  /** Forgets what is in memory: a transaction was undone. */
  forget(): void {
    this.#cache.clear()
  }

  #keep(writer: string, usage: Usage): void {
    if (this.#cache.size >= MAX_CACHED && !this.#cache.has(writer)) {
      this.#cache.clear()
    }
    this.#cache.set(writer, usage)
  }
}

/** Says that a row is not what was written; undefined when it is. */
export function damageOfUsage({ writer, bytes, records, crc }: UsageRow): string | undefined {
  const found = checksum(writer, bytes, records)
  return found === crc ? undefined : `the usage of ${writer} has the checksum ${found}; expected ${crc}`
}

function checksum(writer: string, bytes: number, records: number): number {
  return valuesChecksum([writer, bytes, records])
}
