import type { DatabaseSync } from 'node:sqlite'
import { valuesChecksum } from './checksum.ts'
import { sumIndexes } from './index-sums.ts'
import { type Meta, saveMeta } from './meta.ts'

/** Version of the database's format, in `user_version` and in the marker. */
export const FORMAT = 2

/** `application_id` of the database: "SRec" in ASCII. */
export const APPLICATION_ID = 0x53526563

/** Brings a database to the next version; the key is the version it has. All run in one transaction. */
export type Migrations = Readonly<Record<number, (sql: DatabaseSync) => void>>

/** Version 1 is the first; it had no sums of the indexes. */
export const MIGRATIONS: Migrations = { 1: addIndexSums }

/**
 * The tables of an empty database.
 *
 * - `entries.id` is in the order of the puts, so that a put writes to the end of the table.
 * - `record_key` and `hash_key` are short forms of record and hash: an index with them has a quarter of the size of one with both in full, and an
 *   entry changes a page of it at random. A lookup compares record and hash of the entries that it finds.
 * - `charged_to` is NULL for the writer.
 * - `crc` is over all other columns of an entry but the short forms and the bytes, and `bytes_crc` over the bytes, so that a page of the index is read
 *   without them.
 */
const SCHEMA = `
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    record_key INTEGER NOT NULL,
    hash_key INTEGER NOT NULL,
    record TEXT NOT NULL,
    hash BLOB NOT NULL,
    retain INTEGER NOT NULL,
    writer TEXT NOT NULL,
    charged_to TEXT,
    cost INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    length INTEGER NOT NULL,
    bytes_crc INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    bytes BLOB NOT NULL
  );
  CREATE INDEX entries_by_record ON entries (record_key, hash_key);
  CREATE INDEX entries_by_retain ON entries (retain, record);
  CREATE INDEX entries_resumed ON entries (record) WHERE flags & 1;
  CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    record TEXT,
    hash BLOB,
    retain INTEGER,
    writer TEXT,
    charged_to TEXT,
    cost INTEGER,
    flags INTEGER,
    length INTEGER,
    bytes_crc INTEGER,
    crc INTEGER,
    bytes BLOB,
    reason TEXT NOT NULL
  );
  CREATE TABLE usage (
    writer TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    records INTEGER NOT NULL,
    crc INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    commits INTEGER NOT NULL,
    time INTEGER,
    entries INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    documents INTEGER NOT NULL,
    record_sum INTEGER NOT NULL,
    retain_sum INTEGER NOT NULL,
    resumed_sum INTEGER NOT NULL,
    crc INTEGER NOT NULL
  );
`

/** Makes an empty database one of a store, but for the row of `meta`; inside a transaction. */
export function createTables(sql: DatabaseSync): void {
  sql.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT}; ${SCHEMA}`)
}

/** From version 1 to 2. Damaged counters stay damaged. */
function addIndexSums(sql: DatabaseSync): void {
  const before = sql.prepare('SELECT commits, time, entries, bytes, documents, crc FROM meta').get()
  sql.exec(`
    ALTER TABLE meta ADD COLUMN record_sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE meta ADD COLUMN retain_sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE meta ADD COLUMN resumed_sum INTEGER NOT NULL DEFAULT 0;
  `)
  const { crc, ...meta } = { ...before }
  if (before !== undefined && crc === valuesChecksum(Object.values(meta))) {
    saveMeta(sql, { ...(meta as unknown as Meta), ...sumIndexes(sql) })
  }
}
