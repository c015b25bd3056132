import type * as GrammarBase from '@sr/grammar-base'
import type * as Ir from '@sr/ir'
import type { TagRule } from '@sr/ir'
import { from, isKind, key, print, type Dict, type Node, type Predicate, Predicate as PredicateNode } from '@sr/xr'
import type * as Vm from '@sr/vm'
import type { LocalMachine, Store } from '@sr/vm'
import { manualClock, plainUpdates } from '@sr/vm/testing'
import { Random } from '@sr/tests-kit/random'
import { assert } from '../check.ts'
import { World } from './world.ts'

/** The packages under test, or copies of them. */
export interface Packages {
  readonly vm: typeof Vm
  readonly ir: typeof Ir
  readonly grammarBase: typeof GrammarBase
}

/** What the schedules did, for the report. */
export interface EffectCounters {
  statements: number
  removals: number
  restarts: number
  corrections: number
  probes: number
  facts: number
  answers: number
}

const START = Date.UTC(2025, 0)
const SELF = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
const PEERS = [
  '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN',
  '12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE',
]
const KEYS = [Uint8Array.of(1), Uint8Array.of(2)]
const NAMES = ['a', 'b', 'c']
/** writers, each seen at the address 10.0.0.<n>; the last one over a relay */
const WRITERS = ['w1', 'w2', 'w3', 'w4']
const RELAYED = 'w4'
/** verdicts live as long as a few statements, so that they are renewed and expire within a schedule */
const TTL_S = 100
/** external effects of one writer per minute */
const PER_WRITER = 5
/** a second for the collector of expired statements, and one for rounding */
const SLACK_MS = 2500

