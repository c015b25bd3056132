import type { PrivateKey } from '@libp2p/interface'
import { MAX_RETAIN_MS, seqTime, validateDraft } from '@sr/ir/validate'
import { keyBytes, ProtocolError } from '@sr/protocol'
import { bool, checkConfig, func, number, optional, port, text } from '@sr/runtime'
import { createUpdateCodec, type UpdateCodec } from '@sr/update'
import { from, type Plain } from '@sr/xr'
import { Horizons } from './horizons.ts'
import { SeqClock } from './seq-clock.ts'
import { type SigningDatastore, SigningStore } from './signing-store.ts'

/** Longest life of a statement unless the owner sets another, seconds: 72 hours. */
const MAX_TTL_S = 259_200

/** What signs: a libp2p private key, or an object that has its public key and reaches it elsewhere. */
export type SigningKey = Pick<PrivateKey, 'type' | 'publicKey' | 'sign'>

/** Options of {@link createSigner}. */
export interface SignerInit {
  readonly privateKey: SigningKey
  /** name of the network; default `main` */
  readonly network?: string
  /** keeps the clock over restarts; then `retain` is as short as what was signed under a key allows */
  readonly datastore?: SigningDatastore
  /**
   * longest life that any device of this identity ever gives a statement, seconds; default 259,200 (72 h). It may be lowered only
   * once what the higher one allowed has expired.
   */
  readonly maxTtl?: number
  /** whether other devices sign with the same key, so that what this one remembers is not all; default false */
  readonly isShared?: boolean
  /** milliseconds since 1970; default `Date.now` */
  readonly now?: () => number
}

/** How an update is signed. */
export interface SignOptions {
  /** life of what is stated, whole seconds */
  readonly ttl: number
}

/** An update that was signed. Its outcome is reported by one of the methods of the signer. */
export interface SignedUpdate {
  readonly seq: number
  readonly bytes: Uint8Array
}

/** Signs updates of one writer, with a clock that rises strictly. */
export interface Signer {
  /** peer id of the writer */
  readonly writer: string
  readonly network: string
  /**
   * Signs an update. `offsetMs`: how far the clock of the server that it is for is from this one.
   *
   * @throws IrError and XrError for an invalid document; ProtocolError `PROTOCOL_KEY`, `PROTOCOL_TTL`
   */
  sign(key: Uint8Array | string, document: Plain, options: SignOptions, offsetMs?: number): Promise<SignedUpdate>
  /** The update may have been published. */
  settle(seq: number): void
  /** The update was not published and will not be. */
  withdraw(seq: number): Promise<void>
  /** Moves the clock past a seq of this writer that a server has; false when it is too far ahead to be true. */
  follow(seq: number): boolean
  /** milliseconds since 1970, by this signer's clock */
  readonly now: number
}

/**
 * Signs updates as the owner of a private key.
 *
 * @throws ConfigError; UpdateError `UPDATE_CONFIG` for a network name or key that is not accepted
 * @example
 * ```ts
 * import { generateKeyPair } from '@libp2p/crypto/keys'
 * import { createSigner } from '@sr/protocol-client/signing'
 *
 * const signer = createSigner({ privateKey: await generateKeyPair('Ed25519') })
 * const [first, second] = [await signer.sign('lobby', { nick: 'bob' }, { ttl: 60 }), await signer.sign('lobby', {}, { ttl: 60 })]
 * console.log(first.bytes[0], second.seq > first.seq) // 10 true
 * ```
 */
export function createSigner(init: SignerInit): Signer {
  checkConfig<SignerInit>('createSigner', init, {
    privateKey: port({ type: text(), publicKey: port({ type: text() }), sign: func }),
    network: optional(text({ min: 1 })),
    datastore: optional(port({ get: func, has: func, put: func, delete: func, query: func })),
    maxTtl: optional(number({ min: 1, max: MAX_RETAIN_MS / 1000, integer: true })),
    isShared: optional(bool),
    now: optional(func),
  })
  return new KeySigner(init)
}

interface Memory {
  readonly clock: SeqClock
  readonly since: number
  readonly store: SigningStore | undefined
  readonly horizons: Horizons | undefined
}

class KeySigner implements Signer {
  readonly writer: string
  readonly network: string
  readonly #codec: UpdateCodec
  readonly #init: SignerInit
  readonly #maxTtl: number
  readonly #now: () => number
  #memory: Memory | undefined
  #loading: Promise<Memory> | undefined

  constructor(init: SignerInit) {
    this.network = init.network ?? 'main'
    this.#codec = createUpdateCodec({ network: this.network, privateKey: init.privateKey as PrivateKey })
    this.writer = this.#codec.signer as string
    this.#init = init
    this.#maxTtl = init.maxTtl ?? MAX_TTL_S
    this.#now = init.now ?? Date.now
  }

  get now(): number {
    return this.#now()
  }

  async sign(
    key: Uint8Array | string,
    document: Plain,
    { ttl }: SignOptions,
    offsetMs: number = 0,
  ): Promise<SignedUpdate> {
    if (!Number.isSafeInteger(ttl) || ttl < 1 || ttl > this.#maxTtl) {
      const message = `ttl must be a whole number of seconds from 1 to ${this.#maxTtl}, not ${ttl}`
      throw new ProtocolError('PROTOCOL_TTL', message, { limit: 'maxTtl', max: this.#maxTtl, got: ttl })
    }
    const [ownKey, body] = [keyBytes(key), from(document)]
    const { clock, since, store, horizons } = this.#memory ?? (await this.#load())
    const seq = clock.next(offsetMs)
    try {
      const time = seqTime(seq)
      const [expires, limit] = [time + ttl * 1000, time + this.#maxTtl * 1000]
      const reserved = store && clock.reservation(seq)
      if (reserved !== undefined) {
        await store?.saveClock({ reserved, since })
      }
      // without a memory: nothing that this identity says before `seq` lives longer
      const { latest } = validateDraft({ seq, expires, retain: limit, body })
      const retain = horizons === undefined ? limit : Math.min(limit, await horizons.raise(ownKey, latest, time))
      const { bytes } = await (this.#codec.sign as NonNullable<UpdateCodec['sign']>)({
        key: ownKey,
        seq,
        expires,
        retain: Math.max(retain, latest),
        body,
      })
      return { seq, bytes }
    } catch (err) {
      clock.settle(seq)
      throw err
    }
  }

  settle(seq: number): void {
    this.#memory?.clock.settle(seq)
  }

  async withdraw(seq: number): Promise<void> {
    const { clock, store, since } = this.#memory ?? (await this.#load())
    const reserved = clock.withdraw(seq)
    await store?.saveClock({ reserved, since })
  }

  follow(seq: number): boolean {
    return this.#memory?.clock.follow(seq) ?? false
  }

  async #load(): Promise<Memory> {
    this.#loading ??= this.#read()
    try {
      this.#memory = await this.#loading
    } finally {
      this.#loading = undefined
    }
    return this.#memory
  }

  async #read(): Promise<Memory> {
    const { datastore, isShared = false } = this.#init
    if (datastore === undefined) {
      return { clock: new SeqClock(this.#now), since: 0, store: undefined, horizons: undefined }
    }
    const store = new SigningStore(datastore, this.network, this.writer)
    const saved = await store.loadClock()
    // what was signed before this memory began ends by then
    const since = saved?.since ?? this.#now()
    const horizons = isShared ? undefined : new Horizons(store, await store.loadHorizons(), since + this.#maxTtl * 1000)
    return { clock: new SeqClock(this.#now, saved?.reserved), since, store, horizons }
  }
}
