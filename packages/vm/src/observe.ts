import type { VmErrorCode } from './errors.ts'

/** Something that an operator wants to know of. */
export type MachineEvent =
  /** a call was refused, or failed, with this code */
  | { readonly type: 'refused' | 'failed'; readonly call: string; readonly code: VmErrorCode; readonly message: string }
  /** a stored update cannot be read, and was set aside */
  | { readonly type: 'damaged'; readonly record: string; readonly hash: string | undefined; readonly reason: string }
  /** deleting what has expired failed; it is tried again */
  | { readonly type: 'expiry-failed'; readonly reason: string }

/** The part of libp2p's `Metrics` that a machine uses. */
export interface Metrics {
  registerCounterGroup(
    name: string,
    options: { readonly label: string; readonly help: string },
  ): { increment(values: Record<string, number>): void }
}

/** One log of a component, as `@libp2p/logger` makes them: the call is for details, `error` for what an operator has to look at. */
export interface Log {
  (format: string, ...args: unknown[]): void
  error(format: string, ...args: unknown[]): void
}

/** The `ComponentLogger` of libp2p, of which a node's services are given one. */
export interface ComponentLogger {
  forComponent(name: string): Log
}

/** Name of the machine's log: `DEBUG=smart-record:machine*` shows it. */
const COMPONENT = 'smart-record:machine'

/** Writes events to a log: refusals as details, what fails or is damaged as errors. */
export function logEvents(logger: ComponentLogger): (event: MachineEvent) => void {
  const log = logger.forComponent(COMPONENT)
  return (event) => {
    switch (event.type) {
      case 'refused':
        log('refused %s with %s - %s', event.call, event.code, event.message)
        break
      case 'failed':
        log.error('%s failed with %s - %s', event.call, event.code, event.message)
        break
      case 'damaged':
        log.error(
          'an update of record %s cannot be read (%s) - %s',
          event.record,
          event.hash ?? 'unknown hash',
          event.reason,
        )
        break
      case 'expiry-failed':
        log.error('deleting what has expired failed, and is tried again - %s', event.reason)
        break
    }
  }
}
