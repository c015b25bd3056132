import { BytePacker, ByteUnpacker } from '../byte-packer.ts'
import { StoreError } from '../errors.ts'
import type { Answer, AnswerMessage, Request, RequestMessage } from '../messages.ts'
import { checkStore } from './check.ts'
import type { Database, DatabaseOptions } from './database.ts'
import { Groups, type Write } from './groups.ts'
import { IndexCheck } from './index-check.ts'
import { openDatabase } from './open.ts'
import { type Found, Reader } from './reader.ts'
import { toStoreError } from './sqlite-error.ts'
import { UsageCheck } from './usage-check.ts'
import { UsageTable } from './usage.ts'
import { Writer } from './writer.ts'

/** Messages whose calls are taken into one transaction, at most. */
const MAX_MESSAGES = 64

/** Bytes of those messages above which no other is taken, 16 MiB. */
const MAX_BYTES = 16 * 1024 * 1024

/** Time for the checks of indexes and usage before a store answers, milliseconds: enough for some 20,000 updates. The rest follows behind the answers. */
const CHECK_MS = 30

/** What works with an open database. */
interface Opened {
  readonly database: Database
  readonly groups: Groups
  readonly reader: Reader
  readonly usage: UsageTable
}

/** Answers requests, in their order: of some that come together the ones that write first, in one transaction. */
export class StoreService {
  readonly #options: DatabaseOptions
  readonly #post: (message: AnswerMessage) => void
  #opened: Opened | undefined
  #closed = false
  #bytes = new BytePacker()
  #damaged: string[] = []

  constructor(options: DatabaseOptions, post: (message: AnswerMessage) => void) {
    this.#options = options
    this.#post = post
  }

  /** Answers the requests of a message, and of those that `receive` returns until its transaction ends. */
  handle(message: RequestMessage, receive: () => RequestMessage | undefined): 'closed' | 'running' {
    const writes: Write[] = []
    const reads: Request[] = []
    let [done, bytes] = [0, 0]
    const take = (taken: RequestMessage): Write[] => {
      done++
      bytes += taken.bytes.length
      const from = writes.length
      this.#sort(taken, writes, reads)
      return writes.slice(from)
    }
    const more = (): Write[] | undefined => {
      const next = done < MAX_MESSAGES && bytes < MAX_BYTES ? receive() : undefined
      return next === undefined ? undefined : take(next)
    }
    const first = take(message)
    if (first.length > 0) {
      const errors = this.#opened?.groups.run(first, more)
      const missing = notOpen(this.#options.folder)
      this.#send(writes.map(({ id }) => (errors === undefined ? failed(id, missing) : written(id, errors.get(id)))))
    }
    this.#send(
      reads.map((request) => this.#answer(request)),
      done,
    )
    return this.#closed ? 'closed' : 'running'
  }

  /** Checks a slice of what was opened, when there is nothing else to do; returns whether there is more. */
  idle(): boolean {
    const database = this.#opened?.database
    if (database === undefined || !isChecked(database)) {
      return false
    }
    this.#checkSlice(database)
    this.#send([])
    return isChecked(database)
  }

  /** Checks a slice of the indexes, and of the usage after all of those. */
  #checkSlice(database: Database): void {
    const { indexCheck, usageCheck, meta, options } = database
    try {
      if (indexCheck === undefined) {
        database.usageCheck = usageCheck?.step(meta) === true ? usageCheck : undefined
      } else if (!indexCheck.step(meta)) {
        database.indexCheck = undefined
      }
    } catch (err) {
      database.indexCheck = undefined
      database.usageCheck = undefined
      this.#damaged.push(toStoreError(err, `the store in ${options.folder} cannot be checked`).message)
    }
  }

