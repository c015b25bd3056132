import type { MaybePromise } from '../store.ts'
import { StoreError } from '../store-error.ts'
import { DatastoreKey } from './datastore-key.ts'
import type { Engine, EnginePair, EngineRange, EngineWrite } from './engine.ts'

/** Values read at once. */
const AT_ONCE = 32

/** What {@link datastoreEngine} uses of `Datastore` of `interface-datastore`; each of its implementations is one. */
export interface DatastoreLike {
  /** absent in a datastore that needs no opening, such as `MemoryDatastore` */
  open?(): unknown
  close?(): unknown
  get(key: KeyText): MaybePromise<Uint8Array>
  batch(): {
    put(key: KeyText, value: Uint8Array): void
    delete(key: KeyText): void
    commit(): unknown
  }
  queryKeys(query: { readonly prefix?: string }): Iterable<KeyText> | AsyncIterable<KeyText>
}

/** A `Key` of `interface-datastore`; what is passed has all that datastores use of one. */
interface KeyText {
  toString(): string
}

/** What {@link datastoreEngine} cannot see of a datastore. */
export interface DatastoreEngineOptions {
  /** whether `commit` of a batch has its effect whole or not at all, also when the process ends meanwhile; default: false */
  readonly atomic?: boolean
  /** whether what `commit` has written survives a loss of power; default: false */
  readonly durable?: boolean
  /** whether `queryKeys` returns keys in their order, so that a page ends early; default: false */
  readonly ordered?: boolean
}

/**
 * An engine over any datastore of `interface-datastore` 8 or later. The store has it alone, and opens and closes it; wrap it in a
 * `NamespaceDatastore` to share it. A page of the index scans the keys before it, in a datastore that is not `ordered` all of them.
 *
 * @example
 * ```ts
 * import { MemoryDatastore } from 'datastore-core'
 * import { createMachine } from '@sr/vm'
 * import { datastoreEngine, kvStore } from '@sr/vm/store'
 * import { plainUpdates } from '@sr/vm/testing'
 *
 * const store = kvStore(datastoreEngine(new MemoryDatastore()))
 * const machine = createMachine({ self: 'server', updates: plainUpdates('server'), store })
 * await machine.start()
 * await machine.close()
 * ```
 */
export function datastoreEngine(datastore: DatastoreLike, options: DatastoreEngineOptions = {}): Engine {
  return new EngineOverDatastore(datastore, options)
}

class EngineOverDatastore implements Engine {
  readonly atomic: boolean
  readonly durable: boolean
  readonly #ordered: boolean
  readonly #datastore: DatastoreLike

  constructor(datastore: DatastoreLike, { atomic = false, durable = false, ordered = false }: DatastoreEngineOptions) {
    this.#datastore = datastore
    this.atomic = atomic
    this.durable = durable
    this.#ordered = ordered
  }

  async open(): Promise<void> {
    await this.#datastore.open?.()
  }

  async getMany(keys: readonly string[]): Promise<Array<Uint8Array | undefined>> {
    const values: Array<Uint8Array | undefined> = []
    for (let n = 0; n < keys.length; n += AT_ONCE) {
      values.push(...(await Promise.all(keys.slice(n, n + AT_ONCE).map(async (key) => await this.#get(key)))))
    }
    return values
  }

  async range({ gt, lt, limit = Infinity }: EngineRange): Promise<EnginePair[]> {
    const prefix = prefixOf(gt, lt)
    let found: string[] = []
    for await (const path of this.#datastore.queryKeys(prefix === undefined ? {} : { prefix })) {
      const key = DatastoreKey.decode(path.toString())
      if (key > gt && key < lt) {
        found.push(key)
        if (this.#ordered && found.length === limit) {
          break
        }
        if (!this.#ordered && found.length >= 2 * limit + AT_ONCE) {
          found = found.sort().slice(0, limit)
        }
      }
    }
    const keys = found.sort().slice(0, limit)
    const values = await this.getMany(keys)
    return keys.flatMap((key, n): EnginePair[] => {
      const value = values[n]
      return value === undefined ? [] : [[key, value]]
    })
  }

  /**
   * Some datastores report a failed batch as written (`datastore-idb` 5), so that its last write is read again.
   *
   * @throws StoreError `STORE_FAILED` when the datastore does not have it
   */
  async write(writes: readonly EngineWrite[]): Promise<void> {
    const batch = this.#datastore.batch()
    for (const [key, value] of writes) {
      if (value === undefined) {
        batch.delete(DatastoreKey.encode(key))
      } else {
        batch.put(DatastoreKey.encode(key), value)
      }
    }
    await batch.commit()
    const put = writes.findLast(([, value]) => value !== undefined)
    const last = put ?? writes.at(-1)
    if (last !== undefined && !isSame(await this.#get(last[0]), last[1])) {
      throw new StoreError('STORE_FAILED', `the datastore committed a batch and did not write ${last[0]}`)
    }
  }

  async close(): Promise<void> {
    await this.#datastore.close?.()
  }

  async #get(key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#datastore.get(DatastoreKey.encode(key))
    } catch (err) {
      if (isNotFound(err)) {
        return undefined
      }
      throw err
    }
  }
}

/** `NotFoundError` of `interface-store`; its code before version 6 was `ERR_NOT_FOUND`. */
function isNotFound(err: unknown): boolean {
  const { name, code } = (err ?? {}) as { name?: unknown; code?: unknown }
  return name === 'NotFoundError' || code === 'ERR_NOT_FOUND'
}

/** The folder of all keys between two, since `datastore-fs` has no other prefixes; undefined for the root. */
function prefixOf(gt: string, lt: string): string | undefined {
  let length = 0
  while (length < gt.length && gt[length] === lt[length]) {
    length++
  }
  const isFolder = gt[length] === '/' && lt[length] === '0'
  const folder = isFolder ? gt.slice(0, length) : gt.slice(0, Math.max(0, gt.lastIndexOf('/', length - 1)))
  return folder === '' ? undefined : DatastoreKey.encode(folder).toString()
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.length === b.length && a.every((byte, n) => byte === b[n])
}
