import { createDocument, type Document } from '@sr/ir'
import { type DocumentView, keyBytes, type Revision } from '@sr/protocol'
import { createUpdateCodec, type DecodedUpdate, type UpdateCodec } from '@sr/update'
import type { Dict } from '@sr/xr'
import type { SmartRecordClient } from '../smart-record-client.ts'
import type { Target } from '../target.ts'

/** Most bytes of updates that are read from one server, unless a caller says otherwise: to verify them takes 4 s. */
const MAX_BYTES: number = 4 * 1024 * 1024

/** Options of {@link quorumGet}. */
export interface QuorumOptions {
  /** only these writers; default: all */
  readonly writers?: readonly string[]
  /** most bytes of updates and most bytes of views, from each server; default 4 MiB */
  readonly maxBytes?: number
  /** the instant to show the documents at, milliseconds since 1970; default: now */
  readonly now?: number
  readonly signal?: AbortSignal
}

/** One writer's document, merged from the verified updates of all servers. */
export interface QuorumDocument {
  readonly document: Dict
  /** highest seq of the updates behind it */
  readonly seq: number
  /** whether its writer contradicts itself */
  readonly forked: boolean
  /** places in the list of servers of those that have every update behind it, and of those that lack one */
  readonly servedBy: readonly number[]
  readonly withheldBy: readonly number[]
}

/** What one server answered. */
export interface QuorumServer {
  readonly peer: Target
  /** why it did not answer; then everything else is empty */
  readonly error: unknown
  readonly revision: Revision | undefined
  /** whether it says that it does not have all of the record yet */
  readonly isPartial: boolean
  /** hashes of the verified updates that it has */
  readonly served: ReadonlySet<string>
  /** updates that are needed and that only other servers have. It may have got them since. */
  readonly withheld: ReadonlyArray<{ readonly writer: string; readonly hash: string }>
  /** what it sent that is no valid update of this record */
  readonly invalid: ReadonlyArray<{ readonly bytes: Uint8Array; readonly error: unknown }>
  /** what it shows by its own word, with what is not signed */
  readonly view: ReadonlyMap<string, DocumentView>
}

/** A record by several servers. */
export interface QuorumRecord {
  /** by writer: only what writers signed */
  readonly documents: ReadonlyMap<string, QuorumDocument>
  /** in the order of the peers that were asked */
  readonly servers: readonly QuorumServer[]
  /** the updates behind the documents, by hash: any of the servers that lack one can be given it */
  readonly updates: ReadonlyMap<string, Uint8Array>
}

/** The part of a client that {@link quorumGet} uses. */
export type QuorumClient = Pick<SmartRecordClient, 'get' | 'getUpdates' | 'network'>

/**
 * Reads a record from several servers, verifies the updates, and merges them as a server does. A server cannot change what a writer
 * said, and hides nothing that another server has. What is not signed is in the views, by server.
 *
 * It does not fail when servers do: see `error` of each.
 *
 * @example
 * ```ts no-run
 * import type { SmartRecordClient } from '@sr/protocol-client'
 * import { quorumGet } from '@sr/protocol-client/quorum'
 *
 * declare const records: SmartRecordClient
 * const peers = ['/ip4/10.0.0.1/tcp/4001', '/ip4/10.0.0.2/tcp/4001', '/ip4/10.0.0.3/tcp/4001']
 * const { documents, servers } = await quorumGet(records, peers, 'lobby')
 * for (const [writer, { document, withheldBy }] of documents) {
 *   console.log(writer, String(document), withheldBy.map((i) => peers[i]))
 * }
 * console.log(servers.filter(({ error }) => error !== undefined).length, 'did not answer')
 * ```
 */
export async function quorumGet(
  client: QuorumClient,
  peers: readonly Target[],
  key: Uint8Array | string,
  options: QuorumOptions = {},
): Promise<QuorumRecord> {
  const ownKey = keyBytes(key)
  const merge = new VerifiedMerge(client.network, ownKey, options.writers)
  const answers = await Promise.all(peers.map(async (peer) => await ask(client, peer, ownKey, options, merge)))
  const needed = merge.needed()
  const servers = answers.map((answer) => ({
    ...answer,
    withheld: answer.error === undefined ? needed.filter(({ hash }) => !answer.served.has(hash)) : [],
  }))
  return {
    documents: merge.documents(options.now ?? Date.now(), servers),
    servers,
    updates: new Map(needed.map(({ hash }) => [hash, merge.bytesOf(hash)])),
  }
}

