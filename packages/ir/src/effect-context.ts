import type { Dict } from '@sr/xr'
import type { EffectContext } from './tag-rule.ts'

/** A picture of a record: a map that has nothing to change it by. */
class Picture implements ReadonlyMap<string, Dict> {
  readonly #documents: ReadonlyMap<string, Dict>

  constructor (documents: ReadonlyMap<string, Dict>) {
    this.#documents = new Map(documents)
    Object.freeze(this)
  }

  get size (): number {
    return this.#documents.size
  }

  get (writer: string): Dict | undefined {
    return this.#documents.get(writer)
  }

  has (writer: string): boolean {
    return this.#documents.has(writer)
  }

  forEach (visit: (document: Dict, writer: string, map: ReadonlyMap<string, Dict>) => void): void {
    this.#documents.forEach((document, writer) => { visit(document, writer, this) })
  }

  entries (): MapIterator<[string, Dict]> {
    return this.#documents.entries()
  }

  keys (): MapIterator<string> {
    return this.#documents.keys()
  }

  values (): MapIterator<Dict> {
    return this.#documents.values()
  }

  [Symbol.iterator] (): MapIterator<[string, Dict]> {
    return this.#documents.entries()
  }
}

/**
 * The context an effect gets: what it does to it reaches nobody. (Bytes in documents are shared, as
 * everywhere; an effect that writes to them breaks the contract, and the conformance kit says so.)
 *
 * @example
 * ```ts
 * import { effectContext } from '@sr/ir'
 *
 * const { record } = effectContext({
 *   key: new Uint8Array([1]), writer: 'ann', self: 'server', now: 0, observed: undefined,
 *   record: new Map(), signal: AbortSignal.timeout(1000)
 * })
 * console.log('set' in record, record.size) // false 0
 * ```
 */
export function effectContext (seen: EffectContext): EffectContext {
  return Object.freeze({ ...seen, key: seen.key.slice(), record: new Picture(seen.record) })
}
