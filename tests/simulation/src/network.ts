import type { Random } from '@sr/tests-kit/random'
import type { Packet } from './writer.ts'

interface Message {
  readonly from: number
  readonly to: number
  readonly packet: Packet
  readonly at: number
}

/** Loses, repeats, delays and so reorders packets, and splits into partitions. */
export class Network {
  readonly #random: Random
  readonly #loss: number
  readonly #repeat: number
  readonly #delay: number
  #island: number[]
  #flying: Message[] = []
  #partitions = 0

  constructor(random: Random, size: number) {
    this.#random = random
    this.#loss = random.pick([0, 0.1, 0.3])
    this.#repeat = random.pick([0, 0.1, 0.3])
    this.#delay = random.pick([1000, 60_000, 900_000])
    this.#island = Array.from({ length: size }, () => 0)
  }

  /** Sets which replicas reach each other. */
  part(): void {
    this.#partitions++
    const islands = this.#random.integer(1, 2)
    this.#island = this.#island.map(() => this.#random.integer(1, islands))
  }

  get partitions(): number {
    return this.#partitions
  }

  reaches(from: number, to: number): boolean {
    return this.#island[from] === this.#island[to]
  }

  send(from: number, to: number, packet: Packet, now: number): void {
    const copies = this.#random.chance(this.#repeat) ? 2 : 1
    for (let n = 0; n < copies; n++) {
      if (!this.#random.chance(this.#loss)) {
        this.#flying.push({ from, to, packet, at: now + this.#random.integer(0, this.#delay) })
      }
    }
  }

  /** Returns the packets that arrive by now, in random order. */
  arrivals(now: number): Message[] {
    const due = this.#flying.filter(({ at }) => at <= now)
    this.#flying = this.#flying.filter(({ at }) => at > now)
    return this.#random.shuffle(due.filter(({ from, to }) => this.reaches(from, to)))
  }
}
