import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from '../child.ts'
import { randomOf } from '../random.ts'
import type { Task } from '../report.ts'
import type { DiskResult } from './disk-child.ts'

const MIB = 1024 * 1024

/** Fills the disk under a machine, heals it, and opens the store while it is full: on a small file system, and with a limit for the size of a file. */
export async function disk(task: Task): Promise<void> {
  const { seed, quick, count, report } = task
  const rounds = count ?? (quick ? 1 : 20)
  const root = mkdtempSync(join(tmpdir(), 'sr-disk-'))
  try {
    const mounted = join(root, 'mounted')
    mkdirSync(mounted)
    const random = randomOf(seed)
    const sizes = Array.from({ length: rounds }, () => Math.floor((0.5 + random() * 1.5) * MIB))
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128m', 'tmpfs', mounted], { encoding: 'utf8' })
    if (mount.status === 0) {
      try {
        await runRounds(task, 'a tmpfs of 128 MiB', sizes, async (size, n) => {
          const folder = join(mounted, `store-${n}`)
          const result = await runChild('./disk/disk-child.ts', [folder, 'ballast', String(size)])
          rmSync(folder, { recursive: true, force: true })
          return result
        })
      } finally {
        spawnSync('umount', [mounted])
      }
    } else {
      report.skip('disk, a tmpfs', `mount is denied here: ${mount.stderr.trim()}; the file-size limit runs`)
    }
    await runRounds(task, 'a file-size limit (ulimit -f)', sizes, async (size, n) => {
      // bash counts in KiB; the soft limit, which the process may raise again: that is when space returns
      const before = `ulimit -S -f ${Math.floor(size / 1024)}`
      return await runChild('./disk/disk-child.ts', [join(root, `limited-${n}`), 'limit', String(size)], { before })
    })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function runRounds(
  { seed, report }: Task,
  name: string,
  sizes: readonly number[],
  round: (size: number, n: number) => ReturnType<typeof runChild>,
): Promise<void> {
  const counts: Record<string, number> = { acknowledged: 0, refused: 0, healed: 0 }
  const violated: Record<string, number> = {
    lost: 0,
    'other errors': 0,
    'failed reads': 0,
    'not healed': 0,
    'not opened while full': 0,
    problems: 0,
    crashed: 0,
  }
  const details: string[] = []
  for (const [n, size] of sizes.entries()) {
    const { lines, stderr, code, signal } = await round(size, n)
    const result = lines.length === 0 ? undefined : (JSON.parse(lines.at(-1) as string) as DiskResult)
    if (result === undefined || code !== 0) {
      violated['crashed'] = (violated['crashed'] as number) + 1
      details.push(`round ${n}: ${signal ?? code}: ${stderr.slice(0, 500)}`)
      continue
    }
    for (const [key, value] of Object.entries(result.counts)) counts[key] = (counts[key] ?? 0) + value
    for (const [key, value] of Object.entries(result.violated)) violated[key] = (violated[key] ?? 0) + value
    details.push(...result.details.map((text) => `round ${n}: ${text}`))
  }
  report.line(`disk, full: ${name}, plain updates`, seed, { rounds: sizes.length, ...counts }, violated)
  details.slice(0, 10).forEach((text) => report.detail(text))
}
