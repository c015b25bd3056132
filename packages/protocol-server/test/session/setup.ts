import {
  type ByteDuplex,
  duplexPair,
  type ServeContextInit,
  type ServedMachine,
  type ServedPart,
  type ServedWatch,
  serveContext,
} from '@sr/protocol'
import { RawClient } from '@sr/protocol/conformance'
import { from, type Plain } from '@sr/xr'
import { type RecordServerInit, recordServerProtocol } from '../../src/session/index.ts'

export const SELF = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
export const PEER = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'

export const REVISION = { epoch: new Uint8Array(8), counter: 1 }

export const RECEIPT = {
  status: 'stored',
  changed: true,
  forked: false,
  seq: 1,
  counter: 1,
  expires: 1,
  cost: 1,
  problems: [],
  effects: Promise.resolve(),
} as const

/** What a document says beside its content. */
export const SHOWN = { seq: 1, signed: false, forked: false, next: 1, ends: 1 } as const

/** A machine that answers at once, apart from what a test changes. */
export function machineWith(changed: Partial<ServedMachine>): ServedMachine {
  return {
    self: SELF,
    limits: { maxTtl: 86_400 },
    get: async () => ({ revision: REVISION, documents: new Map() }),
    update: async () => RECEIPT,
    updateUnsigned: async () => RECEIPT,
    ...changed,
  }
}

/** A watch: `next` is asked for a part until it has none, and then the watch waits for its end. */
export function watchOf(next: () => Promise<ServedPart | undefined>, mark: () => void = () => {}): ServedWatch {
  const done = { done: true, value: undefined } as const
  const ended = Promise.withResolvers<typeof done>()
  return {
    next: async () => {
      const value = await next()
      return value === undefined ? await ended.promise : { done: false, value }
    },
    return: async () => {
      ended.resolve(done)
      return done
    },
    mark,
    [Symbol.asyncIterator](): ServedWatch {
      return this
    },
  }
}

export function document(content: Plain): ReturnType<typeof from> & object {
  return from(content) as ReturnType<typeof from> & object
}

/** A stream to a session. */
export interface Served {
  readonly client: RawClient
  /** this end of the stream */
  readonly duplex: ByteDuplex
  /** settles when the session is over */
  readonly over: Promise<void>
  /** counters of the session */
  readonly counters: Map<string, number>
}

/** Serves one stream in memory. */
export function serve(
  machine: ServedMachine,
  init: RecordServerInit = {},
  context: Partial<ServeContextInit> = {},
): Served {
  const [duplex, theirs] = duplexPair()
  const counters = new Map<string, number>()
  const count = (name: string, by: number): void => {
    counters.set(name, (counters.get(name) ?? 0) + by)
  }
  const over = recordServerProtocol(init).serve(theirs, serveContext({ machine, peer: PEER, count, ...context }))
  over.catch(() => {})
  return { client: new RawClient(duplex), duplex, over, counters }
}
