import { ProtocolError } from './errors.ts'

/** Bytes that all streams of a server hold together: requests received and answers to be sent. */
export class MemoryBudget {
  readonly #max: number
  #held = 0

  constructor(max: number) {
    this.#max = max
  }

  /** bytes held now */
  get held(): number {
    return this.#held
  }

  /**
   * Takes bytes, or gives back when negative.
   *
   * @throws ProtocolError `PROTOCOL_BUSY`, with the limit `buffered`, when there is no room; nothing is taken then
   */
  change(bytes: number): void {
    const held = this.#held + bytes
    if (bytes > 0 && held > this.#max) {
      throw new ProtocolError('PROTOCOL_BUSY', `buffers are limited to ${this.#max} bytes in all, got ${held}`, {
        limit: 'buffered',
        max: this.#max,
        got: held,
      })
    }
    this.#held = held
  }
}
