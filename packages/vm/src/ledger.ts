import type { Usage } from './quota.ts'

/** An update as the ledger sees it. */
export interface Posting {
  readonly record: string
  readonly writer: string
  readonly payer: string
  readonly charge: number
}

/** Who is charged what for live updates. */
export class Ledger {
  readonly #bytes = new Map<string, number>()
  /** writer → record → live updates */
  readonly #records = new Map<string, Map<string, number>>()
  #total = 0

  /** bytes charged in all */
  get total(): number {
    return this.#total
  }

  /** What one writer holds. */
  usage(writer: string): Usage {
    return { bytes: this.#bytes.get(writer) ?? 0, records: this.#records.get(writer)?.size ?? 0 }
  }

  add(posting: Posting): void {
    this.reserve(posting.payer, posting.charge)
    this.#count(posting, 1)
  }

  remove(posting: Posting): void {
    this.reserve(posting.payer, -posting.charge)
    this.#count(posting, -1)
  }

  /** Charges bytes for something yet to come; negative gives them back. */
  reserve(payer: string, bytes: number): void {
    const sum = (this.#bytes.get(payer) ?? 0) + bytes
    if (sum === 0) {
      this.#bytes.delete(payer)
    } else {
      this.#bytes.set(payer, sum)
    }
    this.#total += bytes
  }

  #count({ writer, record }: Posting, step: 1 | -1): void {
    const records = this.#records.get(writer) ?? new Map<string, number>()
    const count = (records.get(record) ?? 0) + step
    if (count === 0) {
      records.delete(record)
    } else {
      records.set(record, count)
    }
    if (records.size === 0) {
      this.#records.delete(writer)
    } else {
      this.#records.set(writer, records)
    }
  }
}
