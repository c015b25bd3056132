import { type Check, checkConfig, number } from '@sr/runtime'
import { ProtocolError } from './errors.ts'

const bytes: Check = number({ min: 0 })

/** Bytes that all streams of a server hold together: requests received and answers to be sent. */
export class MemoryBudget {
  readonly #max: number
  readonly #perPeer: number
  readonly #peers = new Map<string, number>()
  #held = 0

  /**
   * @param max bytes in all
   * @param perPeer bytes of one peer, so that a few peers cannot use up what all have
   * @throws ConfigError for a number that is below 0 or NaN
   */
  constructor(max: number, perPeer: number = max) {
    checkConfig<{ max: number; perPeer: number }>('MemoryBudget', { max, perPeer }, { max: bytes, perPeer: bytes })
    this.#max = max
    this.#perPeer = perPeer
  }

  /** bytes held now */
  get held(): number {
    return this.#held
  }

  /**
   * Takes bytes, or gives back when negative.
   *
   * @throws ProtocolError `PROTOCOL_BUSY`, with the limit `buffered` or `bufferedPerPeer`, when there is no room; nothing
   *   is taken then
   */
  change(bytes: number, peer: string = ''): void {
    const held = this.#held + bytes
    const ofPeer = (this.#peers.get(peer) ?? 0) + bytes
    if (bytes > 0 && held > this.#max) {
      throw full('buffered', 'in all', this.#max, held)
    }
    if (bytes > 0 && ofPeer > this.#perPeer) {
      throw full('bufferedPerPeer', 'of one peer', this.#perPeer, ofPeer)
    }
    this.#held = held
    if (ofPeer === 0) {
      this.#peers.delete(peer)
    } else {
      this.#peers.set(peer, ofPeer)
    }
  }
}

function full(limit: string, what: string, max: number, got: number): ProtocolError {
  return new ProtocolError('PROTOCOL_BUSY', `buffers ${what} are limited to ${max} bytes, got ${got}`, {
    limit,
    max,
    got,
  })
}
