import type { DatabaseSync } from 'node:sqlite'
import {
  addTo,
  compareKeys,
  INDEXES,
  type IndexKey,
  type IndexKeys,
  indexPages,
  type IndexPlan,
  type IndexSums,
  keyIn,
} from './index-sums.ts'
import { isDamage } from './sqlite-error.ts'

/** Keys that are read at once: about 2 ms. */
const SLICE = 2000

/** A change of the indexes. */
export interface KeyChange {
  readonly keys: IndexKeys
  readonly step: 1 | -1
}

/**
 * Compares the indexes with their sums, in slices between which the store is read and written: a store is checked behind its first answers,
 * since a million updates take seconds.
 */
export class IndexCheck {
  readonly #sql: DatabaseSync
  readonly #report: (reason: string) => void
  readonly #slice: number
  readonly #plans = [...INDEXES]
  #read: (after: IndexKey, limit: number) => IndexKey[]
  /** the last key that was read */
  #after: IndexKey
  /** the sum of the keys up to that one, as they are now */
  #sum = 0

  /** `slice`: keys of a slice, at most. */
  constructor(sql: DatabaseSync, report: (reason: string) => void, slice: number = SLICE) {
    this.#slice = slice
    this.#sql = sql
    this.#report = report
    const first = INDEXES[0] as IndexPlan
    this.#read = indexPages(sql, first)
    this.#after = first.first
  }

  /** Reads a slice; `sums` are what the indexes should add up to. Returns whether there is more. */
  step(sums: Readonly<IndexSums>): boolean {
    const plan = this.#plans[0]
    if (plan === undefined) {
      return false
    }
    const damage = this.#find(plan, sums)
    if (damage === 'more') {
      return true
    }
    if (damage !== 'intact') {
      this.#report(`the index ${plan.name} ${damage}: until a check repairs it, the store may return less than it has`)
    }
    this.#plans.shift()
    const next = this.#plans[0]
    if (next !== undefined) {
      this.#read = indexPages(this.#sql, next)
      this.#after = next.first
      this.#sum = 0
    }
    return next !== undefined
  }

  /** Follows a change of the part that was read. */
  changed({ keys, step }: KeyChange): void {
    const plan = this.#plans[0]
    const key = plan === undefined ? undefined : keyIn(plan, keys)
    if (key !== undefined && compareKeys(key, this.#after) <= 0) {
      this.#sum = addTo(this.#sum, key, step)
    }
  }

  #find(plan: IndexPlan, sums: Readonly<IndexSums>): 'more' | 'intact' | string {
    let keys: IndexKey[]
    try {
      keys = this.#read(this.#after, this.#slice)
    } catch (err) {
      if (!isDamage(err)) {
        throw err
      }
      return `cannot be read (${String(err)})`
    }
    for (const key of keys) {
      if (!(compareKeys(key, this.#after) > 0)) {
        return 'is not in its order'
      }
      this.#sum = addTo(this.#sum, key, 1)
      this.#after = key
    }
    if (keys.length === this.#slice) {
      return 'more'
    }
    return this.#sum === sums[plan.sum] ? 'intact' : 'does not agree with the updates'
  }
}
