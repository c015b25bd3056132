import type { ServerProtocol } from '@sr/protocol'
import { RECORD_PROTOCOL } from '@sr/protocol/messages'
import { type Checks, checkConfig, duration, number, optional, partial, text } from '@sr/runtime'
import type { RecordServerInit, RecordServerTimeouts } from './init.ts'
import { RecordSession } from './record-session.ts'

const CHECKS: Checks<RecordServerInit> = {
  network: optional(text()),
  timeouts: optional(
    partial<RecordServerTimeouts>({
      frame: duration,
      idle: duration,
      request: duration,
      write: duration,
      credit: duration,
      stop: duration,
    }),
  ),
  inFlight: optional(number({ min: 1 })),
  watches: optional(number({ min: 1 })),
}

/**
 * The server side of `/smart-record/1.0.0`, over any duplex of bytes: many requests under way on one stream, each with exactly one
 * end; requests that touch one key in the order in which they were sent.
 *
 * Counters: `requests.update`, `.get`, `.query`, `.watch`, `.explain`, `.info`, `.ping`; `refused.E_…` by status; `unnamed`: documents,
 * changes and rows that are left out, since their writer is no peer id, and messages cannot name him.
 *
 * @throws ConfigError for an unknown or invalid option; a duration of Infinity sets no limit
 * @example
 * ```ts
 * import { recordServerProtocol } from '@sr/protocol-server/session'
 *
 * console.log(recordServerProtocol().id) // /smart-record/1.0.0
 * ```
 */
export function recordServerProtocol(init: RecordServerInit = {}): ServerProtocol {
  checkConfig<RecordServerInit>('recordServerProtocol', init, CHECKS)
  const own = { ...init, ...(init.timeouts === undefined ? {} : { timeouts: { ...init.timeouts } }) }
  return {
    id: RECORD_PROTOCOL,
    serve: async (duplex, context) => {
      await new RecordSession(duplex, context, own).run()
    },
  }
}
