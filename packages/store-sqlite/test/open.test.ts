import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { sqliteStore } from '../src/index.ts'
import { openDatabase } from '../src/thread/open.ts'
import { FORMAT } from '../src/thread/schema.ts'
import { changeDatabase, changeMeta, codeOf, entry, filledFolder, newFolder, withStore } from './setup.ts'

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

/** A process that commits update after update, until it is killed. Resolves when it has committed some. */
async function writingProcess(folder: string, { durable }: { durable: boolean }): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, folder, String(durable)])
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  await new Promise<void>((resolve, reject) => {
    let lines = 0
    child.stdout.on('data', (text: Buffer) => {
      lines += text.toString().split('\n').length - 1
      if (lines >= 20) resolve()
    })
    child.on('exit', () => {
      reject(new Error(errors))
    })
  })
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => {
    child.on('exit', resolve)
  })
  child.kill('SIGKILL')
  await ended
}

async function killedFolder(options: { durable: boolean }): Promise<string> {
  const folder = newFolder()
  await kill(await writingProcess(folder, options))
  return folder
}

const database = (folder: string): string => join(folder, 'store.sqlite')
const marker = (folder: string): string => join(folder, 'store.mark')

const REFUSED: ReadonlyArray<{ name: string; code: string; message: RegExp; damage: (folder: string) => void }> = [
  {
    name: 'the database is gone',
    code: 'STORE_MISSING',
    message: /store.sqlite is missing/,
    damage: (folder) => rmSync(database(folder)),
  },
  {
    name: 'the database is empty',
    code: 'STORE_MISSING',
    message: /store.sqlite is empty/,
    damage: (folder) => truncateSync(database(folder)),
  },
  {
    name: 'the database and the marker are gone, and the log is there',
    code: 'STORE_MISSING',
    message: /store.sqlite-wal shows/,
    damage: (folder) => {
      rmSync(database(folder))
      renameSync(marker(folder), `${database(folder)}-wal`)
    },
  },
  {
    name: 'another database is in its place, without tables',
    code: 'STORE_DAMAGED',
    message: /has no tables/,
    damage: (folder) => {
      rmSync(database(folder))
      changeDatabase(folder, 'PRAGMA user_version = 1')
    },
  },
  {
    name: 'another database is in its place',
    code: 'STORE_DAMAGED',
    message: /not the database of a store/,
    damage: (folder) => {
      rmSync(database(folder))
      changeDatabase(folder, 'CREATE TABLE pages (a)')
    },
  },
  {
    name: 'the file is no database',
    code: 'STORE_DAMAGED',
    message: /not a database/,
    damage: (folder) => writeFileSync(database(folder), 'x'.repeat(9999)),
  },
  {
    name: 'a later version wrote it',
    code: 'STORE_VERSION',
    message: /has format 3;.*up to 2/,
    damage: (folder) => changeDatabase(folder, `PRAGMA user_version = ${FORMAT + 1}`),
  },
  {
    name: 'an older version wrote it that nothing migrates',
    code: 'STORE_VERSION',
    message: /format 0/,
    damage: (folder) => changeDatabase(folder, 'PRAGMA user_version = 0'),
  },
  {
    name: 'the marker is gone',
    code: 'STORE_DAMAGED',
    message: /store.mark is missing/,
    damage: (folder) => rmSync(marker(folder)),
  },
  {
    name: 'the marker is damaged',
    code: 'STORE_DAMAGED',
    message: /checksum of store.mark/,
    damage: (folder) =>
      writeFileSync(
        marker(folder),
        readFileSync(marker(folder), 'latin1').replace('commits=0000000000000003', 'commits=0000000000000002'),
      ),
  },
  {
    name: 'the database is an older copy',
    code: 'STORE_DAMAGED',
    message: /the last 2 commits are lost: .* have 1 of 3/,
    damage: (folder) => changeMeta(folder, { commits: 1 }),
  },
  {
    name: 'the counters are damaged',
    code: 'STORE_DAMAGED',
    message: /counters/,
    damage: (folder) => changeDatabase(folder, 'UPDATE meta SET bytes = 9'),
  },
  {
    name: 'the counters are gone',
    code: 'STORE_DAMAGED',
    message: /counters/,
    damage: (folder) => changeDatabase(folder, 'DELETE FROM meta'),
  },
]

describe('a store is refused when', () => {
  test.each(REFUSED)('$name', async ({ code, message, damage }) => {
    const folder = await filledFolder(3)
    damage(folder)
    const opening = sqliteStore({ folder }).open()
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    await expect(sqliteStore({ folder }).open()).rejects.toMatchObject({ code })
  })
})

test('a store whose refused open is undone opens: a refusal changes nothing', async () => {
  const folder = await filledFolder(3)
  renameSync(database(folder), `${folder}.away`)
  expect(await codeOf(sqliteStore({ folder }).open())).toBe('STORE_MISSING')
  renameSync(`${folder}.away`, database(folder))
  await withStore({ folder }, async (store) => {
    expect((await store.totals()).entries).toBe(3)
  })
})

