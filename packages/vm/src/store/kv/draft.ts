import type { StoreIndex, StoreRef, StoreTotals, Usage, UsageChange } from '../store.ts'
import type { EngineWrite } from './engine.ts'
import { entryKey, indexKey, parseKey, resumedKey, TOTALS_KEY, usageKey } from './keys.ts'
import { decodeIndex, decodeNumbers, encodeNumbers } from './value.ts'

/** Number of a draft's totals: entries, bytes, documents, and how often they were written. */
const TOTALS = 4

/** A change of the store, as data: what it has to know, and what it does to a {@link Draft}. */
export interface Change {
  /** keys whose values `apply` needs */
  readonly reads: readonly string[]
  /** number of entries that it writes */
  readonly count: number
  /** bytes that it writes */
  readonly bytes: number
  apply(draft: Draft): void
}

/** The writes of one group: changes see what the changes before them did. */
export class Draft {
  /** what the engine has */
  readonly #before: ReadonlyMap<string, Uint8Array | undefined>
  readonly #after = new Map<string, Uint8Array | undefined>()

  constructor(before: ReadonlyMap<string, Uint8Array | undefined>) {
    this.#before = before
  }

  get(key: string): Uint8Array | undefined {
    return this.#after.has(key) ? this.#after.get(key) : this.#before.get(key)
  }

  set(key: string, value: Uint8Array | undefined): void {
    this.#after.set(key, value)
  }

  /** What there is to write: values first, then removals. */
  writes(): EngineWrite[] {
    const writes = [...this.#after].filter(
      ([key, value]) => value !== undefined || this.#before.get(key) !== undefined || !this.#before.has(key),
    )
    return [...writes.filter(([, value]) => value !== undefined), ...writes.filter(([, value]) => value === undefined)]
  }

  /**
   * Removes an update with what refers to it. Where it is damaged, `retain` says which entry of the index is its own. Returns its
   * value, or undefined when it did not exist.
   */
  remove(id: Pick<StoreRef, 'record' | 'hash'>, retain: number | undefined): Uint8Array | undefined {
    const key = entryKey(id)
    const value = this.get(key)
    if (value !== undefined) {
      this.set(key, undefined)
      const index = intactIndex(key, value)
      const found = index?.retain ?? retain
      if (found !== undefined) {
        this.set(indexKey({ ...id, retain: found }), undefined)
      }
      if (index?.resumed !== false) {
        this.set(resumedKey(id), undefined)
      }
    }
    return value
  }

  addUsage({ writer, bytes, records }: UsageChange): void {
    const key = usageKey(writer)
    const before = decodeUsage(key, this.get(key))
    const after = { bytes: before.bytes + bytes, records: before.records + records }
    const isNone = after.bytes === 0 && after.records === 0
    this.set(key, isNone ? undefined : encodeUsage(key, after))
  }

  addTotals(step: StoreTotals): void {
    if (step.entries !== 0 || step.bytes !== 0 || step.documents !== 0) {
      const { entries, bytes, documents, written } = decodeTotals(this.get(TOTALS_KEY))
      const after = {
        entries: entries + step.entries,
        bytes: bytes + step.bytes,
        documents: documents + step.documents,
      }
      this.set(TOTALS_KEY, encodeTotals({ ...after, written: written + 1 }))
    }
  }
}

/** The index of an update, or undefined when it is damaged. */
export function intactIndex(key: string, value: Uint8Array): StoreIndex | undefined {
  try {
    const ref = parseKey(key)
    return ref === undefined ? undefined : decodeIndex(key, ref, value)
  } catch {
    return undefined
  }
}

export function encodeUsage(key: string, { bytes, records }: Usage): Uint8Array {
  return encodeNumbers(key, [bytes, records])
}

/** @throws DamagedValueError */
export function decodeUsage(key: string, value: Uint8Array | undefined): Usage {
  const [bytes = 0, records = 0] = value === undefined ? [] : decodeNumbers(key, 2, value)
  return { bytes, records }
}

export function encodeTotals({
  entries,
  bytes,
  documents,
  written,
}: StoreTotals & { readonly written: number }): Uint8Array {
  return encodeNumbers(TOTALS_KEY, [entries, bytes, documents, written])
}

/** @throws DamagedValueError */
export function decodeTotals(value: Uint8Array | undefined): StoreTotals & { readonly written: number } {
  const [entries = 0, bytes = 0, documents = 0, written = 0] =
    value === undefined ? [] : decodeNumbers(TOTALS_KEY, TOTALS, value)
  return { entries, bytes, documents, written }
}
