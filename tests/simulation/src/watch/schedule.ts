import { type ByteDuplex, duplexPair, ProtocolError, serveContext, type WatchPart } from '@sr/protocol'
import type { ClientSession } from '@sr/protocol'
import type * as clientPackage from '@sr/protocol-client/session'
import type * as serverPackage from '@sr/protocol-server/session'
import { Random } from '@sr/tests-kit/random'
import { createMachine, type LocalMachine, memoryStore, type MemoryStore } from '@sr/vm'
import { type ManualClock, manualClock, plainUpdates } from '@sr/vm/testing'
import { from, type Node } from '@sr/xr'
import { parse } from '@sr/xr/text'
import { Mismatch } from '../check.ts'
import { Observer } from './observer.ts'
import { Oracle, type Scope } from './oracle.ts'

/** The packages under test. */
export interface WatchPackages {
  readonly server: Pick<typeof serverPackage, 'recordServerProtocol'>
  readonly client: Pick<typeof clientPackage, 'recordClientProtocol'>
}

export interface WatchCounters {
  updates: number
  restarts: number
  drops: number
  parts: number
  gaps: number
  resets: number
  comparisons: number
}

const SELF = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
const WRITERS = [
  '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5',
  '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu',
]
const READER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
const KEY = new TextEncoder().encode('watched')
/** Changes that a record remembers: so few that watchers fall behind. */
const REMEMBERED = 3
/** A watcher with its own connection. */
interface Watching {
  readonly observer: Observer
  readonly session: ClientSession
  readonly watch: AsyncIterator<WatchPart, undefined>
  /** the streams that were opened, the last one may be open */
  readonly streams: ByteDuplex[]
  pulling: Promise<void> | undefined
}

/**
 * One record, one server that restarts, some watchers on connections that fail; what each is sent is held against an oracle that saw
 * every change. Actions follow from the seed.
 */
