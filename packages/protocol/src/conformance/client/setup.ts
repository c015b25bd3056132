import type { ClientSession } from '../../client.ts'
import type { ByteDuplex } from '../../duplex.ts'
import type { Case, Supports } from '../case.ts'
import { ScriptedServer } from './scripted-server.ts'

/**
 * What a client may or may not have; a setup declares it in `supports`.
 *
 * - `fallback`: speaks `/ipfs/smart-record/0.0.1` where the server does not have `/smart-record/1.0.0`
 * - `signing`: signs updates
 */
export type ClientNeed = 'fallback' | 'signing'

/** What `clientCases` need of the client that is tested. */
export interface ClientSetup extends Supports<ClientNeed> {
  /** A session whose streams `open` opens. `timeoutMs`: time of a call; a watch replaces a lost stream at once, but for its backoff. */
  connect(open: () => Promise<ByteDuplex>, options: { readonly timeoutMs: number }): ClientSession
  /** A session that offers both protocols; `open` says which one was negotiated. */
  fallback?(
    open: (protocols: readonly string[]) => Promise<{ readonly protocol: string; readonly duplex: ByteDuplex }>,
  ): ClientSession
  /** A session whose `update` signs, by a clock that reads `now`. */
  signing?(open: () => Promise<ByteDuplex>, now: () => number): ClientSession | Promise<ClientSession>
}

/** A case of `clientCases`. */
export type ClientCase = Case<ClientSetup, ClientNeed>

/** A case of a session and a server that follows a script. */
export function given(
  name: string,
  run: (server: ScriptedServer, session: ClientSession) => Promise<void>,
  timeoutMs: number = 5000,
): ClientCase {
  return {
    name: `a client: ${name}`,
    async run(setup) {
      const server = new ScriptedServer()
      const session = setup.connect(server.open, { timeoutMs })
      try {
        await run(server, session)
      } finally {
        session.close()
      }
    },
  }
}

/** The error that a promise rejects with. @throws Error when it is fulfilled, or rejects with something else than an object */
export async function errorOf(
  promise: Promise<unknown>,
): Promise<{ code?: unknown; applied?: unknown; retryable?: unknown }> {
  try {
    await promise
  } catch (err) {
    return err as { code?: unknown }
  }
  throw new Error('expected an error, got a result')
}
