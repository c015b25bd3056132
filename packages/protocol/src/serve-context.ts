import { bool, checkConfig, type Checks, func, optional, port, text } from '@sr/runtime'
import { FairScheduler } from './fair-scheduler.ts'
import { MemoryBudget } from './memory-budget.ts'
import type { ServedMachine } from './machine.ts'
import type { Account, RequestKind, Scheduler, ServeContext } from './seam.ts'

/** What {@link serveContext} takes. */
export interface ServeContextInit {
  readonly machine: ServedMachine
  /** peer id of the other end, proved by the transport */
  readonly peer: string
  /** network address of the other end, when known */
  readonly observedAddr?: string | undefined
  /** aborts when the server stops; default: never */
  readonly signal?: AbortSignal
  /** shared by the streams of a server; default: 16 MiB for this stream alone */
  readonly memory?: MemoryBudget
  /** shared by the streams of a server; default: one for this stream alone */
  readonly turns?: FairScheduler
  /** waits until the peer's request rate allows another request; default: never waits */
  readonly admit?: (kind: RequestKind) => Promise<void> | undefined
  /** adds to a counter; default: counts nothing */
  readonly count?: (name: string, by: number) => void
}

const OWN_MEMORY_BYTES = 16 * 1024 * 1024

const CHECKS: Checks<ServeContextInit> = {
  // a protocol calls only the members that it needs
  machine: port({ self: text() }),
  peer: text(),
  observedAddr: optional(text()),
  signal: optional(port({ aborted: bool, addEventListener: func })),
  memory: optional(port({ change: func })),
  turns: optional(port({ turn: func })),
  admit: optional(func),
  count: optional(func),
}

/**
 * A context for one stream, for servers over any transport that proves who is at the other end.
 *
 * @throws ConfigError for an unknown or invalid option
 * @example
 * ```ts
 * import { duplexPair, serveContext } from '@sr/protocol'
 * import { goServerProtocol } from '@sr/protocol-go/server'
 * import { createMachine } from '@sr/vm'
 * import { plainUpdates } from '@sr/vm/testing'
 *
 * const self = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
 * const machine = createMachine({ self, updates: plainUpdates(self) })
 * await machine.start()
 * const [client, server] = duplexPair()
 * const peer = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
 * const served = goServerProtocol({ verdicts: new Map() }).serve(server, serveContext({ machine, peer }))
 *
 * await client.write(Uint8Array.of(7, 8, 1, 18, 3, 50, 51, 52)) // GET 234
 * console.log((await client.read())?.length) // 12
 * await client.close()
 * await served
 * await machine.close()
 * ```
 */
export function serveContext(init: ServeContextInit): ServeContext {
  checkConfig<ServeContextInit>('serveContext', init, CHECKS)
  const { machine, peer, observedAddr, signal = new AbortController().signal } = init
  return { machine, peer, observedAddr, signal, scheduler: scheduler(init), account: account(init) }
}

function scheduler({ peer, turns = new FairScheduler(), admit = () => undefined }: ServeContextInit): Scheduler {
  const stream = {}
  return {
    turn: () => turns.turn(peer, stream),
    yield: async () => {
      await turns.turn(peer, stream, 'rest')
    },
    admit,
  }
}

function account({ peer, memory = new MemoryBudget(OWN_MEMORY_BYTES), count = () => {} }: ServeContextInit): Account {
  let held = 0
  return {
    hold: (bytes) => {
      memory.change(bytes - held, peer)
      held = bytes
    },
    count: (name, by = 1) => {
      count(name, by)
    },
  }
}
