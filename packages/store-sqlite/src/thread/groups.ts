import type { Argument } from '../messages.ts'
import { StoreError } from '../errors.ts'
import type { Database } from './database.ts'
import { FILES } from './files.ts'
import { freeBytes, isFull } from './space.ts'
import { isFailedWrite, toStoreError } from './sqlite-error.ts'
import type { Writer } from './writer.ts'

/** A call that writes. */
export type Write =
  | {
      readonly id: number
      readonly call: 'commit'
      readonly argument: Argument<'commit'>
      readonly bytes: readonly Uint8Array[]
    }
  | { readonly id: number; readonly call: 'quarantine'; readonly argument: Argument<'quarantine'> }
  | { readonly id: number; readonly call: 'saveTime'; readonly argument: Argument<'saveTime'> }

/** Runs calls that write, all in one transaction if that works. */
export class Groups {
  readonly #database: Database
  readonly #writer: Writer
  /** why nothing is written any more */
  #failed: StoreError | undefined

  constructor(database: Database, writer: Writer) {
    this.#database = database
    this.#writer = writer
  }

  /**
   * Runs these calls, and those that `more` returns until it returns none. When they are on the disk it returns the errors of those
   * that failed, by their ids.
   */
  run(first: readonly Write[], more: () => readonly Write[] | undefined): Map<number, StoreError> {
    const failed = this.#failed
    if (failed !== undefined) {
      return new Map(first.map(({ id }) => [id, failed]))
    }
    const errors = new Map<number, StoreError>()
    const writes: Write[] = []
    let full: StoreError | 'unknown' | undefined = 'unknown'
    const admit = (some: readonly Write[]): readonly Write[] => {
      if (full === 'unknown' && some.some(puts)) {
        full = this.#lowSpace()
      }
      const rest = full instanceof StoreError ? refusePuts(some, full, errors) : some
      writes.push(...rest)
      return rest
    }
    const admitted = admit(first)
    if (admitted.length === 0) {
      return errors
    }
    const source = function* (): Iterable<readonly Write[]> {
      yield admitted
      for (let next = more(); next !== undefined; next = more()) {
        yield admit(next)
      }
    }
    let synced: boolean
    try {
      synced = this.#run(source())
    } catch (cause) {
      synced = this.#runOneByOne(writes, this.#undone(cause), errors)
    }
    this.#settle(writes, synced, errors)
    return errors
  }

  /** After a transaction failed: one for each of its calls, so that a call fails alone. Returns whether they have to be on the disk. */
  #runOneByOne(writes: readonly Write[], failure: StoreError, errors: Map<number, StoreError>): boolean {
    let full = failure.code === 'STORE_FULL' ? failure : undefined
    let synced = false
    for (const write of writes) {
      if (full !== undefined && puts(write)) {
        errors.set(write.id, full)
        continue
      }
      try {
        synced = this.#run([[write]]) || synced
      } catch (cause) {
        const err = this.#undone(cause)
        errors.set(write.id, err)
        full ??= err.code === 'STORE_FULL' ? err : undefined
      }
    }
    return synced
  }

  /** One transaction. Returns whether it has to be on the disk. */
  #run(source: Iterable<readonly Write[]>): boolean {
    // A drop that the power undoes is repeated: what it drops has expired, or the put that overwrote it is on the disk.
    let synced = false
    this.#database.transaction(() => {
      for (const writes of source) {
        for (const write of writes) {
          synced ||= write.call !== 'commit' || puts(write)
          this.#apply(write)
        }
      }
      this.#writer.end()
    })
    return synced
  }

  #settle(writes: readonly Write[], synced: boolean, errors: Map<number, StoreError>): void {
    try {
      this.#database.settle({ synced })
    } catch (cause) {
      const text = `the store in ${this.#database.options.folder} cannot write to its disk, and writes no more until it is opened again`
      const err = toStoreError(cause, text)
      this.#failed = err
      for (const { id } of writes) {
        errors.set(id, errors.get(id) ?? err)
      }
    }
  }

  #apply(write: Write): void {
    if (write.call === 'commit') {
      this.#writer.commit(write.argument, write.bytes)
    } else if (write.call === 'saveTime') {
      this.#database.meta.time = write.argument
    } else {
      const [record, hash, reason] = write.argument
      const id = this.#writer.find(record, hash)
      if (id !== undefined) {
        this.#writer.setAside(id, reason)
      }
    }
  }

  /** The error of a transaction that was undone. */
  #undone(cause: unknown): StoreError {
    this.#writer.undone()
    const { folder } = this.#database.options
    const err = toStoreError(cause, `cannot write to the store in ${folder}`)
    const isLimit = isFailedWrite(cause) && [FILES.database, FILES.log].some((file) => isFull(folder, file))
    if (!isLimit && err.code !== 'STORE_FULL') {
      return err
    }
    this.#makeSpace()
    return new StoreError('STORE_FULL', err.message, { cause })
  }

  /** Moves the log to the database, so that the file of the log is written from its start again. */
  #makeSpace(): void {
    try {
      this.#database.sql.exec('PRAGMA wal_checkpoint(PASSIVE)')
    } catch {
      // the database cannot grow either
    }
  }

  #lowSpace(): StoreError | undefined {
    const { folder, minFreeBytes } = this.#database.options
    const free = freeBytes(folder)
    return free === undefined || free >= minFreeBytes
      ? undefined
      : new StoreError('STORE_FULL', `${free} bytes are free for ${folder}; updates are refused below ${minFreeBytes}`)
  }
}

/** Returns the calls that do not put. */
function refusePuts(writes: readonly Write[], err: StoreError, errors: Map<number, StoreError>): readonly Write[] {
  return writes.filter((write) => {
    if (puts(write)) {
      errors.set(write.id, err)
    }
    return !puts(write)
  })
}

function puts(write: Write): boolean {
  return write.call === 'commit' && write.argument.put.length > 0
}
