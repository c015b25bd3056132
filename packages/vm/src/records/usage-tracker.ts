/** Charged for every document besides its updates: a record, a document, the shown tree. `npm run bench -- charges` measures it. */
export const DOCUMENT_BYTES = 1400

/** What a writer uses of this machine. */
export interface Usage {
  /** bytes charged, in all records */
  readonly bytes: number
  /** records in which the writer has live updates */
  readonly records: number
}

/** The fields of an update that usage depends on. */
export interface ChargedUpdate {
  readonly record: string
  readonly writer: string
  /** the writer whose quota pays */
  readonly chargedTo: string
  /** bytes charged */
  readonly cost: number
}

/** Counts what the live updates cost, by the writer that pays, and the records each writer has live updates in. */
export class UsageTracker {
  readonly #bytes = new Map<string, number>()
  /** writer → record → live updates */
  readonly #records = new Map<string, Map<string, number>>()
  #total = 0

  /** bytes charged to all writers */
  get total(): number {
    return this.#total
  }

  usage(writer: string): Usage {
    const records = this.#records.get(writer)?.size ?? 0
    return { bytes: (this.#bytes.get(writer) ?? 0) + DOCUMENT_BYTES * records, records }
  }

  /** Whether a writer has live updates in a record, in memory or not. */
  has(writer: string, record: string): boolean {
    return this.#records.get(writer)?.has(record) === true
  }

  add(update: ChargedUpdate): void {
    this.reserve(update.chargedTo, update.cost)
    this.#count(update, 1)
  }

  removeAll(updates: readonly ChargedUpdate[]): void {
    for (const update of updates) {
      this.reserve(update.chargedTo, -update.cost)
      this.#count(update, -1)
    }
  }

  /** Charges bytes ahead of an update; a negative number gives them back. */
  reserve(writer: string, bytes: number): void {
    add(this.#bytes, writer, bytes)
    this.#total += bytes
  }

  #count({ writer, record }: ChargedUpdate, step: 1 | -1): void {
    const records = this.#records.get(writer) ?? new Map<string, number>()
    this.#records.set(writer, records)
    const documents = records.size
    add(records, record, step)
    this.#total += DOCUMENT_BYTES * (records.size - documents)
    if (records.size === 0) {
      this.#records.delete(writer)
    }
  }
}

/** Adds to a sum by key; a sum of 0 has no entry. */
function add(sums: Map<string, number>, key: string, step: number): void {
  const sum = (sums.get(key) ?? 0) + step
  if (sum === 0) {
    sums.delete(key)
  } else {
    sums.set(key, sum)
  }
}
