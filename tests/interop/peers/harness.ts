import { addressOf, goClient, goServer, rawClient, rawPeer, type RawPeer } from './go-peer.ts'
import { ourClient, type OurClientOptions, ourServer, type OurServerOptions } from './our-peer.ts'
import { type GoPeer, startGoClient } from '../peer.mjs'
import type { Client, Server } from './peer.ts'
import { show } from './show.ts'

/** Client → server. `raw` is a bare peer of the Go stack with frames made by hand. */
export const PAIRINGS = ['Go → Go', 'raw → Go', 'Go → ours', 'raw → ours', 'ours → Go'] as const
export type Pairing = (typeof PAIRINGS)[number]

/** Two clients of one server. */
export interface Pair {
  readonly pairing: Pairing
  readonly server: Server
  readonly a: Client
  readonly b: Client
  /** `a` as a peer that sends bytes; only of a raw pairing */
  readonly raw: RawPeer | undefined
  readonly names: Names
  close(): Promise<void>
}

/** What rows may say of a pair of their own. */
export interface PairOptions {
  go?: { gcMs?: number }
  ours?: OurServerOptions
  client?: OurClientOptions
}

/** Peer ids and addresses by the names that tables use for them: they are others at every run. */
export class Names {
  readonly #names: Map<string, string>

  constructor(names: Iterable<readonly [string, string]>) {
    this.#names = new Map(names)
  }

  add(text: string, name: string): this {
    this.#names.set(text, name)
    return this
  }

  /** The longest first: an address holds a peer id. */
  in(text: string): string {
    const longest = [...this.#names].sort(([a], [b]) => b.length - a.length)
    return longest.reduce((all, [id, name]) => all.replaceAll(id, name), text)
  }

  /** A record in short, writer by writer. */
  record(record: ReadonlyMap<string, string>): string {
    const lines = Array.from(record, ([id, text]) => this.in(`${id}=${show(text)}`)).sort()
    return lines.length === 0 ? 'empty' : lines.join(' ')
  }
}

/** A writer that does not exist. */
export const ABSENT_WRITER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'

/** Starts two clients and a server. */
export async function startPair(pairing: Pairing, options: PairOptions = {}): Promise<Pair> {
  const [who, whom] = pairing.split(' → ')
  const server = whom === 'Go' ? await goServer(options.go) : await ourServer(options.ours)
  const start =
    who === 'Go' ? goClient : who === 'raw' ? rawClient : async (to: Server) => await ourClient(to, options.client)
  const [a, b] = await Promise.all([start(server), start(server)])
  const place = server.address.replace(/\/p2p\/.*/, '')
  return {
    pairing,
    server,
    a,
    b,
    raw: 'raw' in a ? (a.raw as RawPeer) : undefined,
    names: new Names([
      [a.id, 'A'],
      [b.id, 'B'],
      [server.id, 'S'],
      [place, '/at-S'],
      [ABSENT_WRITER, 'N'],
    ]),
    async close() {
      await Promise.all([a.close(), b.close()])
      await server.close()
    },
  }
}

/** Keeps the pairs that rows share, and ends them all. */
export class Harness {
  readonly #pairs = new Map<Pairing, Promise<Pair>>()
  #oracle: Promise<RawPeer> | undefined
  #reference: Promise<GoPeer> | undefined

  /** The pair that rows share: each row has a key of its own. */
  async pair(pairing: Pairing): Promise<Pair> {
    let pair = this.#pairs.get(pairing)
    if (pair === undefined) {
      pair = startPair(pairing)
      this.#pairs.set(pairing, pair)
    }
    return await pair
  }

  /** A bare Go peer, for questions to Go's codec. */
  async oracle(): Promise<RawPeer> {
    this.#oracle ??= rawPeer()
    return await this.#oracle
  }

  /** The reference as a program to ask, for questions about records. */
  async reference(): Promise<GoPeer> {
    this.#reference ??= startGoClient()
    return await this.#reference
  }

  async close(): Promise<void> {
    await Promise.all([
      this.#reference?.then(async (peer) => {
        await peer.close()
      }),
      ...Array.from(this.#pairs.values(), async (pair) => {
        await (await pair).close()
      }),
      this.#oracle?.then(async (peer) => {
        await peer.close()
      }),
    ])
  }
}

/** A peer of the Go stack that can be dialled and knows no other peer. */
export async function startListener(): Promise<{ id: string; address: string; close(): Promise<void> }> {
  const peer = await rawPeer({ listen: true })
  return {
    id: peer.id,
    address: addressOf(peer.peer),
    close: async () => {
      await peer.close()
    },
  }
}
