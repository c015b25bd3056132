import type { ByteDuplex } from '../../duplex.ts'
import type { Case, Supports } from '../case.ts'
import { RawClient } from './raw-client.ts'

/**
 * What a server may or may not have; a setup declares it in `supports`.
 *
 * - `query`, `watch`, `explain`: the capabilities of these names
 * - `signing`: the setup can sign updates of another writer
 * - `timeouts`: the setup starts servers whose deadlines are short
 */
export type ServerNeed = 'query' | 'watch' | 'explain' | 'signing' | 'timeouts'

/** One server with an empty store. */
export interface TestServer {
  /** a stream to it, always of the same peer */
  connect(): Promise<ByteDuplex>
  /** Begins to stop in order. */
  stop(): void
  /** Ends it and all that belongs to it. */
  close(): Promise<void>
}

/** What `serverCases` need of the server that is tested. */
export interface ServerSetup extends Supports<ServerNeed> {
  /** Starts a server. Deadlines in milliseconds, for a setup that supports `timeouts`. */
  start(options?: { readonly frameMs?: number; readonly idleMs?: number }): Promise<TestServer>
  /** A signed update of a writer that is not the peer of the streams: dag-cbor of the body. */
  sign?(update: { readonly key: Uint8Array; readonly body: Uint8Array; readonly ttl: number }): Promise<Uint8Array>
}

/** A case of `serverCases`. */
export type ServerCase = Case<ServerSetup, ServerNeed>

/** What a case works with. */
export interface Bench {
  readonly setup: ServerSetup
  readonly server: TestServer
  readonly client: RawClient
  /** another stream */
  open(): Promise<RawClient>
}

/** A case of one server and a client that writes what it likes. */
export function serving(
  name: string,
  run: (bench: Bench) => Promise<void>,
  {
    needs = [],
    ...options
  }: { readonly needs?: readonly ServerNeed[]; readonly frameMs?: number; readonly idleMs?: number } = {},
): ServerCase {
  return {
    name: `a server: ${name}`,
    needs,
    async run(setup) {
      const server = await setup.start(options)
      const clients: RawClient[] = []
      const open = async (): Promise<RawClient> => {
        const client = new RawClient(await server.connect())
        clients.push(client)
        return client
      }
      try {
        await run({ setup, server, client: await open(), open })
      } finally {
        for (const client of clients) {
          client.abort()
        }
        await server.close()
      }
    },
  }
}
