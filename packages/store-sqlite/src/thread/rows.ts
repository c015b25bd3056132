import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { hash as digest } from 'node:crypto'
import type { EntryFields, IndexFields } from '../messages.ts'
import { bytesChecksum, valuesChecksum } from './checksum.ts'
import { isDamage } from './sqlite-error.ts'

/** Columns of an entry without its bytes. */
export const FIELDS = 'id, record, hash, retain, writer, charged_to, cost, flags, length, bytes_crc, crc'

/** An entry as the database returns it: what the columns have when nothing is damaged. */
export interface EntryRow {
  readonly id: number
  readonly record: string
  readonly hash: Uint8Array
  readonly retain: number
  readonly writer: string
  readonly charged_to: string | null
  readonly cost: number
  readonly flags: number
  readonly length: number
  readonly bytes_crc: number
  readonly crc: number
  readonly bytes?: Uint8Array
}

/** 48 bits of SHA-256: the short form of a record. A collision costs 2^47 hashes or so, and only a look at one more entry. */
export function recordKey(record: string): number {
  return (digest('sha256', record, 'buffer') as Buffer).readUIntBE(0, 6)
}

/** The first 32 bits: the short form of a hash. */
export function hashKey(hash: string): number {
  return Number.parseInt(hash.slice(0, 8), 16)
}

export function hashBytes(hash: string): Uint8Array {
  return Buffer.from(hash, 'hex')
}

/** Hexadecimal digits of a hash; undefined when the column has none. */
export function hashText(hash: unknown): string | undefined {
  return hash instanceof Uint8Array ? Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('hex') : undefined
}

export function indexFields(row: EntryRow): IndexFields {
  const { record, hash, retain, writer, charged_to, cost, flags } = row
  return [record, hashText(hash) ?? '', retain, writer, charged_to ?? writer, cost, flags]
}

export function entryFields(row: EntryRow): EntryFields {
  return [...indexFields(row), row.length]
}

/** The columns that the checksums are kept in. */
export function checksums(
  [record, hash, retain, writer, chargedTo, cost, flags, length]: EntryFields,
  bytes: Uint8Array,
): [bytesCrc: number, crc: number] {
  const bytesCrc = bytesChecksum(bytes)
  return [bytesCrc, valuesChecksum([record, hash, retain, writer, chargedTo, cost, flags, length, bytesCrc])]
}

/** What of a row is not what was written: the fields, and the bytes if the row has them; undefined when it is intact. */
export function damageOf(row: EntryRow): string | undefined {
  const { bytes, bytes_crc: bytesCrc, crc } = row
  const found = valuesChecksum([...entryFields(row), bytesCrc])
  if (found !== crc) {
    return `its fields have the checksum ${found}; expected ${crc}`
  }
  if (bytes !== undefined) {
    const inBytes = bytes instanceof Uint8Array ? bytesChecksum(bytes) : undefined
    if (inBytes !== bytesCrc || bytes.length !== row.length) {
      return `its bytes have the checksum ${inBytes ?? 'of another type'}; expected ${bytesCrc}`
    }
  }
  return undefined
}

/** A statement that reads rows, also such with numbers that do not fit into one of JavaScript: those are NaN. */
export class Query {
  readonly #statement: StatementSync
  readonly #tolerant: StatementSync

  constructor(sql: DatabaseSync, text: string) {
    this.#statement = sql.prepare(text)
    this.#tolerant = sql.prepare(text)
    this.#tolerant.setReadBigInts(true)
  }

  /** @throws what SQLite throws */
  all<Row = EntryRow>(...values: ReadonlyArray<string | number | Uint8Array>): Row[] {
    try {
      return this.#statement.all(...values) as Row[]
    } catch (err) {
      if (!isDamage(err)) {
        throw err
      }
      return this.#tolerant.all(...values).map((row) => withNumbers(row) as Row)
    }
  }

  get<Row = EntryRow>(...values: ReadonlyArray<string | number | Uint8Array>): Row | undefined {
    return this.all<Row>(...values)[0]
  }
}

function withNumbers(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? toNumber(value) : value]),
  )
}

function toNumber(value: bigint): number {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : Number.NaN
}