/** A machine with effects in a changing world, held against what the world observed. */
export class EffectSchedule {
  readonly #packages: Packages
  readonly #random: Random
  readonly #clock = manualClock(START)
  readonly #world: World
  readonly #store: Store
  readonly #observedOnly: boolean
  readonly #counters: EffectCounters = {
    statements: 0,
    removals: 0,
    restarts: 0,
    corrections: 0,
    probes: 0,
    facts: 0,
    answers: 0,
  }
  /** canonical key of each request made, and when its statement expires */
  readonly #ends: Array<{ readonly id: string; readonly at: number }> = []
  /** places with a request that its author handed in since the last start: a restart does not resume what acts on the outside */
  readonly #fresh = new Map<string, string>()
  /** whether `note` fails */
  #broken = false
  #machine!: LocalMachine
  /** runs of `note` under way, by record and argument */
  readonly #notes = new Set<string>()

  constructor(packages: Packages, seed: number) {
    this.#packages = packages
    this.#random = new Random(seed)
    this.#store = packages.vm.memoryStore()
    this.#observedOnly = this.#random.chance(0.7)
    this.#world = new World(this.#clock, this.#random, () => this.#machine.time().now)
  }

  async run(): Promise<EffectCounters> {
    await this.#start()
    const steps = this.#random.integer(4, 22)
    for (let step = 0; step < steps; step++) {
      const action = this.#random.weighted({ state: 50, remove: 8, wait: 30, world: 12, restart: 5, correct: 5 })
      await this.#act(action)
      await this.#check()
    }
    await this.#settle()
    await this.#machine.close()
    this.#counters.probes = this.#world.probes
    return this.#counters
  }

  async #act(action: 'state' | 'remove' | 'wait' | 'world' | 'restart' | 'correct'): Promise<void> {
    const random = this.#random
    switch (action) {
      case 'state': {
        const writer = random.pick(WRITERS)
        return await this.#state(writer, random.pick([1, 2, 5, 20, 60, 600, 36_000, 36_000]), this.#request(writer))
      }
      case 'remove':
        return await this.#remove(random.pick(KEYS), random.pick(WRITERS), random.pick(NAMES))
      case 'wait':
        return await this.#clock.advance(random.pick([50, 400, 1000, 3000, 6000, 40_000]))
      case 'world':
        this.#broken = random.chance(0.3)
        this.#world.change(random.pick(this.#addresses()), ['up', 'up', 'refuse', 'silent', 'broken'])
        return
      case 'restart':
        this.#counters.restarts++
        await this.#machine.close()
        this.#fresh.clear()
        return await this.#start()
      case 'correct':
        this.#counters.corrections++
        // by less than an hour in all: more needs an hour of steady running
        this.#clock.set(START + this.#clock.monotonic() + random.integer(-1_500_000, 1_500_000))
    }
  }

  async #start(): Promise<void> {
    const { vm, ir, grammarBase } = this.#packages
    const base = grammarBase.baseGrammar({
      prober: this.#world,
      policy: { allowPrivate: true, observedOnly: this.#observedOnly },
      ttl: TTL_S,
      shareMs: 30_000,
    })
    this.#machine = vm.createMachine({
      self: SELF,
      updates: plainUpdates(SELF),
      store: this.#store,
      clock: this.#clock,
      random: () => 0,
      grammar: ir.composeGrammars(base, ir.createGrammar([this.#note(), this.#count()])),
      limits: { effectsAtOnce: 4, effectsWaiting: 3, externalPerMinute: 20, externalPerMinutePerWriter: PER_WRITER },
    })
    await this.#machine.start()
    await this.#clock.advance(0)
  }

  /** `note(n)`: acts on nothing outside; fails while the world is broken. */
  #note(): TagRule<unknown> {
    return {
      tags: ['note'],
      parse: ({ positional: [n] }) => n,
      format: (n) => new PredicateNode('note', [n as Node]),
      effect: {
        external: false,
        run: async (n, context) => {
          const run = `${String(context.key)} ${String(n)}`
          if (this.#notes.has(run)) this.#world.violation = `two runs of note ${run}`
          this.#notes.add(run)
          try {
            await new Promise<void>((resolve) => {
              this.#clock.after(200, resolve)
              context.signal.addEventListener('abort', () => resolve())
            })
            context.signal.throwIfAborted()
            if (this.#broken) throw new Error('broken')
            return { value: n as Node, ttl: TTL_S }
          } finally {
            this.#notes.delete(run)
          }
        },
      },
    }
  }

  /** `writers()`: the number of writers in the record, which it depends on. */
  #count(): TagRule<unknown> {
    return {
      tags: ['writers'],
      parse: () => 0,
      format: () => new PredicateNode('writers'),
      effect: {
        external: false,
        onChange: true,
        run: async (_, { record, self }) => ({ value: countOf(record.keys(), self), ttl: TTL_S }),
      },
    }
  }

  #addresses(): string[] {
    return WRITERS.flatMap((writer) => ownAddresses(writer))
  }

  /** A request of a writer, often one that policy allows it. */
  #request(writer: string): Predicate {
    const random = this.#random
    switch (random.weighted({ own: 45, dial: 15, name: 15, note: 20, writers: 12 })) {
      case 'own':
        return dialable(random.pick(ownAddresses(writer)))
      case 'dial':
        return dialable(random.pick(this.#addresses()))
      case 'name':
        return dialable(`/dns4/example.org/tcp/${random.integer(1, 3)}/p2p/${PEERS[0]}`)
      case 'note':
        return new PredicateNode('note', [BigInt(random.integer(1, 9))])
      default:
        return new PredicateNode('writers')
    }
  }

  async #state(writer: string, ttl: number, request: Predicate, keyBytes = this.#random.pick(KEYS)): Promise<void> {
    const name = this.#random.pick(NAMES)
    const place = WRITERS.indexOf(writer) + 1
    const relay = `/ip4/10.0.0.${place}/tcp/1/p2p/${PEERS[1]}`
    const observedAddr = writer === RELAYED ? `${relay}/p2p-circuit` : `/ip4/10.0.0.${place}/tcp/50000`
    const body = from({ [name]: request })
    try {
      await this.#machine.updateUnsigned({ key: keyBytes, writer, body, ttl }, { via: 'author', observedAddr })
    } catch (err) {
      // while the clock is unconfirmed nothing is admitted
      assert((err as { code?: string }).code === 'VM_CLOCK', 'admission', () => String(err))
      return
    }
    this.#counters.statements++
    const expires = this.#machine.time().now + ttl * 1000
    this.#ends.push({ id: key(request), at: expires })
    this.#fresh.set(placeOf(keyBytes, writer, name), key(request))
    await this.#clock.advance(0)
  }

  async #remove(keyBytes: Uint8Array, writer: string, name: string): Promise<void> {
    const { remove } = this.#packages.ir
    this.#counters.removals++
    await this.#machine
      .updateUnsigned({ key: keyBytes, writer, body: from({ [name]: remove() }), ttl: 600 }, { via: 'author' })
      .catch(() => {})
    await this.#clock.advance(0)
  }

  /** Every fact says what was observed, and of an address that may be dialled for its asker. */
  async #check(): Promise<void> {
    const { violation } = this.#world
    assert(violation === undefined, 'concurrency', () => violation ?? '')
    for (const keyBytes of KEYS) {
      for (const [request, verdict] of await this.#facts(keyBytes)) {
        this.#counters.facts++
        if (request.tag === 'dialable') this.#checkDial(request, verdict as Predicate)
        if (request.tag === 'note') {
          assert(verdict === request.positional[0], 'truth', () => `${print(request)} has ${print(verdict)}`)
        }
      }
    }
    const rated = this.#machine.counters().get('effects.rate') ?? 0
    assert(
      rated === 0 || this.#world.probes >= PER_WRITER,
      'rate',
      () => `${rated} requests over the rate, after ${this.#world.probes} dials`,
    )
    if (this.#observedOnly) {
      const relays = this.#world.observations.filter(({ address }) =>
        address.startsWith(`/ip4/10.0.0.${WRITERS.length}/`),
      )
      assert(relays.length === 0, 'relay', () => `the address of a relay was dialled: ${relays[0]?.address}`)
    }
  }

  #checkDial(request: Predicate, verdict: Predicate): void {
    const address = addressOf(request)
    const at = Number(verdict.named.get('at'))
    const reached = verdict.tag === 'dialed'
    const seen = this.#world.observations.some(
      (one) =>
        one.address === address && one.reached === reached && Math.abs(Math.floor(one.at / 1000) * 1000 - at) <= 1000,
    )
    assert(seen, 'truth', () => `${print(request)} has ${print(verdict)}, which was not observed`)
  }

  /** With a world that is stable, every request that stands is answered, with what is true, and nothing else has a fact. */
  async #settle(): Promise<void> {
    this.#broken = false
    for (const address of this.#addresses()) this.#world.change(address, ['up', 'refuse', 'silent'])
    for (let i = 0; i < 6; i++) {
      const writer = this.#random.pick(WRITERS)
      await this.#state(writer, 36_000, this.#request(writer))
    }
    // more than the rate of a writer allows in a minute
    const busy = this.#random.pick(WRITERS)
    for (const address of ownAddresses(busy)) await this.#state(busy, 36_000, dialable(address))
    // longer than the longest time between two attempts, and the life of a verdict
    await this.#clock.advance(720_000)
    await this.#visit()
    await this.#clock.advance(80_000)
    const now = this.#machine.time().now
    let dropped = this.#machine.counters().get('effects.dropped') ?? 0
    for (const keyBytes of KEYS) {
      const facts = new Map((await this.#facts(keyBytes)).map(([request, verdict]) => [key(request), verdict]))
      const writers = (await this.#machine.get(keyBytes)).documents.keys()
      const total = countOf(writers, SELF)
      const requested = new Set<string>()
      for (const [place, request] of await this.#requests(keyBytes)) {
        requested.add(key(request))
        if (!this.#isAnswered(place, request)) continue
        const verdict = facts.get(key(request))
        if (verdict === undefined) {
          // a full queue drops requests, and reports each
          assert(dropped-- > 0, 'answer', () => `${print(request)} of ${place} stands and has no fact`)
        } else {
          this.#counters.answers++
          this.#checkTruth(request, verdict, total)
        }
      }
      for (const id of facts.keys()) {
        const ended = this.#ends.some((end) => end.id === id && Math.abs(end.at - now) < SLACK_MS)
        assert(requested.has(id) || ended, 'life', () => `a fact outlives its statement: ${id}`)
      }
    }
  }

  /** What the shown documents of the writers request: place → request. */
  async #requests(keyBytes: Uint8Array): Promise<Array<[string, Predicate]>> {
    const found: Array<[string, Predicate]> = []
    for (const [writer, { document }] of (await this.#machine.get(keyBytes)).documents) {
      for (const [name, value] of writer === SELF ? [] : document) {
        if (isKind(value, 'predicate')) found.push([placeOf(keyBytes, writer, name as string), value])
      }
    }
    return found
  }

  /** Statements that end before the check: what stands is made again for a short time, and another writer comes and goes. */
  async #visit(): Promise<void> {
    for (const key of KEYS) {
      for (const [place, request] of this.#random.shuffle(await this.#requests(key)).slice(0, 3)) {
        await this.#state(place.split(' ')[1] as string, 30, request, key)
      }
      await this.#machine.updateUnsigned({ key, writer: 'visitor', body: from({ x: 1 }), ttl: 30 })
    }
  }

  #checkTruth(request: Predicate, verdict: Node, total: Node): void {
    if (request.tag === 'writers') {
      assert(verdict === total, 'truth', () => `writers is ${print(verdict)} and not ${print(total)}`)
    } else if (request.tag === 'dialable') {
      const { kind } = this.#world.behaviour(addressOf(request))
      const expected = kind === 'up' ? 'dialed' : 'notDialable'
      assert((verdict as Predicate).tag === expected, 'truth', () => `${print(request)} has ${print(verdict)}`)
    }
  }

  /** Whether a request must be answered: policy allows it to its writer, and no restart has ended it. */
  #isAnswered(place: string, request: Predicate): boolean {
    if (request.tag !== 'dialable') return true
    const fresh = this.#fresh.get(place) === key(request)
    const writer = place.split(' ')[1] as string
    const own = `/ip4/10.0.0.${WRITERS.indexOf(writer) + 1}/`
    const address = addressOf(request)
    return (
      fresh && !address.startsWith('/dns4/') && (!this.#observedOnly || (writer !== RELAYED && address.startsWith(own)))
    )
  }

  async #facts(keyBytes: Uint8Array): Promise<Array<[Predicate, Node]>> {
    const own = (await this.#machine.get(keyBytes)).documents.get(SELF)?.document.get('facts')
    return own !== undefined && isKind(own, 'dict') ? ([...(own as Dict)] as Array<[Predicate, Node]>) : []
  }
}

function placeOf(keyBytes: Uint8Array, writer: string, name: string): string {
  return `${String(keyBytes)} ${writer} ${name}`
}

function countOf(writers: Iterable<string>, self: string): Node {
  return BigInt([...writers].filter((writer) => writer !== self).length)
}

/** The addresses that a writer may have dialled. */
function ownAddresses(writer: string): string[] {
  const place = `/ip4/10.0.0.${WRITERS.indexOf(writer) + 1}`
  return [4001, 4002, 4003].flatMap((port) => PEERS.map((peer) => `${place}/tcp/${port}/p2p/${peer}`))
}

function dialable(address: string): Predicate {
  return new PredicateNode('dialable', [], from({ address: new PredicateNode('multiaddr', [address]) }) as Dict)
}

function addressOf(request: Predicate): string {
  return (request.named.get('address') as Predicate).positional[0] as string
}
