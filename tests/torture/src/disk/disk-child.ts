// A machine whose disk fills up: node disk-child.ts <folder> <ballast|limit> <bytes>. The disk is a small file system, part of which is a file that is removed
// when space returns; or the process has a limit for the size of a file, which is raised then. It prints what it counted.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { createAuthors } from '../authors.ts'
import { disagreements, lastOfAll } from '../inspect.ts'
import { type Opened, openMachine } from '../open.ts'
import { STREAMS, WRITERS } from '../streams.ts'
import { updateOf } from '../write.ts'

/** What one round counts. */
export interface DiskResult {
  readonly counts: { acknowledged: number; refused: number; healed: number }
  readonly violated: Record<string, number>
  readonly details: string[]
}

const BYTES = 20_000
/** Refused attempts of each stream after which the disk counts as full. */
const REFUSALS = 3

const [folder = '', kind, bytes] = process.argv.slice(2)
const begun = Date.now()
const authors = await createAuthors('plain', WRITERS)
const result: DiskResult = { counts: { acknowledged: 0, refused: 0, healed: 0 }, violated: {}, details: [] }
const acknowledged = STREAMS.map(() => -1)
const ballast = `${folder}.ballast`

function violate(name: string, detail: string, by = 1): void {
  result.violated[name] = (result.violated[name] ?? 0) + by
  if (result.details.length < 5) result.details.push(`${name}: ${detail}`)
}

/** Leaves the store so much space; it does not take what the store has. */
function takeSpace(): void {
  if (kind === 'limit') return void setLimit(String(bytes))
  mkdirSync(folder, { recursive: true })
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(ballast, new Uint8Array(Math.max(0, bavail * bsize - Number(bytes))))
}

function giveSpace(): void {
  if (kind === 'limit') setLimit('unlimited')
  else rmSync(ballast)
}

function setLimit(limit: string): void {
  const done = spawnSync('prlimit', ['--pid', String(process.pid), `--fsize=${limit}:unlimited`], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`prlimit failed: ${done.stderr}`)
}

/** Writes to all streams until each was refused some times, or has `most` more updates. */
async function write({ machine }: Opened, most: number): Promise<number> {
  let written = 0
  await Promise.all(
    STREAMS.map(async (_, stream) => {
      let refusals = 0
      for (
        const first = acknowledged[stream] as number;
        refusals < REFUSALS && (acknowledged[stream] as number) < first + most;
      ) {
        const n = (acknowledged[stream] as number) + 1
        try {
          await machine.update(await updateOf(authors, stream, n, { begun, bytes: BYTES }))
          acknowledged[stream] = n
          result.counts.acknowledged++
          written++
        } catch (err) {
          const { code, retryable, applied } = err as { code?: string; retryable?: boolean; applied?: string }
          refusals++
          result.counts.refused++
          if (code !== 'VM_READONLY' || retryable !== true || applied !== 'no')
            violate(
              'other errors',
              `${code}, retryable ${retryable}, applied ${applied}: ${String(err)}: ${String((err as Error).cause)}`,
            )
        }
      }
    }),
  )
  return written
}

/** Everything that was acknowledged shows, and nothing else. */
async function expectAll({ machine, store }: Opened, when: string): Promise<void> {
  try {
    const last = await lastOfAll(machine, authors, BYTES)
    for (const [stream, n] of last.entries()) {
      if (n !== acknowledged[stream])
        violate('lost', `${when}: stream ${stream} shows update ${n}; ${acknowledged[stream]} was acknowledged`)
    }
    const problems = await disagreements(machine, authors)
    const report = await store.check({ repair: false })
    problems.push(...report.problems, ...report.damaged.map(({ reason }) => reason))
    if (problems.length > 0) violate('problems', `${when}: ${problems.slice(0, 3).join('; ')}`, problems.length)
  } catch (err) {
    violate('failed reads', `${when}: ${String(err)}: ${String((err as Error).cause)}`)
  }
}

async function open(when: string): Promise<Opened | undefined> {
  try {
    // a cache that holds no record, so that reads are of the disk
    return await openMachine({ folder, authors, init: { limits: { cacheBytes: 1 } } })
  } catch (err) {
    violate('not opened while full', `${when}: ${String(err)}: ${String((err as Error).cause)}`)
    return undefined
  }
}

takeSpace()
const first = await open('at first')
if (first !== undefined) {
  await write(first, Infinity)
  await expectAll(first, 'full')
  giveSpace()
  result.counts.healed = await write(first, 5)
  if (result.counts.healed < 5 * STREAMS.length)
    violate('not healed', `${result.counts.healed} of ${5 * STREAMS.length} updates after space returned`)
  await expectAll(first, 'healed')
  takeSpace()
  await write(first, Infinity)
  await first.machine.close()
}
for (const when of ['opened while full', 'opened while full again']) {
  const opened = await open(when)
  if (opened !== undefined) {
    await expectAll(opened, when)
    await write(opened, 20)
    await expectAll(opened, `${when}, after attempts to write`)
    await opened.machine.close()
  }
}
giveSpace()
const last = await open('at last')
if (last !== undefined) {
  if ((await write(last, 2)) < 2 * STREAMS.length) violate('not healed', 'after it was opened with space')
  await expectAll(last, 'at last')
  await last.machine.close()
}
console.log(JSON.stringify(result))