test('a folder is created with its parents, and may have other files', async () => {
  const folder = join(newFolder(), 'a', 'b')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'notes.txt'), 'x')
  await withStore({ folder }, async (store) => {
    expect(await store.totals()).toEqual({ entries: 0, bytes: 0, documents: 0 })
  })
})

test('a process that ended before it wrote its first marker has left a new store', async () => {
  const folder = await filledFolder(0)
  rmSync(marker(folder))
  await withStore({ folder }, async (store) => {
    await store.commit({ put: [entry(1)], drop: [], usage: [] })
    expect((await store.totals()).entries).toBe(1)
  })
})

test('an older version is migrated, in one transaction', async () => {
  const folder = await filledFolder(2)
  changeDatabase(folder, `ALTER TABLE entries RENAME COLUMN cost TO price; PRAGMA user_version = ${FORMAT - 1}`)
  const options = { folder, durable: true, minFreeBytes: 0, cacheBytes: 2 ** 20 }
  const half = {
    [FORMAT - 1]: () => {
      throw new Error('power failed')
    },
  }
  expect(() => openDatabase(options, { onDamaged: () => {}, migrations: half })).toThrow('power failed')
  const migrations = {
    [FORMAT - 1]: (sql: { exec(text: string): void }) => sql.exec('ALTER TABLE entries RENAME COLUMN price TO cost'),
  }
  openDatabase(options, { onDamaged: () => {}, migrations }).close()
  await withStore({ folder }, async (store) => {
    expect((await store.read('r1')).entries).toEqual([entry(1)])
  })
})

test.each(['', '\0'.repeat(87), 'sr-store'])(
  'a store without commits whose marker is %j: the power failed when it began',
  async (text) => {
    const folder = await filledFolder(0)
    writeFileSync(marker(folder), text)
    await withStore({ folder }, async (store) => {
      await store.commit({ put: [entry(1)], drop: [], usage: [] })
    })
    await withStore({ folder }, async (store) => {
      expect((await store.totals()).entries).toBe(1)
    })
  },
)

describe('a lock', () => {
  test('keeps a second store of this process out, until the first is closed', async () => {
    const folder = newFolder()
    await withStore({ folder }, async (store) => {
      await expect(sqliteStore({ folder }).open()).rejects.toMatchObject({ code: 'STORE_LOCKED' })
      await expect(sqliteStore({ folder }).check({ repair: false })).rejects.toMatchObject({ code: 'STORE_LOCKED' })
      await store.commit({ put: [entry(1)], drop: [], usage: [] })
    })
    await withStore({ folder }, async (store) => {
      expect((await store.totals()).entries).toBe(1)
    })
  })

  test('keeps another process out, until that is killed', async () => {
    const folder = newFolder()
    const child = await writingProcess(folder, { durable: true })
    await expect(sqliteStore({ folder }).open()).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    await kill(child)
    await withStore({ folder }, async (store) => {
      expect((await store.totals()).entries).toBeGreaterThanOrEqual(20)
    })
  })
})

describe('after a kill, the log', () => {
  test('lost: refused, with the number of commits, until a repair accepts it', async () => {
    const folder = await killedFolder({ durable: true })
    rmSync(`${database(folder)}-wal`)
    await expect(sqliteStore({ folder }).open()).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringMatching(/the last \d+ commits are lost/),
    })
    const store = sqliteStore({ folder })
    expect(await store.check({ repair: false })).toMatchObject({
      entries: 0,
      repaired: false,
      problems: [expect.stringMatching(/commits are lost/)],
    })
    expect(await codeOf(store.open())).toBe('STORE_DAMAGED')
    expect(await store.check({ repair: true })).toMatchObject({ repaired: true })
    await store.open()
    await store.close()
  })

  test('damaged in its middle: refused, and the commits before are there after a repair', async () => {
    const folder = await killedFolder({ durable: true })
    const log = `${database(folder)}-wal`
    const bytes = readFileSync(log)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 4
    writeFileSync(log, bytes)
    const store = sqliteStore({ folder })
    expect(await codeOf(store.open())).toBe('STORE_DAMAGED')
    expect(await store.check({ repair: true })).toMatchObject({ repaired: true, damaged: [] })
    await store.open()
    expect((await store.totals()).entries).toBeGreaterThan(0)
    await store.close()
  })

  test('lost by a store that is not durable: opened, and reported', async () => {
    const folder = await killedFolder({ durable: false })
    const copy = newFolder()
    cpSync(folder, copy, { recursive: true })
    rmSync(`${database(copy)}-wal`)
    const reasons: string[] = []
    await withStore({ folder: copy, durable: false, onDamaged: (reason) => reasons.push(reason) }, async (store) => {
      expect((await store.totals()).entries).toBe(0)
    })
    expect(reasons).toEqual([expect.stringMatching(/the last \d+ commits are lost/)])
  })
})