  /** Tells the calls that write, which come first, from the others. */
  #sort({ requests, bytes }: RequestMessage, writes: Write[], others: Request[]): void {
    const unpacker = new ByteUnpacker(bytes)
    for (const request of requests) {
      if (request.call === 'commit') {
        writes.push({ ...request, bytes: request.argument.put.map((fields) => unpacker.view(fields[7])) })
      } else if (request.call === 'quarantine' || request.call === 'saveTime') {
        writes.push(request)
      } else if (request.call === 'open') {
        this.#send([this.#answer(request)])
      } else {
        others.push(request)
      }
    }
  }

  #answer(request: Request): Answer {
    const { id, call } = request
    try {
      return { id, value: this.#value(request) }
    } catch (err) {
      return failed(id, toStoreError(err, `the call ${call} of the store in ${this.#options.folder} failed`))
    }
  }

  #value(request: Request): unknown {
    switch (request.call) {
      case 'open':
        return this.#open()
      case 'close':
        return this.#close()
      case 'check':
        return this.#check(request.argument)
    }
    if (this.#opened === undefined) {
      throw notOpen(this.#options.folder)
    }
    const { reader, database, usage } = this.#opened
    switch (request.call) {
      case 'read': {
        const { found, damaged } = reader.read(request.argument)
        return { entries: found.map((one) => this.#pack(one)), damaged }
      }
      case 'get': {
        const found = reader.get(...request.argument)
        return found === undefined ? undefined : this.#pack(found)
      }
      case 'index':
        return reader.index(request.argument)
      case 'due':
        return reader.due(request.argument)
      case 'resumed':
        return reader.resumed(...request.argument)
      case 'usage':
        return usage.of(request.argument)
      case 'totals': {
        const { entries, bytes, documents } = database.meta
        return { entries, bytes, documents }
      }
      case 'loadTime':
        return database.meta.time ?? undefined
      default:
        throw new StoreError('STORE_FAILED', `${request.call} is not a call that reads`)
    }
  }

  #open(): void {
    const database = openDatabase(this.#options, { onDamaged: (reason) => this.#damaged.push(reason) })
    this.#use(database)
    const report = (reason: string): void => {
      this.#damaged.push(reason)
    }
    database.indexCheck = new IndexCheck(database.sql, report)
    database.usageCheck = new UsageCheck(database.sql, report)
    const until = performance.now() + CHECK_MS
    while (isChecked(database) && performance.now() < until) {
      this.#checkSlice(database)
    }
  }

  #use(database: Database): void {
    const usage = new UsageTable(database.sql)
    const writer = new Writer(database, usage)
    const report = (reason: string): void => {
      this.#damaged.push(reason)
    }
    const setAside = (id: number, reason: string): void => {
      try {
        database.transaction(() => {
          writer.setAside(id, reason)
        })
        database.settle({ synced: false })
      } catch (err) {
        report(`update ${id} is damaged and cannot be moved to the quarantine: ${String(err)}`)
      }
    }
    this.#opened = {
      database,
      groups: new Groups(database, writer),
      reader: new Reader(database, { setAside, report }),
      usage,
    }
  }

  #close(): void {
    this.#closed = true
    const opened = this.#opened
    this.#opened = undefined
    opened?.database.close()
  }

  #check(repair: boolean): unknown {
    const wasOpen = this.#opened !== undefined
    const { report, database } = checkStore(this.#opened?.database, this.#options, { repair })
    this.#opened = undefined
    if (wasOpen) {
      this.#use(database)
    } else {
      database.close()
    }
    return report
  }

  #pack({ fields, bytes }: Found): Found['fields'] {
    this.#bytes.append(bytes)
    return fields
  }

  #send(answers: readonly Answer[], done = 0): void {
    if (answers.length > 0 || done > 0 || this.#damaged.length > 0) {
      this.#post({ answers, bytes: this.#bytes.take(), damaged: this.#damaged, done })
      this.#damaged = []
    }
  }
}

/** Whether a check of a database is under way. */
function isChecked({ indexCheck, usageCheck }: Database): boolean {
  return indexCheck !== undefined || usageCheck !== undefined
}

function written(id: number, err: StoreError | undefined): Answer {
  return err === undefined ? { id } : failed(id, err)
}

function failed(id: number, { code, message }: StoreError): Answer {
  return { id, error: { code, message } }
}

function notOpen(folder: string): StoreError {
  return new StoreError('STORE_FAILED', `the store in ${folder} is not open`)
}
