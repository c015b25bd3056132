import { mkdtempSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { sqliteStore } from '@sr/store-sqlite'
import type { StoreEntry } from '@sr/vm'
import type { Row } from './report.ts'
import { perSecond } from './report.ts'
import type { Serving } from './store-child.ts'
import { sample } from './store-sample.ts'

const CONCURRENT = 64
const UPDATES = 30_000
const ROUNDS = 3
const LARGE = 1_000_000
const SMALL = 10_000

/** Updates per second of the store against the engine alone, and a store of a million records. */
export async function suite(): Promise<Row[]> {
  const root = mkdtempSync(join(tmpdir(), 'sr-bench-store-'))
  try {
    return [await updates(root, true, 0.7), await updates(root, false, 0.5), ...largeStore(join(root, 'large'))]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Concurrent updates, then the groups that they formed on the engine alone; the median of the rounds' ratios counts. */
async function updates(root: string, durable: boolean, target: number): Promise<Row> {
  const entries = Array.from({ length: UPDATES }, (_, n) => sample(n))
  const rounds: Array<{ ours: number; bare: number; ratio: number; group: number }> = []
  for (let round = 0; round < ROUNDS; round++) {
    const folder = join(root, `${durable}-${round}`)
    const ours = await storeNs(folder, durable, entries)
    const { groups, schema } = inspect(folder)
    const bare = engineNs(join(root, `bare-${durable}-${round}`), { durable, entries, groups, schema })
    rounds.push({ ours, bare, ratio: bare / ours, group: UPDATES / groups })
  }
  const middle = rounds.sort((a, b) => a.ratio - b.ratio)[ROUNDS >> 1] as (typeof rounds)[number]
  return {
    work: `${CONCURRENT} updates at once, ${durable ? 'durable' : 'not durable'}`,
    figure: perSecond(middle.ours),
    against: `${perSecond(middle.bare)}, groups of ${middle.group.toFixed(0)} on the engine alone`,
    ratio: middle.ratio,
    target: `>= ${target}x`,
    met: middle.ratio >= target,
  }
}

async function storeNs(folder: string, durable: boolean, entries: readonly StoreEntry[]): Promise<number> {
  const store = sqliteStore({ folder, durable })
  await store.open()
  let next = 0
  const loop = async (): Promise<void> => {
    for (let entry = entries[next++]; entry !== undefined; entry = entries[next++]) {
      await store.commit({ put: [entry], drop: [], usage: [{ writer: entry.writer, bytes: entry.cost, records: 1 }] })
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: CONCURRENT }, loop))
  const ns = ((performance.now() - start) * 1e6) / entries.length
  await store.close()
  return ns
}

/** The number of transactions of a closed store, and its tables. */
function inspect(folder: string): { readonly groups: number; readonly schema: string } {
  const sql = new DatabaseSync(join(folder, 'store.sqlite'))
  const groups = Number(sql.prepare('SELECT commits FROM meta').get()?.['commits'])
  const statements = sql.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').all()
  sql.close()
  return { groups, schema: statements.map((row) => String(row['sql'])).join(';') }
}

interface Replay {
  readonly durable: boolean
  readonly entries: readonly StoreEntry[]
  readonly groups: number
  readonly schema: string
}

/** The same updates in as many transactions, of equal size, by statements on this thread without checks and checksums. */
function engineNs(folder: string, { durable, entries, groups, schema }: Replay): number {
  mkdirSync(folder)
  const sql = new DatabaseSync(join(folder, 'store.sqlite'))
  const synchronous = durable ? 'FULL' : 'NORMAL'
  sql.exec(`
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous};
    PRAGMA wal_autocheckpoint = 16384; PRAGMA cache_size = -32768; ${schema}`)
  const insert = sql.prepare(
    `INSERT INTO entries (record_key, hash_key, record, hash, retain, writer, charged_to, cost, flags, length, bytes_crc, crc, bytes)
     VALUES (?, ?, ?, ?, ?, ?, NULL, ?, 2, ?, 1, 1, ?)`,
  )
  const charge = sql.prepare(
    'INSERT INTO usage VALUES (?1, ?2, 1, 1) ON CONFLICT DO UPDATE SET bytes = bytes + ?2, records = records + 1',
  )
  const rows = entries.map(({ record, hash, retain, writer, cost, bytes }, n) => {
    const digest = Buffer.from(hash, 'hex')
    const key = (Math.imul(n, 2_654_435_761) >>> 0) * 2 ** 16
    return {
      writer,
      cost,
      values: [key, digest.readUInt32BE(0), record, digest, retain, writer, cost, bytes.length, bytes],
    }
  })
  const start = performance.now()
  for (let group = 0; group < groups; group++) {
    sql.exec('BEGIN IMMEDIATE')
    const from = Math.round((group * rows.length) / groups)
    for (const { writer, cost, values } of rows.slice(from, Math.round(((group + 1) * rows.length) / groups))) {
      insert.run(...values)
      charge.run(writer, cost)
    }
    sql.exec('COMMIT')
  }
  const ns = ((performance.now() - start) * 1e6) / rows.length
  sql.close()
  return ns
}

function largeStore(folder: string): Row[] {
  child('fill', folder, LARGE)
  child('fill', `${folder}-small`, SMALL)
  const mib = statSync(join(folder, 'store.sqlite')).size / 2 ** 20
  const small = child('serve', `${folder}-small`, SMALL) as Serving
  const { openMs, readUs, updateUs, expiryMs, loopP99Ms, loopMaxMs, rssMiB } = child('serve', folder, LARGE) as Serving
  const row = (work: string, figure: string, value: number, bound: number, unit: string): Row => ({
    work: `${LARGE} records of one update: ${work}`,
    figure,
    against: '',
    ratio: value / bound,
    target: `<= ${bound} ${unit}`,
    met: value <= bound,
  })
  return [
    row('resident memory', `${rssMiB.toFixed(0)} MiB, ${mib.toFixed(0)} MiB on disk`, rssMiB, 500, 'MiB'),
    row('open to first answer', `${openMs.toFixed(0)} ms`, openMs, 3000, 'ms'),
    row('expiry of all', `${(expiryMs / 1000).toFixed(1)} s`, expiryMs / 1000, 60, 's'),
    row(
      'event loop meanwhile, p99',
      `${loopP99Ms.toFixed(1)} ms, at most ${loopMaxMs.toFixed(0)} ms`,
      loopP99Ms,
      20,
      'ms',
    ),
    {
      work: `an update, 64 at once, not durable, beside that of ${SMALL} records`,
      figure: `${updateUs.toFixed(0)} µs`,
      against: `${small.updateUs.toFixed(0)} µs`,
      ratio: updateUs / small.updateUs,
      target: '<= 1.5x',
      met: updateUs / small.updateUs <= 1.5,
    },
    {
      work: 'a read of it, 64 at once',
      figure: `${readUs.toFixed(0)} µs`,
      against: '',
      ratio: undefined,
      target: '',
      met: true,
    },
  ]
}

/** Runs `store-child.ts` and returns what it prints. */
function child(mode: string, folder: string, count: number): unknown {
  const file = fileURLToPath(new URL('./store-child.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, mode, folder, String(count)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${mode} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout)
}
