import type { Dict } from '@sr/xr'
import { copyBytes } from '../copy-bytes.ts'
import type { EffectContext } from './effect.ts'

/** A record as a map without methods that modify it; a document is copied when it is first read. */
class ReadonlyRecord implements ReadonlyMap<string, Dict> {
  readonly #documents: ReadonlyMap<string, Dict>
  readonly #copies = new Map<string, Dict>()

  constructor(documents: ReadonlyMap<string, Dict>) {
    this.#documents = new Map(documents)
    Object.freeze(this)
  }

  get size(): number {
    return this.#documents.size
  }

  get(writer: string): Dict | undefined {
    const document = this.#documents.get(writer)
    if (document === undefined) {
      return undefined
    }
    let copy = this.#copies.get(writer)
    if (copy === undefined) {
      copy = copyBytes(document) as Dict
      this.#copies.set(writer, copy)
    }
    return copy
  }

  has(writer: string): boolean {
    return this.#documents.has(writer)
  }

  forEach(visit: (document: Dict, writer: string, map: ReadonlyMap<string, Dict>) => void): void {
    this.#all().forEach((document, writer) => {
      visit(document, writer, this)
    })
  }

  entries(): MapIterator<[string, Dict]> {
    return this.#all().entries()
  }

  keys(): MapIterator<string> {
    return this.#documents.keys()
  }

  values(): MapIterator<Dict> {
    return this.#all().values()
  }

  [Symbol.iterator](): MapIterator<[string, Dict]> {
    return this.#all().entries()
  }

  #all(): Map<string, Dict> {
    return new Map(Array.from(this.#documents.keys(), (writer) => [writer, this.get(writer) as Dict]))
  }
}

/**
 * Creates the context passed to an effect: a copy, so that an effect cannot modify the record.
 *
 * @example
 * ```ts
 * import { effectContext } from '@sr/ir'
 *
 * const { record } = effectContext({
 *   key: new Uint8Array([1]), writer: 'ann', self: 'server', now: 0, observed: undefined,
 *   record: new Map(), signal: AbortSignal.timeout(1000), permit: () => {}
 * })
 * console.log('set' in record, record.size) // false 0
 * ```
 */
export function effectContext(context: EffectContext): EffectContext {
  return Object.freeze({ ...context, key: new Uint8Array(context.key), record: new ReadonlyRecord(context.record) })
}
