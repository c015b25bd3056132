import { toHex } from './hex.ts'
import type { SigningStore } from './signing-store.ts'

/** Signed updates between two looks for horizons that have passed. */
const SWEEP_EVERY = 1000

/** Least time by which a kept horizon exceeds what was signed, ms, so that not every update is a write. */
const MIN_MARGIN_MS = 1000

/**
 * The latest expiry that one writer has signed under each key, `$ttl` counted: its promise that nothing it said there lives longer.
 * Only a signer that remembers what it signed can make a shorter one than for the longest life.
 */
export class Horizons {
  readonly #store: SigningStore
  /** until when what was signed before this memory began may live, milliseconds since 1970 */
  readonly #unknownUntil: number
  /** by hex of the key: what was promised, and what the store has */
  readonly #byRecord: Map<string, { signed: number; kept: number }>
  #count = 0

  constructor(store: SigningStore, kept: ReadonlyMap<string, number>, unknownUntil: number) {
    this.#store = store
    this.#unknownUntil = unknownUntil
    this.#byRecord = new Map(Array.from(kept, ([record, horizon]) => [record, { signed: horizon, kept: horizon }]))
  }

  /** Raises the horizon of a record to `latest`, and returns it once it is kept. */
  async raise(key: Uint8Array, latest: number, now: number): Promise<number> {
    if (++this.#count % SWEEP_EVERY === 0) {
      await this.#sweep(now)
    }
    const record = toHex(key)
    const entry = this.#byRecord.get(record) ?? { signed: 0, kept: 0 }
    this.#byRecord.set(record, entry)
    entry.signed = Math.max(entry.signed, latest)
    if (entry.signed > entry.kept) {
      entry.kept = entry.signed + Math.max(MIN_MARGIN_MS, Math.ceil((latest - now) / 8))
      await this.#store.saveHorizon(record, entry.kept)
    }
    return Math.max(entry.signed, this.#unknownUntil)
  }

  async #sweep(now: number): Promise<void> {
    for (const [record, { kept }] of this.#byRecord) {
      if (kept < now) {
        this.#byRecord.delete(record)
        await this.#store.dropHorizon(record)
      }
    }
  }
}
