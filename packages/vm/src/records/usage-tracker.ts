import { DOCUMENT_BYTES } from '../admission/cost.ts'
import { isPromise } from '../store/store-calls.ts'
import type { MaybePromise, Usage, UsageChange } from '../store/store.ts'

/** Writers whose usage is kept in memory, of those without a commit under way. */
const MAX_CACHED = 65_536

/** What one writer uses, as far as this machine knows it. */
interface Account {
  /** what the store has */
  bytes: number
  records: number
  /** what commits under way add to it */
  pendingBytes: number
  pendingRecords: number
  /** number of those commits */
  pending: number
  /** whether a commit failed, so that the store must be asked again */
  stale: boolean
}

/** Where usage is kept. */
export interface UsageSource {
  usage(writer: string): MaybePromise<Usage>
}

/**
 * What each writer uses, and all of them. The store has it; this keeps the accounts of the writers that are served now, and adds
 * what is on its way to the store: so concurrent updates of one writer cannot exceed a quota together.
 */
export class UsageTracker {
  readonly #source: UsageSource
  /** in the order of their first use */
  readonly #accounts = new Map<string, Account>()
  /** bytes that effects under way may come to cost */
  readonly #reserved = new Map<string, number>()
  #total = 0

  constructor(source: UsageSource) {
    this.#source = source
  }

  /** bytes charged to all writers */
  get total(): number {
    return this.#total
  }

  /** Sets what all writers use, as the store has it. */
  setTotal({ bytes, documents }: { readonly bytes: number; readonly documents: number }): void {
    this.#total = bytes + DOCUMENT_BYTES * documents
  }

  /** What a writer is charged for: its updates, its documents, what is reserved for it. */
  usage(writer: string): MaybePromise<Usage> {
    const account = this.#accounts.get(writer)
    if (account?.stale === false) {
      return this.#charged(writer, account)
    }
    const loaded = this.#source.usage(writer)
    return isPromise(loaded)
      ? loaded.then((usage) => this.#charged(writer, this.#keep(writer, usage)))
      : this.#charged(writer, this.#keep(writer, loaded))
  }

  /** Counts what a commit is about to add. */
  begin(changes: readonly UsageChange[]): void {
    for (const { writer, bytes, records } of changes) {
      const account = this.#accounts.get(writer) ?? this.#keep(writer, undefined)
      account.pending++
      account.pendingBytes += bytes
      account.pendingRecords += records
      this.#total += bytes + DOCUMENT_BYTES * records
    }
  }

  /** Ends what `begin` began: the store has it, or it is not known whether it has. */
  end(changes: readonly UsageChange[], committed: boolean): void {
    for (const { writer, bytes, records } of changes) {
      const account = this.#accounts.get(writer) as Account
      account.pending--
      account.pendingBytes -= bytes
      account.pendingRecords -= records
      if (committed) {
        account.bytes += bytes
        account.records += records
      } else {
        account.stale = true
        this.#total -= bytes + DOCUMENT_BYTES * records
      }
    }
  }

  /** Has the usage of writers read again from the store. */
  forget(changes: readonly UsageChange[]): void {
    for (const { writer } of changes) {
      const account = this.#accounts.get(writer)
      if (account !== undefined) {
        account.stale = true
      }
    }
  }

  /** Charges bytes ahead of an update; a negative number gives them back. */
  reserve(writer: string, bytes: number): void {
    const sum = (this.#reserved.get(writer) ?? 0) + bytes
    this.#total += bytes
    if (sum === 0) {
      this.#reserved.delete(writer)
    } else {
      this.#reserved.set(writer, sum)
    }
  }

  #charged(writer: string, account: Account): Usage {
    const records = account.records + account.pendingRecords
    const reserved = this.#reserved.size === 0 ? 0 : (this.#reserved.get(writer) ?? 0)
    return { bytes: account.bytes + account.pendingBytes + reserved + DOCUMENT_BYTES * records, records }
  }

  /** Keeps what the store has of a writer; without it, an account that is read from the store before it is used. */
  #keep(writer: string, usage: Usage | undefined): Account {
    const { bytes, records } = usage ?? { bytes: 0, records: 0 }
    const before = this.#accounts.get(writer)
    if (before !== undefined) {
      // a commit under way may be in these numbers or not: then they are read again
      Object.assign(before, { bytes, records, stale: usage === undefined || before.pending > 0 })
      return before
    }
    const none = { pendingBytes: 0, pendingRecords: 0, pending: 0 }
    const account: Account = { bytes, records, ...none, stale: usage === undefined }
    this.#accounts.set(writer, account)
    this.#shrink()
    return account
  }

  #shrink(): void {
    for (const [writer, { pending }] of this.#accounts) {
      if (this.#accounts.size <= MAX_CACHED) {
        return
      }
      if (pending === 0) {
        this.#accounts.delete(writer)
      }
    }
  }
}
