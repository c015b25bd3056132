/** Longest part of a path: most file systems have names of up to 255 bytes, and `datastore-fs` adds to them. */
const PART_LENGTH = 200

/** Ends a part that goes on in the next one. It is above all characters of the parts, so that the order stays. */
const CONTINUED = '~'

/**
 * A key for a datastore. It has what the datastores use of `Key` of `interface-datastore`, which is not imported, so that
 * applications without a datastore do not load it.
 */
export class DatastoreKey {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** The path of a key of an engine: `/` in front, and long parts split. */
  static encode(key: string): DatastoreKey {
    return new DatastoreKey(`/${key.split('/').map(split).join('/')}`)
  }

  /** The key of an engine whose path this is. */
  static decode(path: string): string {
    return path.slice(1).replaceAll(`${CONTINUED}/`, '')
  }

  toString(): string {
    return this.#path
  }

  get [Symbol.toStringTag](): string {
    return `Key(${this.#path})`
  }

  uint8Array(): Uint8Array {
    return new TextEncoder().encode(this.#path)
  }

  list(): string[] {
    return this.#path.slice(1).split('/')
  }

  namespaces(): string[] {
    return this.list()
  }

  baseNamespace(): string {
    return this.list().at(-1) as string
  }

  name(): string {
    return this.baseNamespace()
  }

  parent(): DatastoreKey {
    return new DatastoreKey(this.#path.slice(0, this.#path.lastIndexOf('/')) || '/')
  }

  child(key: { toString(): string }): DatastoreKey {
    return new DatastoreKey(this.#path + key.toString())
  }
}

function split(part: string): string {
  const parts = part.match(new RegExp(`[^]{1,${PART_LENGTH}}`, 'g')) ?? ['']
  return parts.join(`${CONTINUED}/`)
}
