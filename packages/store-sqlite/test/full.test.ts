import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { batch, codeOf, entry, filledFolder, newFolder, withStore } from './setup.ts'

const CHILD = fileURLToPath(new URL('./full-child.ts', import.meta.url))

test('below the free space that is kept, updates are refused, and drops, the time and reads go on', async () => {
  const folder = await filledFolder(3)
  await withStore({ folder, minFreeBytes: 2 ** 52 }, async (store) => {
    const codes = await Promise.all([
      codeOf(store.commit(batch([entry(9)]))),
      codeOf(store.commit(batch([], [entry(0)]))),
      codeOf(store.commit(batch([entry(9)], [entry(1)]))),
      codeOf(store.saveTime(5)),
    ])
    expect(codes).toEqual(['STORE_FULL', 'none', 'STORE_FULL', 'none'])
    expect((await store.index({ limit: 9 })).map(({ record }) => record)).toEqual(['r1', 'r2'])
    expect(await store.usage('ann')).toEqual({ bytes: 1200, records: 2 })
    expect(await store.loadTime()).toBe(5)
  })
  await withStore({ folder }, async (store) => {
    await store.commit(batch([entry(9)]))
    expect((await store.totals()).entries).toBe(3)
  })
})

/** What `full-child.ts` prints. */
interface Outcome {
  readonly acknowledged: number
  readonly codes: readonly string[]
  readonly entries: number
  readonly readable: number
  readonly drop: string
  readonly problems: readonly string[]
}

describe('when the files cannot grow (a size limit of the process: EFBIG)', () => {
  // The limit is in blocks of 512 bytes in a POSIX shell, and of 1024 in bash.
  const run = (folder: string, kib: number | 'unlimited', count: number): Outcome => {
    const script = `ulimit -f ${kib} && exec "$0" --disable-warning=ExperimentalWarning "$@"`
    const child = spawnSync('bash', ['-c', script, process.execPath, CHILD, folder, String(count)], {
      encoding: 'utf8',
    })
    if (child.status !== 0) {
      throw new Error(`the process ended with ${child.signal ?? child.status}: ${child.stderr}`)
    }
    return JSON.parse(child.stdout) as Outcome
  }

  test('updates are refused whole, reads and drops go on, and it heals with space', () => {
    const folder = newFolder()
    const full = run(folder, 1024, 4000)
    expect(full.acknowledged).toBeGreaterThan(100)
    expect([...new Set(full.codes)]).toEqual(['STORE_FULL'])
    expect(full).toMatchObject({
      entries: full.acknowledged - 1,
      readable: full.acknowledged,
      drop: 'none',
      problems: [],
    })
    // it starts while it is still full
    const again = run(folder, 1024, 50)
    expect(again).toMatchObject({
      acknowledged: 0,
      readable: again.entries + (again.drop === 'none' ? 1 : 0),
      problems: [],
    })
    const healed = run(folder, 'unlimited', 50)
    expect(healed).toMatchObject({ acknowledged: 50, codes: [], problems: [] })
  })
})
