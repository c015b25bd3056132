import type { StoreIndex, StoreTotals, Usage } from '../store.ts'
import { intactIndex } from './draft.ts'
import type { Engine } from './engine.ts'
import { scan, PAGE } from './scan.ts'

/** Usage and totals as they follow from the updates. */
export class Counts {
  readonly usage: Map<string, { bytes: number; records: number }> = new Map()
  #entries = 0
  #bytes = 0
  #documents = 0

  /** Counts one update; `isFirst` when it is the first of its writer in its record. */
  add({ writer, chargedTo, cost }: StoreIndex, isFirst: boolean): void {
    this.#entries++
    this.#bytes += cost
    this.#of(chargedTo).bytes += cost
    if (isFirst) {
      this.#documents++
      this.#of(writer).records++
    }
  }

  get totals(): StoreTotals {
    return { entries: this.#entries, bytes: this.#bytes, documents: this.#documents }
  }

  of(writer: string): Usage {
    return this.usage.get(writer) ?? { bytes: 0, records: 0 }
  }

  #of(writer: string): { bytes: number; records: number } {
    let usage = this.usage.get(writer)
    if (usage === undefined) {
      usage = { bytes: 0, records: 0 }
      this.usage.set(writer, usage)
    }
    return usage
  }
}

/** Counts by the index, which takes O(n): only where a counter is damaged. */
export async function countIndex(engine: Engine): Promise<Counts> {
  const counts = new Counts()
  const documents = new Set<string>()
  for await (const page of scan(engine, 'x', PAGE)) {
    for (const [key, value] of page) {
      const index = intactIndex(key, value)
      if (index !== undefined) {
        const document = `${index.record}/${index.writer}`
        counts.add(index, !documents.has(document))
        documents.add(document)
      }
    }
  }
  return counts
}
