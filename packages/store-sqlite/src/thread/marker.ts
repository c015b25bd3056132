import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { valuesChecksum } from './checksum.ts'

const MAGIC = 'sr-store-sqlite'
const DIGITS = 16
const LINE = new RegExp(
  `^${MAGIC} format=(\\d+) commits=(\\d{${DIGITS}}) synced=(\\d{${DIGITS}}) crc=([0-9a-f]{8})\\n$`,
)

/** What the marker says of the database beside it. */
export interface Head {
  /** version of the database's format */
  readonly format: number
  /** number of commits */
  readonly commits: number
  /** number of commits that were on the disk when this was written */
  readonly synced: number
}

/**
 * The head of a folder's store; undefined without a marker.
 *
 * @throws when the file cannot be read
 */
export function readHead(file: string): Head | 'damaged' | undefined {
  if (!existsSync(file)) {
    return undefined
  }
  const [, ...found] = LINE.exec(readFileSync(file, 'latin1')) ?? []
  const [format = 0, commits = 0, synced = 0] = found.slice(0, 3).map(Number)
  const head = { format, commits, synced }
  return found[3] === checksum(head) ? head : 'damaged'
}

/** A file beside the database: it tells a store whose database is gone from a new folder, and a database that lost commits. */
export class Marker {
  readonly #file: string
  #descriptor: number | undefined

  /** Creates the file with the first head. */
  constructor(file: string) {
    this.#file = file
  }

  /** Writes the head over the one before, in one call and in one sector. It may be lost with the power, unless `synced`. */
  write(head: Head, { synced = false }: { readonly synced?: boolean } = {}): void {
    this.#descriptor ??= openSync(this.#file, existsSync(this.#file) ? 'r+' : 'w')
    writeSync(this.#descriptor, lineOf(head), 0, 'latin1')
    if (synced) {
      fsyncSync(this.#descriptor)
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) {
      closeSync(this.#descriptor)
    }
  }
}

/** Makes the names of a folder's files durable. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } catch (err) {
    // Windows has no fsync of a folder
    if ((err as NodeJS.ErrnoException).code !== 'EPERM') {
      throw err
    }
  } finally {
    closeSync(descriptor)
  }
}

function lineOf(head: Head): string {
  const [commits, synced] = [head.commits, head.synced].map((count) => String(count).padStart(DIGITS, '0'))
  return `${MAGIC} format=${head.format} commits=${commits} synced=${synced} crc=${checksum(head)}\n`
}

function checksum({ format, commits, synced }: Head): string {
  return valuesChecksum([format, commits, synced]).toString(16).padStart(8, '0')
}
