import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { below, pick, type Random } from '../random.ts'
import { KINDS, type TraceRecord } from './trace.ts'

/** What a disk writes whole or not at all, bytes. */
const SECTOR = 512

/** A write or a truncation that no sync has followed. */
type Change = Pick<TraceRecord, 'kind' | 'offset' | 'bytes'>

/** A file: what is on the disk for good, and what may be. */
interface File {
  content: Content
  unsynced: Change[]
}

/** A change of the folder that no sync of it has followed. */
type NameChange = (names: Map<string, File>) => void

/**
 * What a loss of power does to the unsynced changes of a file. `none`: they are lost; `all`: they are kept; `prefix`: those up to one are kept, and of
 * that some sectors; `some`: each is kept or not; `sectors`: each sector of each is kept or not; `zeros`, `garbage`: the file has its new size, with such
 * content.
 */
const LOSSES = ['none', 'all', 'prefix', 'some', 'sectors', 'zeros', 'garbage'] as const

/** A disk that keeps apart what is synced and what is not. */
export class SimulatedDisk {
  #names = new Map<string, File>()
  #safeNames = new Map<string, File>()
  #unsyncedNames: NameChange[] = []

  /** A disk that has the files of a folder, synced. */
  static of(folder: string): SimulatedDisk {
    const disk = new SimulatedDisk()
    for (const name of readdirSync(folder))
      disk.#names.set(name, { content: Content.of(readFileSync(join(folder, name))), unsynced: [] })
    disk.#safeNames = new Map(disk.#names)
    return disk
  }

  apply({ kind, path, offset, bytes }: TraceRecord): void {
    switch (kind) {
      case KINDS.write:
      case KINDS.truncate:
        this.#file(path).unsynced.push({ kind, offset, bytes })
        return
      case KINDS.sync:
        return this.#sync(path)
      case KINDS.create: {
        const file = { content: Content.of(new Uint8Array(0)), unsynced: [] }
        return this.#rename((names) => void names.set(path, file))
      }
      case KINDS.unlink:
        return this.#rename((names) => void names.delete(path))
      case KINDS.rename: {
        const [file, to] = [this.#file(path), Buffer.from(bytes).toString()]
        return this.#rename((names) => {
          names.delete(path)
          names.set(to, file)
        })
      }
      default:
        throw new Error(`${path}: the trace has a call that is not followed: ${Buffer.from(bytes).toString()}`)
    }
  }

  /** Writes to a folder what the disk may have when the power fails now. */
  losePower(random: Random, folder: string): void {
    const loss = pick(random, LOSSES)
    const names = new Map(this.#safeNames)
    const kept = loss === 'all' ? this.#unsyncedNames.length : below(random, this.#unsyncedNames.length + 1)
    for (const change of this.#unsyncedNames.slice(0, kept)) change(names)
    mkdirSync(folder, { recursive: true })
    for (const [name, { content, unsynced }] of names) {
      const left = content.copy()
      lose(left, unsynced, loss, random)
      writeFileSync(join(folder, name), left.bytes)
    }
  }

  #file(path: string): File {
    const file = this.#names.get(path)
    if (file === undefined) throw new Error(`the trace changes ${path}, which does not exist`)
    return file
  }

  #rename(change: NameChange): void {
    change(this.#names)
    this.#unsyncedNames.push(change)
  }

  #sync(path: string): void {
    if (path === '') {
      this.#safeNames = new Map(this.#names)
      this.#unsyncedNames = []
      return
    }
    const file = this.#file(path)
    for (const change of file.unsynced) file.content.apply(change)
    file.unsynced = []
  }
}

function lose(content: Content, unsynced: readonly Change[], loss: (typeof LOSSES)[number], random: Random): void {
  const last = below(random, unsynced.length + 1)
  for (const [n, change] of unsynced.entries()) {
    if (loss === 'all' || (loss === 'prefix' && n < last) || (loss === 'some' && random() < 0.5)) {
      content.apply(change)
    } else if (loss === 'sectors' || (loss === 'prefix' && n === last)) {
      for (const sector of sectorsOf(change)) if (random() < 0.5) content.apply(sector)
    } else if ((loss === 'zeros' || loss === 'garbage') && change.kind === KINDS.write) {
      content.grow(change.offset + change.bytes.length, loss === 'zeros' ? () => 0 : () => below(random, 256))
    }
  }
}

/** The parts of a write that a disk writes whole; a truncation is one. */
function* sectorsOf(change: Change): Iterable<Change> {
  const { kind, offset, bytes } = change
  if (kind !== KINDS.write) {
    yield change
    return
  }
  for (let from = offset; from < offset + bytes.length;) {
    const to = Math.min(offset + bytes.length, (Math.floor(from / SECTOR) + 1) * SECTOR)
    yield { kind, offset: from, bytes: bytes.subarray(from - offset, to - offset) }
    from = to
  }
}

/** The bytes of a file; room is doubled when they grow. */
class Content {
  #room: Uint8Array
  #size: number

  private constructor(room: Uint8Array, size: number) {
    this.#room = room
    this.#size = size
  }

  static of(bytes: Uint8Array): Content {
    return new Content(new Uint8Array(bytes), bytes.length)
  }

  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#size)
  }

  copy(): Content {
    return Content.of(this.bytes)
  }

  apply({ kind, offset, bytes }: Change): void {
    if (kind === KINDS.truncate) {
      if (offset > this.#size) this.grow(offset, () => 0)
      this.#room.fill(0, offset, this.#size)
      this.#size = offset
    } else {
      this.grow(offset + bytes.length, () => 0)
      this.#room.set(bytes, offset)
    }
  }

  /** Makes the file at least so long. */
  grow(size: number, byte: () => number): void {
    if (size <= this.#size) return
    if (size > this.#room.length) {
      const room = new Uint8Array(Math.max(size, this.#room.length * 2))
      room.set(this.bytes)
      this.#room = room
    }
    for (let at = this.#size; at < size; at++) this.#room[at] = byte()
    this.#size = size
  }
}