export class WatchSchedule {
  readonly #packages: WatchPackages
  readonly #seed: number
  readonly #settleMs: number
  readonly #random: Random
  readonly #clock: ManualClock = manualClock()
  readonly #store: MemoryStore = memoryStore()
  readonly #oracle = new Oracle()
  readonly #watchings: Watching[] = []
  #machine: LocalMachine | undefined
  #stopping = new AbortController()
  #failure: unknown
  readonly #counters: WatchCounters = {
    updates: 0,
    restarts: 0,
    drops: 0,
    parts: 0,
    gaps: 0,
    resets: 0,
    comparisons: 0,
  }

  /** @param settleMs time for a watcher to show the latest state: a client that lost many streams waits for long before it opens another */
  constructor(packages: WatchPackages, seed: number, settleMs: number) {
    this.#packages = packages
    this.#settleMs = settleMs
    this.#seed = seed
    this.#random = new Random(seed)
  }

  async run(): Promise<WatchCounters> {
    try {
      await this.#start()
      this.#watch()
      for (let steps = this.#random.integer(5, 30); steps > 0; steps--) await this.#step()
      await this.#settle()
    } finally {
      for (const { session } of this.#watchings) session.close()
      this.#stopping.abort()
      await this.#machine?.close()
    }
    for (const { observer } of this.#watchings) {
      this.#counters.parts += observer.counts.parts
      this.#counters.gaps += observer.counts.gaps
      this.#counters.resets += observer.counts.resets
      this.#counters.comparisons += observer.counts.compared
    }
    return this.#counters
  }

  async #start(): Promise<void> {
    const machine = createMachine({
      self: SELF,
      updates: plainUpdates(SELF),
      store: keepOpen(this.#store),
      clock: this.#clock,
      random: () => this.#random.unit(),
      limits: { changesPerRecord: REMEMBERED },
    })
    await machine.start()
    machine.confirmTime()
    this.#machine = machine
    this.#stopping = new AbortController()
    await this.#look()
  }

  /** Shows the oracle what the record shows now. */
  async #look(): Promise<void> {
    const { revision, documents } = await (this.#machine as LocalMachine).get(KEY)
    this.#oracle.see(revision, new Map(Array.from(documents, ([writer, { document }]) => [writer, document as Node])))
  }

  async #step(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const action = this.#random.weighted({ update: 12, pull: 8, watch: 2, time: 3, drop: 2, restart: 1, turn: 4 })
    switch (action) {
      case 'update':
        await this.#update()
        break
      case 'time':
        await this.#clock.advance(this.#random.integer(1, 4) * 1000)
        await this.#look()
        break
      case 'watch':
        if (this.#watchings.length < 3) this.#watch()
        break
      case 'pull':
        this.#pull(this.#random.integer(1, 4))
        break
      case 'drop':
        this.#drop()
        break
      case 'restart':
        await this.#restart()
        break
      case 'turn':
        await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async #update(): Promise<void> {
    const body = from(parse(this.#random.pick(BODIES).replaceAll('N', String(this.#random.below(4)))))
    const writer = this.#random.pick(WRITERS)
    const ttl = this.#random.integer(1, 8)
    await (this.#machine as LocalMachine).updateUnsigned({ key: KEY, writer, body, ttl })
    this.#counters.updates++
    await this.#look()
  }

  #watch(): void {
    const scope: Scope = {
      writers: this.#random.chance(0.3) ? [this.#random.pick(WRITERS)] : undefined,
      at: this.#random.chance(0.3) ? ['a'] : [],
    }
    const streams: ByteDuplex[] = []
    const session = this.#packages.client.recordClientProtocol({ jitterMs: 0 }).connect(async () => {
      const stream = await this.#connect()
      streams.push(stream)
      return stream
    })
    const watch = session.watch(KEY, {
      ...(scope.writers === undefined ? {} : { writers: scope.writers }),
      ...(scope.at.length === 0 ? {} : { at: scope.at }),
      creditBytes: this.#random.pick([1024, 2048, 65_536]),
    })
    const observer = new Observer(this.#oracle, scope, this.#seed)
    this.#watchings.push({ observer, session, watch, streams, pulling: undefined })
  }

  /** A stream to the server, once it runs. */
  async #connect(): Promise<ByteDuplex> {
    while (this.#machine?.running !== true) await new Promise((resolve) => setImmediate(resolve))
    const [ours, theirs] = duplexPair()
    const machine = this.#machine
    const context = serveContext({ machine, peer: READER, signal: this.#stopping.signal })
    this.#packages.server
      .recordServerProtocol()
      .serve(theirs, context)
      .catch(() => {})
    return ours
  }

  /** Lets a watcher take some parts, as they come. */
  #pull(count: number): void {
    const watching = this.#watchings.length === 0 ? undefined : this.#random.pick(this.#watchings)
    if (watching === undefined || watching.pulling !== undefined) return
    watching.pulling = this.#take(watching, count)
  }

  async #take(watching: Watching, count: number): Promise<void> {
    try {
      for (let n = 0; n < count; n++) {
        const { value } = await watching.watch.next()
        if (value === undefined) throw new Mismatch('end', `seed ${this.#seed}: a watch ended`)
        watching.observer.take(value)
      }
    } catch (err) {
      this.#failure ??= err
    }
    watching.pulling = undefined
  }

  #drop(): void {
    const watching = this.#watchings.length === 0 ? undefined : this.#random.pick(this.#watchings)
    const stream = watching?.streams.at(-1)
    if (stream?.open === true) {
      this.#counters.drops++
      stream.abort(new ProtocolError('PROTOCOL_RESET', 'the connection is lost'))
    }
  }

  async #restart(): Promise<void> {
    this.#counters.restarts++
    if (this.#random.chance(0.5)) {
      // in order: the sessions say that the server stops
      this.#stopping.abort()
    } else {
      for (const { streams } of this.#watchings) {
        streams.at(-1)?.abort(new ProtocolError('PROTOCOL_RESET', 'the server is gone'))
      }
    }
    await this.#machine?.close()
    await this.#start()
  }

  /** Nothing changes any more: every watcher must come to show the latest state. */
  async #settle(): Promise<void> {
    const end = performance.now() + this.#settleMs
    for (const watching of this.#watchings) {
      while (!watching.observer.isCurrent) {
        if (this.#failure !== undefined) throw this.#failure
        if (performance.now() > end) {
          throw new Mismatch('liveness', `seed ${this.#seed}: a watcher does not show the latest state`)
        }
        watching.pulling ??= this.#take(watching, 1)
        await Promise.race([watching.pulling, new Promise((resolve) => setTimeout(resolve, 100))])
      }
    }
    if (this.#failure !== undefined) throw this.#failure
  }
}

/** The store in memory outlives its machines. */
function keepOpen(store: MemoryStore): MemoryStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'close') return () => {}
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Bodies of updates; N is a small number. */
const BODIES = [
  '{a=N}',
  '{a={b=N}}',
  '{a={b=N c=N}}',
  '{a={b={c=N}}}',
  '{b=N}',
  '{b=[N]}',
  '{a=[N "x"]}',
  '{a=[{k=N}]}',
  '{a=$remove()}',
  '{b=$remove()}',
  '{a={b=$remove()}}',
  '{b=[$remove(N)]}',
  '{a={} b={}}',
  '{N="y"}',
  '{a=tag(N)}',
]
