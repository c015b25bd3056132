import { decode, encode } from '@sr/xr/cbor'
import { toHex } from './hex.ts'
import { Key } from 'interface-datastore/key'

/** The part of a libp2p datastore that a signer uses. */
export interface SigningDatastore {
  get(key: Key): Promise<Uint8Array> | Uint8Array
  has(key: Key): Promise<boolean> | boolean
  put(key: Key, value: Uint8Array): unknown
  delete(key: Key): unknown
  query(query: {
    prefix: string
  }): AsyncIterable<{ key: Key; value: Uint8Array }> | Iterable<{ key: Key; value: Uint8Array }>
}

/** What a signer remembers over restarts. */
export interface SavedClock {
  /** no update with a higher seq was signed */
  readonly reserved: number
  /** when the memory begins, milliseconds since 1970: what was signed before is not known */
  readonly since: number
}

/** Keeps the clock and the horizons of one writer in one network. */
export class SigningStore {
  readonly #datastore: SigningDatastore
  readonly #clock: Key
  readonly #horizons: string

  constructor(datastore: SigningDatastore, network: string, writer: string) {
    const base = `/smart-record/signer/${toHex(new TextEncoder().encode(network))}/${writer}`
    this.#datastore = datastore
    this.#clock = new Key(`${base}/clock`)
    this.#horizons = `${base}/horizon/`
  }

  async loadClock(): Promise<SavedClock | undefined> {
    if (!(await this.#datastore.has(this.#clock))) {
      return undefined
    }
    const [reserved, since] = decode(await this.#datastore.get(this.#clock)) as [number, number]
    return { reserved, since }
  }

  async saveClock({ reserved, since }: SavedClock): Promise<void> {
    await this.#datastore.put(this.#clock, encode([reserved, since]))
  }

  /** The horizons by record, as hex of its key. */
  async loadHorizons(): Promise<Map<string, number>> {
    const horizons = new Map<string, number>()
    for await (const { key, value } of this.#datastore.query({ prefix: this.#horizons })) {
      horizons.set(key.toString().slice(this.#horizons.length), decode(value) as number)
    }
    return horizons
  }

  async saveHorizon(record: string, horizon: number): Promise<void> {
    await this.#datastore.put(new Key(this.#horizons + record), encode(horizon))
  }

  async dropHorizon(record: string): Promise<void> {
    await this.#datastore.delete(new Key(this.#horizons + record))
  }
}