async function ask(
  client: QuorumClient,
  peer: Target,
  key: Uint8Array,
  { writers, maxBytes = MAX_BYTES, signal }: QuorumOptions,
  merge: VerifiedMerge,
): Promise<Omit<QuorumServer, 'withheld'>> {
  const common = {
    ...(writers === undefined ? {} : { writers }),
    ...(signal === undefined ? {} : { signal }),
    maxBytes,
  }
  try {
    const [{ revision, partial, updates }, { documents }] = await Promise.all([
      client.getUpdates(peer, key, common),
      // a document that cannot be read is left out: what is shown is verified apart from it
      client.get(peer, key, { ...common, onUnreadable: () => {} }),
    ])
    return { peer, error: undefined, revision, isPartial: partial, ...(await merge.take(updates)), view: documents }
  } catch (error) {
    return { peer, error, revision: undefined, isPartial: false, served: new Set(), invalid: [], view: new Map() }
  }
}

interface Needed {
  readonly writer: string
  readonly hash: string
}

/** Merges verified updates of one record. */
class VerifiedMerge {
  readonly #codec: UpdateCodec
  readonly #key: Uint8Array
  readonly #writers: ReadonlySet<string> | undefined
  /** by hash; an update is verified once, whichever servers have it */
  readonly #updates = new Map<string, Promise<{ readonly update: DecodedUpdate; readonly bytes: Uint8Array }>>()
  readonly #bytes = new Map<string, Uint8Array>()
  readonly #byWriter = new Map<string, { readonly document: Document; forked: boolean }>()

  constructor(network: string, key: Uint8Array, writers: readonly string[] | undefined) {
    this.#codec = createUpdateCodec({ network })
    this.#key = key
    this.#writers = writers && new Set(writers)
  }

  async take(updates: readonly Uint8Array[]): Promise<Pick<QuorumServer, 'served' | 'invalid'>> {
    const served = new Set<string>()
    const invalid: Array<{ bytes: Uint8Array; error: unknown }> = []
    for (const bytes of updates) {
      try {
        served.add(await this.#add(bytes))
      } catch (error) {
        invalid.push({ bytes, error })
      }
    }
    return { served, invalid }
  }

  /** The updates that the documents still need, tombstones too. */
  needed(): Needed[] {
    return Array.from(this.#byWriter).flatMap(([writer, { document }]) =>
      Array.from(document.live(), (hash) => ({ writer, hash })),
    )
  }

  bytesOf(hash: string): Uint8Array {
    return this.#bytes.get(hash) as Uint8Array
  }

  documents(now: number, servers: ReadonlyArray<Pick<QuorumServer, 'served' | 'error'>>): Map<string, QuorumDocument> {
    const documents = new Map<string, QuorumDocument>()
    for (const [writer, { document, forked }] of this.#byWriter) {
      const shown = document.show(now)
      if (shown !== undefined) {
        const hashes = [...document.live()]
        const places = servers.flatMap(({ error }, i) => (error === undefined ? [i] : []))
        const has = (i: number): boolean => hashes.every((hash) => servers[i]?.served.has(hash))
        documents.set(writer, {
          document: shown,
          seq: document.seq,
          forked,
          servedBy: places.filter(has),
          withheldBy: places.filter((i) => !has(i)),
        })
      }
    }
    return documents
  }

  /** Returns the hash of an update once it is verified and merged. */
  async #add(bytes: Uint8Array): Promise<string> {
    const parsed = await this.#codec.parse(bytes)
    const { hash, writer, key, signed } = parsed
    if (!signed || !isEqual(key, this.#key) || this.#writers?.has(writer) === false) {
      throw new TypeError('expected a signed update of the record and the writers that were asked for')
    }
    let verified = this.#updates.get(hash)
    if (verified === undefined) {
      verified = this.#codec.verify(parsed)
      this.#updates.set(hash, verified)
      // another envelope of the same payload may be right
      verified.catch(() => this.#updates.delete(hash))
    }
    const { update } = await verified
    if (!this.#bytes.has(hash)) {
      this.#bytes.set(hash, bytes)
      this.#merge(writer, update)
    }
    return hash
  }

  #merge(writer: string, { content }: DecodedUpdate): void {
    let entry = this.#byWriter.get(writer)
    if (entry === undefined) {
      entry = { document: createDocument(), forked: false }
      this.#byWriter.set(writer, entry)
    }
    entry.forked = entry.document.apply(content).forked || entry.forked
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
