import { closeSync, existsSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const PROBE = 'store.probe'

/** Free space of a folder's file system for this user, bytes; undefined when the system does not tell. */
export function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}

/**
 * Whether a file of this folder cannot grow beyond its size: no space, a quota, or the limit of a process. SQLite tells the first only, so
 * that a byte is written to another file, as far from its start.
 */
export function isFull(folder: string, file: string): boolean {
  const [path, probe] = [join(folder, file), join(folder, PROBE)]
  try {
    const descriptor = openSync(probe, 'w')
    try {
      writeSync(descriptor, Uint8Array.of(0), 0, 1, existsSync(path) ? statSync(path).size : 0)
    } finally {
      closeSync(descriptor)
      rmSync(probe, { force: true })
    }
    return false
  } catch (err) {
    return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String((err as NodeJS.ErrnoException).code))
  }
}
