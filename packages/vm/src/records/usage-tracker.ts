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
  /** number of commits that have ended */
  changes: number
  /** whether the store must be asked again: a commit failed, or one ended while the store was asked */
  stale: boolean
}

/** Where usage is kept. */
export interface UsageSource {
  usage(writer: string): MaybePromise<Usage>
  totals(): MaybePromise<{ readonly bytes: number; readonly documents: number }>
}

const NONE: Usage = { bytes: 0, records: 0 }

/**
 * What each writer uses, and all of them. The store has it; this keeps the accounts of the writers that are served now, and adds
 * what is on its way to the store: so concurrent updates of one writer cannot exceed a quota together.
 */
export class UsageTracker {
  readonly #source: UsageSource
  /** in the order of their first use */
  readonly #accounts = new Map<string, Account>()
  /** what updates and effects under way may come to cost */
  readonly #reserved = new Map<string, Usage>()
  /** what the store has of all writers, bytes */
  #stored = 0
  /** what commits under way and reservations add to it, bytes */
  #pending = 0
  /** number of commits under way */
  #commits = 0
  /** whether a commit failed, so that the store must be asked for its totals again */
  #isStale = false

  constructor(source: UsageSource) {
    this.#source = source
  }

  /** bytes charged to all writers */
  get total(): number {
    return this.#stored + this.#pending
  }

  /** Sets what all writers use, as the store has it. */
  setTotal({ bytes, documents }: { readonly bytes: number; readonly documents: number }): void {
    this.#stored = bytes + DOCUMENT_BYTES * documents
  }

  /** What a writer is charged for: its updates, its documents, what is reserved for it. */
  usage(writer: string): MaybePromise<Usage> {
    const known = this.known(writer)
    if (known !== undefined) {
      return known
    }
    const changes = this.#accounts.get(writer)?.changes ?? 0
    const loaded = this.#source.usage(writer)
    return isPromise(loaded)
      ? loaded.then((usage) => this.#charged(writer, this.#keep(writer, usage, changes)))
      : this.#charged(writer, this.#keep(writer, loaded, changes))
  }

  /** What a writer is charged for; undefined when the store must be asked. */
  known(writer: string): Usage | undefined {
    const account = this.#accounts.get(writer)
    return account?.stale === false ? this.#charged(writer, account) : undefined
  }

  /** Counts what a commit is about to add. */
  begin(changes: readonly UsageChange[]): void {
    for (const { writer, bytes, records } of changes) {
      const account = this.#accounts.get(writer) ?? this.#keep(writer, undefined, 0)
      account.pending++
      account.pendingBytes += bytes
      account.pendingRecords += records
      this.#pending += bytes + DOCUMENT_BYTES * records
    }
    this.#commits++
  }

  /** Ends what `begin` began: the store has it, or it is not known whether it has. */
  end(changes: readonly UsageChange[], committed: boolean): void {
    for (const { writer, bytes, records } of changes) {
      const account = this.#accounts.get(writer) as Account
      account.pending--
      account.changes++
      account.pendingBytes -= bytes
      account.pendingRecords -= records
      this.#pending -= bytes + DOCUMENT_BYTES * records
      if (committed) {
        account.bytes += bytes
        account.records += records
        this.#stored += bytes + DOCUMENT_BYTES * records
      } else {
        account.stale = true
      }
    }
    this.#commits--
    this.#isStale ||= !committed
    this.#refresh()
  }

  /** Has the usage of writers read again from the store. */
  forget(changes: readonly UsageChange[]): void {
    for (const { writer } of changes) {
      const account = this.#accounts.get(writer)
      if (account !== undefined) {
        account.stale = true
      }
    }
    this.#isStale = true
    this.#refresh()
  }

  /** Charges a writer ahead of an update; negative numbers give it back. */
  reserve(writer: string, bytes: number, records = 0): void {
    const before = this.#reserved.get(writer) ?? NONE
    const after = { bytes: before.bytes + bytes, records: before.records + records }
    this.#pending += bytes + DOCUMENT_BYTES * records
    if (after.bytes === 0 && after.records === 0) {
      this.#reserved.delete(writer)
    } else {
      this.#reserved.set(writer, after)
    }
  }

  /** Asks the store for its totals after a failed commit, as soon as no other is under way. */
  #refresh(): void {
    if (!this.#isStale || this.#commits > 0) {
      return
    }
    this.#isStale = false
    const set = (totals: { readonly bytes: number; readonly documents: number }): void => {
      if (this.#commits === 0) {
        this.setTotal(totals)
      } else {
        this.#isStale = true
      }
    }
    try {
      const totals = this.#source.totals()
      if (isPromise(totals)) {
        totals.then(set, () => {
          this.#isStale = true
        })
      } else {
        set(totals)
      }
    } catch {
      this.#isStale = true
    }
  }

  #charged(writer: string, account: Account): Usage {
    const reserved = this.#reserved.size === 0 ? NONE : (this.#reserved.get(writer) ?? NONE)
    const records = account.records + account.pendingRecords + reserved.records
    return { bytes: account.bytes + account.pendingBytes + reserved.bytes + DOCUMENT_BYTES * records, records }
  }

  /** Keeps what the store has of a writer, asked after `changes`; without it, an account that is read from the store before it is used. */
  #keep(writer: string, usage: Usage | undefined, changes: number): Account {
    const { bytes, records } = usage ?? { bytes: 0, records: 0 }
    const before = this.#accounts.get(writer)
    if (before !== undefined) {
      // a commit that was under way meanwhile may be in these numbers or not: then they are read again
      const isExact = usage !== undefined && before.pending === 0 && before.changes === changes
      Object.assign(before, { bytes, records, stale: !isExact })
      return before
    }
    const none = { pendingBytes: 0, pendingRecords: 0, pending: 0, changes: 0 }
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
