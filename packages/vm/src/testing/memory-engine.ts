import type { Engine, EnginePair, EngineRange, EngineWrite } from '../store/kv/engine.ts'

/** An {@link Engine} in memory, for tests. */
export interface MemoryEngine extends Engine {
  /** what it has; a test may change it */
  readonly pairs: Map<string, Uint8Array>
  /** number of keys that it writes until it fails, as if the process ended then; Infinity: it does not */
  writesLeft: number
  /** Loses the power: what was not written for good is lost. */
  losePower(): void
}

/** What kind of database a {@link MemoryEngine} is like. */
export interface MemoryEngineOptions {
  /** whether a write is whole when it fails in the middle; default: true */
  readonly atomic?: boolean
  /** whether a write is for good when it resolves, and not first when the engine is closed; default: true */
  readonly durable?: boolean
}

/**
 * An engine in memory that fails where a test wants it to. It may be opened again after it was closed, and has what it had then.
 *
 * @example
 * ```ts
 * import { memoryEngine } from '@sr/vm/testing'
 *
 * const engine = memoryEngine()
 * await engine.open()
 * await engine.write([['b', Uint8Array.of(2)], ['a', Uint8Array.of(1)]])
 * console.log(await engine.range({ gt: '', lt: 'c' })) // [ [ 'a', Uint8Array(1) [ 1 ] ], [ 'b', Uint8Array(1) [ 2 ] ] ]
 * await engine.close()
 * ```
 */
export function memoryEngine({ atomic = true, durable = true }: MemoryEngineOptions = {}): MemoryEngine {
  return new EngineInMemory(atomic, durable)
}

class EngineInMemory implements MemoryEngine {
  readonly atomic: boolean
  readonly durable: boolean
  readonly pairs = new Map<string, Uint8Array>()
  writesLeft = Infinity
  #isOpen = false
  /** what a loss of power leaves */
  #safe = new Map<string, Uint8Array>()

  constructor(atomic: boolean, durable: boolean) {
    this.atomic = atomic
    this.durable = durable
  }

  open(): void {
    this.#isOpen = true
    this.writesLeft = Infinity
  }

  async getMany(keys: readonly string[]): Promise<Array<Uint8Array | undefined>> {
    await this.#turn()
    return keys.map((key) => this.pairs.get(key))
  }

  async range({ gt, lt, limit = Infinity }: EngineRange): Promise<EnginePair[]> {
    await this.#turn()
    const keys = [...this.pairs.keys()].filter((key) => key > gt && key < lt).sort()
    return keys.slice(0, limit).map((key) => [key, this.pairs.get(key) as Uint8Array])
  }

  async write(writes: readonly EngineWrite[]): Promise<void> {
    await this.#turn()
    const count = this.writesLeft >= writes.length ? writes.length : this.atomic ? 0 : this.writesLeft
    for (const [key, value] of writes.slice(0, count)) {
      if (value === undefined) {
        this.pairs.delete(key)
      } else {
        this.pairs.set(key, value)
      }
    }
    const isWhole = count === writes.length
    this.writesLeft = isWhole ? this.writesLeft - count : 0
    if (!isWhole) {
      throw new Error(`the engine failed after ${count} of ${writes.length} writes`)
    }
    if (this.durable) {
      this.#safe = new Map(this.pairs)
    }
  }

  close(): void {
    this.#isOpen = false
    this.#safe = new Map(this.pairs)
  }

  losePower(): void {
    this.#isOpen = false
    this.pairs.clear()
    for (const [key, value] of this.#safe) {
      this.pairs.set(key, value)
    }
  }

  /** A database answers in a later turn of the event loop. */
  async #turn(): Promise<void> {
    await Promise.resolve()
    if (!this.#isOpen) {
      throw new Error('the engine is not open')
    }
  }
}
