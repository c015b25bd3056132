import {
  type ClientProtocol,
  type ClientSession,
  ProtocolError,
  type RequestOptions,
  type Submission,
  type UpdateOptions,
  type UpdateReceipt,
} from '@sr/protocol'
import type { Plain } from '@sr/xr'
import type { SignedUpdate, Signer } from './signer.ts'

/** What a session needs of a {@link Signer}. */
export type SessionSigner = Pick<Signer, 'sign' | 'settle' | 'withdraw' | 'follow'>

/** How often an update is said again that another device has overtaken. */
const MAX_REPEATS = 3

/**
 * A protocol whose sessions sign what they would otherwise send unsigned. An update that another device of this writer has overtaken is
 * said again, above it. When a server answers `E_CLOCK`, the session goes by the server's clock from then on.
 */
export function signedClientProtocol(protocol: ClientProtocol, signer: SessionSigner): ClientProtocol {
  return { id: protocol.id, connect: (open) => signedSession(protocol.connect(open), signer) }
}

/** The same for one session. */
export function signedSession(session: ClientSession, signer: SessionSigner): ClientSession {
  const signing = new Signing(session, signer)
  return {
    get: async (...args) => await session.get(...args),
    getAt: async (...args) => await session.getAt(...args),
    getUpdates: async (...args) => await session.getUpdates(...args),
    query: (...args) => session.query(...args),
    watch: (...args) => session.watch(...args),
    update: async (...args) => await signing.update(...args),
    submit: async (...args) => await signing.submit(...args),
    explain: async (item, options) => {
      const { submission, signed } = await signing.sign(item)
      try {
        return await session.explain(submission, options)
      } finally {
        await signing.withdraw(signed)
      }
    },
    info: async (...args) => await session.info(...args),
    ping: async (...args) => await session.ping(...args),
    close: () => session.close(),
    check: () => session.check?.(),
    get idle() {
      return session.idle
    },
  }
}

type Result = UpdateReceipt | ProtocolError

class Signing {
  readonly #session: ClientSession
  readonly #signer: SessionSigner
  /** how far the server's clock is from the signer's */
  #offsetMs = 0

  constructor(session: ClientSession, signer: SessionSigner) {
    this.#session = session
    this.#signer = signer
  }

  async update(key: Uint8Array | string, document: Plain, options: UpdateOptions): Promise<UpdateReceipt> {
    const { ifSeq, signal } = options
    for (let repeats = 0; ; repeats++) {
      const signed = await this.#signer.sign(key, document, options, this.#offsetMs)
      const [answer] = await this.#submit([{ signed: signed.bytes, ifSeq }], signal, [signed])
      const result = await this.#conclude(signed, answer as Result)
      if (result instanceof ProtocolError) {
        throw result
      }
      const isOvertaken = result.seq > signed.seq && !result.changed
      if (!isOvertaken || !this.#signer.follow(result.seq) || repeats === MAX_REPEATS) {
        return result
      }
    }
  }

  async submit(items: readonly Submission[], { signal }: RequestOptions = {}): Promise<Result[]> {
    const all = await Promise.all(items.map(async (item) => await this.sign(item)))
    const answers = await this.#submit(
      all.map(({ submission }) => submission),
      signal,
      all.map(({ signed }) => signed),
    )
    return await Promise.all(all.map(async ({ signed }, i) => await this.#conclude(signed, answers[i] as Result)))
  }

  /** An own update as a signed one; a signed one as it is. */
  async sign(item: Submission): Promise<{ readonly submission: Submission; readonly signed?: SignedUpdate }> {
    if ('signed' in item) {
      return { submission: item }
    }
    const signed = await this.#signer.sign(item.key, item.body, item, this.#offsetMs)
    return { submission: { signed: signed.bytes, ifSeq: item.ifSeq }, signed }
  }

  async withdraw(signed: SignedUpdate | undefined): Promise<void> {
    if (signed !== undefined) {
      await this.#signer.withdraw(signed.seq)
    }
  }

  async #submit(
    items: readonly Submission[],
    signal: AbortSignal | undefined,
    signed: ReadonlyArray<SignedUpdate | undefined>,
  ): Promise<readonly Result[]> {
    try {
      return await this.#session.submit(items, signal === undefined ? {} : { signal })
    } catch (err) {
      for (const one of signed) {
        if (one !== undefined) {
          this.#signer.settle(one.seq)
        }
      }
      throw err
    }
  }

  /** What became of an update that this session signed. */
  async #conclude(signed: SignedUpdate | undefined, result: Result): Promise<Result> {
    if (signed === undefined) {
      return result
    }
    if (!(result instanceof ProtocolError)) {
      this.#signer.settle(signed.seq)
      this.#signer.follow(result.seq)
      return { ...result, signed: signed.bytes }
    }
    if (result.code !== 'E_CLOCK' || result.applied !== 'no' || result.now === undefined) {
      this.#signer.settle(signed.seq)
      return result
    }
    const aheadMs = Math.floor(signed.seq / 1000) - result.now
    // the update exists nowhere: the clock goes by the server's, and seq where it was
    await this.#signer.withdraw(signed.seq)
    if (aheadMs > 0) {
      this.#offsetMs -= aheadMs
    }
    return new ProtocolError('E_CLOCK', `the clock of this writer is ${aheadMs} ms ahead of the server's`, {
      ...result,
      aheadMs,
      cause: result,
    })
  }
}
