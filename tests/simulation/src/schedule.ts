import { assert, assertChanges, assertShown, instantsFrom, oracleOf, sameBytes, text } from './check.ts'
import { Network } from './network.ts'
import { Random } from '@sr/tests-kit/random'
import { MAX_AHEAD_MS, Replica, type Ir } from './replica.ts'
import { Writer, type Packet } from './writer.ts'

const START_MS = 1_700_000_000_000
/** Clocks are wrong by up to five minutes either way. */
const MAX_SKEW_MS = 300_000

/** Counters of a schedule that passed. */
export interface Counters {
  updates: number
  deliveries: number
  restarts: number
  prunes: number
  partitions: number
  comparisons: number
}

/** One run of everything: replicas, writers and a network, from one seed. */
export class Schedule {
  readonly counters: Counters = { updates: 0, deliveries: 0, restarts: 0, prunes: 0, partitions: 0, comparisons: 0 }
  readonly #random: Random
  readonly #replicas: Replica[]
  readonly #writers: Writer[]
  readonly #network: Network
  /** all updates that any replica has received */
  readonly #all = new Map<string, Packet>()
  /** published, and not yet accepted by the first replica */
  #waiting: Array<{ packet: Packet; to: number }> = []
  #now = START_MS

  constructor(ir: Ir, seed: number) {
    const random = (this.#random = new Random(seed))
    this.#replicas = Array.from(
      { length: random.integer(2, 5) },
      (_, i) => new Replica(ir, `replica ${i}`, random.integer(-MAX_SKEW_MS, MAX_SKEW_MS)),
    )
    this.#writers = Array.from(
      { length: random.integer(1, 3) },
      (_, i) => new Writer(`writer ${i}`, random, MAX_SKEW_MS),
    )
    this.#network = new Network(random, this.#replicas.length)
  }

  /** @throws Mismatch */
  run(): Counters {
    const steps = this.#random.integer(20, 80)
    const pace = this.#random.magnitude(500, 300_000)
    for (let step = 0; step < steps; step++) {
      this.#now += this.#random.integer(0, pace)
      this.#arrive()
      this.#act()
    }
    this.#settle()
    this.#compare()
    this.#fade()
    this.counters.partitions = this.#network.partitions
    return this.counters
  }

  #act(): void {
    const random = this.#random
    const at = random.integer(0, this.#replicas.length - 1)
    const replica = this.#replicas[at] as Replica
    switch (random.weighted({ say: 8, talk: 4, prune: 3, restart: 1, part: 1, look: 2 })) {
      case 'say':
        return this.#say(at)
      case 'talk':
        return this.#talk(at, random.integer(0, this.#replicas.length - 1), false)
      case 'prune':
        this.counters.prunes++
        return this.#unchanged('prune', replica, () => {
          replica.prune(this.#now)
        })
      case 'restart':
        this.counters.restarts++
        return this.#unchanged('restart', replica, () => {
          replica.restart((packets) => random.shuffle(packets))
        })
      case 'part':
        return this.#network.part()
      case 'look':
        return this.#look(replica)
    }
  }

  /** A writer sends an update to a replica, which forwards it. */
  #say(at: number): void {
    const writer = this.#random.pick(this.#writers)
    const packet = writer.say(this.#now, (this.#replicas[at] as Replica).document(writer.name).seq)
    this.counters.updates++
    this.#waiting.push({ packet, to: at })
    this.#arrive()
  }

  #arrive(): void {
    // a writer sends it again until it is accepted
    this.#waiting = this.#waiting.filter(({ packet, to }) => !this.#deliver(packet, to, true))
    for (const { to, packet } of this.#network.arrivals(this.#now)) {
      this.#deliver(packet, to, this.#random.chance(0.3))
    }
  }

  #deliver(packet: Packet, to: number, pass: boolean): boolean {
    const replica = this.#replicas[to] as Replica
    const news = !replica.seen.has(packet.update.hash)
    if (!replica.take(packet, this.#now)) return false
    this.counters.deliveries++
    this.#all.set(packet.update.hash, packet)
    assert(
      replica.store.size === replica.updates,
      'store',
      () => `${replica.name} stores ${replica.store.size} updates and needs ${replica.updates}`,
    )
    if (pass && news) {
      this.#replicas.forEach((_, other) => {
        if (other !== to) this.#network.send(to, other, packet, this.#now)
      })
    }
    return true
  }

  /** Sends the updates that one replica stores and another does not. `surely`: without the lossy network. */
  #talk(from: number, to: number, surely: boolean): void {
    const [giver, taker] = [this.#replicas[from] as Replica, this.#replicas[to] as Replica]
    if (giver === taker || !(surely || this.#network.reaches(from, to))) return
    for (const [hash, packet] of this.#random.shuffle([...giver.store])) {
      if (!taker.store.has(hash)) {
        if (surely) this.#deliver(packet, to, false)
        else this.#network.send(from, to, packet, this.#now)
      }
    }
  }

  /** The network heals, writers stop, and every replica receives every update. */
  #settle(): void {
    // until no clock is slow enough to refuse an update as too far ahead
    const known = [...this.#all.values(), ...this.#waiting.map(({ packet }) => packet)]
    const slowest = Math.min(...this.#replicas.map(({ skew }) => skew))
    this.#now = Math.max(this.#now, ...known.map(({ update }) => Math.ceil(update.seq / 1000) - MAX_AHEAD_MS - slowest))
    this.#arrive()
    assert(this.#waiting.length === 0, 'harness', () => 'an update was never taken')
    const { length } = this.#replicas
    // an update reaches one more replica per round, so as many rounds as replicas suffice
    for (let round = 0; round < length; round++) {
      for (let from = 0; from < length; from++) this.#talk(from, (from + 1) % length, true)
    }
  }

  /** The main check: at rest every replica shows, byte for byte, what the oracle shows for all updates. */
  #compare(): void {
    const now = Math.max(...this.#replicas.map(({ skew }) => this.#now + skew))
    for (const { name, promise } of this.#writers) {
      const tree = oracleOf(this.#all.values(), name)
      const times = instantsFrom(
        [...this.#all.values()].filter(({ writer }) => writer === name),
        now,
        12,
      )
      // a broken promise affects that writer's document only, until its last expiry
      const from = promise === 'broken' ? (times.at(-1) as number) : now
      for (const replica of this.#replicas) {
        for (const time of times.filter((time) => time >= from)) {
          this.counters.comparisons++
          assertShown('quiescence', `${replica.name}, ${name}`, replica.document(name).show(time), tree, time)
        }
      }
    }
  }

  /** After the last retain nothing is left anywhere. */
  #fade(): void {
    const end = Math.max(0, ...Array.from(this.#all.values(), ({ update }) => update.retain))
    for (const replica of this.#random.shuffle(this.#replicas)) {
      replica.prune(Math.max(this.#now, end - replica.skew))
      for (const writer of replica.writers) {
        const { slots, updates, seq, retain } = replica.document(writer)
        assert(
          slots + updates + seq + retain === 0 && replica.store.size === 0,
          'empty',
          () =>
            `after the last retain ${replica.name} holds ${slots} slots, ${updates} updates and ${replica.store.size} stored`,
        )
      }
    }
  }

  /** A replica shows what the oracle shows for the same updates, at its own instant and some later ones; checks changes too. */
  #look(replica: Replica): void {
    const now = this.#now + replica.skew
    for (const { name, promise } of this.#writers) {
      const document = replica.document(name)
      const { from, to, changes } = replica.told(name, this.#now)
      assertChanges(`${replica.name}, ${name}`, from?.tree, changes, to.tree)
      if (promise === 'broken') continue
      const seen = [...replica.seen.values()].filter(({ writer }) => writer === name)
      const tree = oracleOf(seen, name)
      for (const time of instantsFrom(seen, now, 4)) {
        this.counters.comparisons++
        assertShown('moment', `${replica.name}, ${name}`, document.show(time), tree, time)
      }
      this.#quiet(replica, name)
      this.#consistent(replica, name)
    }
  }

  /** The shown tree does not change before the instant that next() returns. */
  #quiet(replica: Replica, writer: string): void {
    const now = this.#now + replica.skew
    const document = replica.document(writer)
    const next = document.next(now)
    assert(
      next === undefined ? document.updates === 0 || document.retain <= now : next > now,
      'next',
      () => `${replica.name}: next after ${now} is ${next}`,
    )
    const last = next === undefined ? now + 86_400_000 : next - 1
    assert(
      sameBytes(document.show(last), document.show(now)),
      'next',
      () => `${replica.name}: ${text(document.show(now))} has changed before ${next}`,
    )
  }

  /** A prune or a restart changes nothing that shows from now on. */
  #unchanged(check: string, replica: Replica, work: () => void): void {
    const now = this.#now + replica.skew
    const shown = (): Map<string, ReturnType<ReturnType<Replica['document']>['show']>> =>
      new Map(this.#writers.map(({ name }) => [name, replica.document(name).show(now)]))
    const before = shown()
    const honest = this.#writers.filter(({ promise }) => promise !== 'broken')
    work()
    const after = shown()
    for (const { name } of check === 'restart' ? honest : this.#writers) {
      assert(
        sameBytes(before.get(name), after.get(name)),
        check,
        () => `${replica.name}, ${name} at ${now}: ${text(before.get(name))} became ${text(after.get(name))}`,
      )
      this.#consistent(replica, name)
    }
  }

  /** The store has exactly the updates that the document needs. */
  #consistent(replica: Replica, writer: string): void {
    const live = [...replica.document(writer).live()].sort().join()
    const stored = [...replica.store.values()]
      .filter((packet) => packet.writer === writer)
      .map(({ update }) => update.hash)
      .sort()
      .join()
    assert(live === stored, 'store', () => `${replica.name} needs ${live} and stores ${stored}`)
  }
}
