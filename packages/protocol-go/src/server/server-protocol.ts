import type { ByteDuplex, ServeContext, ServerProtocol } from '@sr/protocol'
import { GO_PROTOCOL } from '../limits.ts'
import type { GoServerInit } from './init.ts'
import { GoServerSession } from './session.ts'

/**
 * The server side of `/ipfs/smart-record/0.0.1`: requests of a stream one after the other, each answered before the
 * next is read. A request that is refused resets the stream, which is the only refusal that this protocol has.
 *
 * Counters: `requests.update`, `requests.get`, `requests.query`; `answers.partial` for records larger than a frame, and
 * `answers.writersLeftOut` for the writers that such answers leave out, since this wire cannot say so.
 *
 * @example
 * ```ts
 * import { reachabilityVerdicts } from '@sr/grammar-base'
 * import { goServerProtocol } from '@sr/protocol-go/server'
 *
 * console.log(goServerProtocol({ verdicts: reachabilityVerdicts }).id) // /ipfs/smart-record/0.0.1
 * ```
 */
export function goServerProtocol(init: GoServerInit): ServerProtocol {
  return {
    id: GO_PROTOCOL,
    serve: async (duplex: ByteDuplex, context: ServeContext) => {
      await new GoServerSession(duplex, context, init).run()
    },
  }
}
