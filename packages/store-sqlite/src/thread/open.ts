import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import { connect, damaged, Database, type DatabaseOptions } from './database.ts'
import { FILES } from './files.ts'
import { type Head, Marker, readHead, syncFolder } from './marker.ts'
import { type Meta, NO_META, readMeta, saveMeta } from './meta.ts'
import { APPLICATION_ID, createTables, FORMAT, MIGRATIONS, type Migrations } from './schema.ts'

/** How a folder is opened. */
export interface OpenMode {
  /** receives damage that does not keep the store from being opened */
  readonly onDamaged: (reason: string) => void
  /** receives what would refuse the store otherwise, for a check; the marker stays as it is until `acceptHead` */
  readonly tolerate?: (problem: string) => void
  /** from versions of the format before this one; the tests have some of their own */
  readonly migrations?: Migrations
}

/**
 * Opens the store of a folder, or begins one in a folder without.
 *
 * @throws StoreError `STORE_MISSING`, `STORE_VERSION`, `STORE_LOCKED`, `STORE_DAMAGED`; what SQLite and the system throw
 */
export function openDatabase(options: DatabaseOptions, mode: OpenMode): Database {
  const { folder } = options
  assertPresent(folder, mode.tolerate === undefined)
  mkdirSync(folder, { recursive: true })
  const sql = connect(join(folder, FILES.database), options)
  try {
    // after the lock: another process may just have begun the store
    const head = readHead(join(folder, FILES.marker))
    const isNew = isEmpty(sql)
    if (isNew) {
      begin(sql, folder, head)
    } else {
      assertVersion(sql, folder, head, mode.migrations ?? MIGRATIONS)
    }
    const refuse = (problem: string): void => {
      if (mode.tolerate === undefined) {
        throw damaged(folder, problem)
      }
      mode.tolerate(problem)
    }
    const meta = countersOf(sql, head, refuse)
    compareHead(meta.commits, head, refuse, mode.tolerate ?? mode.onDamaged)
    const known = typeof head === 'object' ? Math.min(head.synced, meta.commits) : 0
    const marker = new Marker(join(folder, FILES.marker))
    const database = new Database({ sql, marker, options, meta, synced: known, keepsHead: mode.tolerate !== undefined })
    if (mode.tolerate === undefined && (typeof head !== 'object' || head.format !== FORMAT)) {
      database.acceptHead()
      syncFolder(folder)
      syncFolder(dirname(folder))
    }
    return database
  } catch (err) {
    sql.close()
    throw err
  }
}

/** @throws StoreError `STORE_MISSING` when the database is gone, and without `begins` also in a new folder */
function assertPresent(folder: string, begins: boolean): void {
  const database = join(folder, FILES.database)
  if (!begins && !existsSync(folder)) {
    throw new StoreError('STORE_MISSING', `there is no folder ${folder}`)
  }
  const rest = [FILES.marker, FILES.log].find((file) => existsSync(join(folder, file)))
  if (rest !== undefined && (!existsSync(database) || statSync(database).size === 0)) {
    const found = existsSync(database) ? 'empty' : 'missing'
    throw new StoreError(
      'STORE_MISSING',
      `${FILES.database} is ${found} in ${folder}, where ${rest} shows that there was a store`,
    )
  }
  if (!begins && !existsSync(database)) {
    throw new StoreError('STORE_MISSING', `${FILES.database} is missing in ${folder}`)
  }
}

function isEmpty(sql: DatabaseSync): boolean {
  return sql.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
}

function begin(sql: DatabaseSync, folder: string, head: Head | 'damaged' | undefined): void {
  if (head !== undefined) {
    throw damaged(folder, `${FILES.database} has no tables, and ${FILES.marker} shows that it had some`)
  }
  sql.exec('BEGIN IMMEDIATE')
  createTables(sql)
  saveMeta(sql, NO_META)
  sql.exec('COMMIT')
}

/** Migrates an older version. @throws StoreError `STORE_VERSION` for a later one */
function assertVersion(
  sql: DatabaseSync,
  folder: string,
  head: Head | 'damaged' | undefined,
  migrations: Migrations,
): void {
  if (pragma(sql, 'application_id') !== APPLICATION_ID) {
    throw damaged(folder, `${FILES.database} is not the database of a store`)
  }
  const version = pragma(sql, 'user_version')
  const latest = Math.max(version, typeof head === 'object' ? head.format : 0)
  if (latest > FORMAT) {
    const expected = `this version of the package reads formats up to ${FORMAT}`
    throw new StoreError('STORE_VERSION', `the store in ${folder} has format ${latest}; ${expected}`)
  }
  if (version < FORMAT) {
    migrate(sql, folder, version, migrations)
  }
}

/** All steps are one transaction: a process that ends meanwhile leaves the old version. */
function migrate(sql: DatabaseSync, folder: string, version: number, migrations: Migrations): void {
  sql.exec('BEGIN IMMEDIATE')
  for (let from = version; from < FORMAT; from++) {
    const step = migrations[from]
    if (step === undefined) {
      throw new StoreError(
        'STORE_VERSION',
        `the store in ${folder} has format ${from}, which this version of the package no longer reads`,
      )
    }
    step(sql)
  }
  sql.exec(`PRAGMA user_version = ${FORMAT}; COMMIT`)
}

function pragma(sql: DatabaseSync, name: string): number {
  return Number(Object.values(sql.prepare(`PRAGMA ${name}`).get() ?? {})[0])
}

function countersOf(sql: DatabaseSync, head: Head | 'damaged' | undefined, refuse: (problem: string) => void): Meta {
  try {
    return readMeta(sql)
  } catch (err) {
    if (!(err instanceof StoreError)) {
      throw err
    }
    refuse(err.message)
    return { ...NO_META, commits: typeof head === 'object' ? head.commits : 0 }
  }
}

/** Compares the number of commits in the database with that in the marker, which is written after each commit. */
function compareHead(
  commits: number,
  head: Head | 'damaged' | undefined,
  refuse: (problem: string) => void,
  report: (problem: string) => void,
): void {
  if (head === 'damaged' && commits > 0) {
    refuse(`the checksum of ${FILES.marker} is wrong`)
  } else if (typeof head !== 'object') {
    // a process that ended before it wrote its first marker, or lost its power then, has left a store without commits
    if (commits > 0) {
      refuse(`${FILES.marker} is missing`)
    }
  } else if (head.synced > commits) {
    refuse(
      `the last ${head.commits - commits} commits are lost: ${FILES.database} and its log have ${commits} of ${head.commits}`,
    )
  } else if (head.commits > commits) {
    report(`the last ${head.commits - commits} commits are lost: they were not on the disk yet when the power failed`)
  }
}
