import type * as ir from '@sr/ir'
import type { changes, Document, View } from '@sr/ir'
import { decode } from '@sr/xr/dag-cbor'
import { unseal, type Packet } from './writer.ts'

/** The package under test: ours, or one with a planted bug. */
export type Ir = typeof ir

/** Furthest that a seq may lie ahead of the receiver's clock, ms. */
export const MAX_AHEAD_MS = 300_000

/** A server: documents in memory, and the verbatim bytes of their live updates in a store that survives a restart. */
export class Replica {
  readonly name: string
  /** offset of its clock from the true time, ms */
  readonly skew: number
  readonly #ir: Ir
  #documents = new Map<string, Document>()
  readonly store = new Map<string, Packet>()
  /** the last view given to a watcher, by writer */
  #views = new Map<string, View>()
  /** all updates applied, or refused past their retain; for the oracle only */
  readonly seen = new Map<string, Packet>()

  constructor(ir: Ir, name: string, skew: number) {
    this.#ir = ir
    this.name = name
    this.skew = skew
  }

  document(writer: string): Document {
    let document = this.#documents.get(writer)
    if (document === undefined) {
      document = this.#ir.createDocument()
      this.#documents.set(writer, document)
    }
    return document
  }

  get writers(): string[] {
    return [...this.#documents.keys()]
  }

  /** Number of updates that its documents need. */
  get updates(): number {
    let sum = 0
    for (const { updates } of this.#documents.values()) sum += updates
    return sum
  }

  /** Applies an update. Returns false when its seq is too far ahead of this clock; it must be sent again. */
  take(packet: Packet, now: number): boolean {
    const { writer, update } = packet
    if (update.seq / 1000 > now + this.skew + MAX_AHEAD_MS) return false
    this.seen.set(update.hash, packet)
    if (update.retain <= now + this.skew) return true // past its retain: not needed
    const { duplicate, dropped } = this.document(writer).apply(this.#ir.validateUpdate(update))
    if (!duplicate) this.store.set(update.hash, packet)
    for (const hash of dropped) this.store.delete(hash)
    return true
  }

  prune(now: number): void {
    for (const document of this.#documents.values()) {
      for (const hash of document.prune(now + this.skew)) this.store.delete(hash)
    }
  }

  /** Restarts with the stored bytes only, in random order. */
  restart(order: (packets: Packet[]) => Packet[]): void {
    const stored = [...this.store.values()].map(({ bytes }) => unseal(decode(bytes), bytes))
    this.store.clear()
    this.#documents = new Map()
    this.#views = new Map()
    for (const packet of order(stored)) {
      const { dropped } = this.document(packet.writer).apply(this.#ir.validateUpdate(packet.update))
      this.store.set(packet.update.hash, packet)
      for (const hash of dropped) this.store.delete(hash)
    }
  }

  /** The changes of a writer's document since the last call. */
  told(writer: string, now: number): { from: View | undefined; to: View; changes: ReturnType<typeof changes> } {
    const from = this.#views.get(writer)
    const to = this.document(writer).view(now + this.skew)
    this.#views.set(writer, to)
    return { from, to, changes: this.#ir.changes(from, to) }
  }
}
