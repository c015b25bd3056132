import type { ByteDuplex, ServeContext, ServerProtocol } from '@sr/protocol'
import { type Checks, checkConfig, duration, func, optional, partial, port } from '@sr/runtime'
import { GO_PROTOCOL } from '../limits.ts'
import type { GoServerInit, GoServerTimeouts } from './init.ts'
import { GoServerSession } from './session.ts'

const CHECKS: Checks<GoServerInit> = {
  verdicts: port({ get: func, values: func }),
  normalizeAddress: optional(func),
  timeouts: optional(
    partial<GoServerTimeouts>({
      idle: duration,
      frame: duration,
      handler: duration,
      write: duration,
      effects: duration,
    }),
  ),
}

/**
 * The server side of `/ipfs/smart-record/0.0.1`: requests of a stream one after the other, each answered before the
 * next is read. A request that is refused resets the stream, which is the only refusal that this protocol has.
 *
 * Counters: `requests.update`, `requests.get`, `requests.query`; `answers.partial` for records larger than a frame, and
 * `answers.writersLeftOut` for the writers that answers leave out, since this wire cannot say so: also those whose id is
 * no peer id, which other protocols may let in. On this one they are refused.
 *
 * @throws ConfigError for an unknown or invalid option; a duration of Infinity sets no limit
 * @example
 * ```ts
 * import { reachabilityVerdicts } from '@sr/grammar-base'
 * import { goServerProtocol } from '@sr/protocol-go/server'
 *
 * console.log(goServerProtocol({ verdicts: reachabilityVerdicts }).id) // /ipfs/smart-record/0.0.1
 * ```
 */
export function goServerProtocol(init: GoServerInit): ServerProtocol {
  checkConfig<GoServerInit>('goServerProtocol', init, CHECKS)
  const own: GoServerInit = { ...init, ...(init.timeouts === undefined ? {} : { timeouts: { ...init.timeouts } }) }
  return {
    id: GO_PROTOCOL,
    serve: async (duplex: ByteDuplex, context: ServeContext) => {
      await new GoServerSession(duplex, context, own).run()
    },
  }
}
