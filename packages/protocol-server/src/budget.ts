import { ProtocolError } from '@sr/protocol'

/** Bytes that all sessions of a server together hold for their peers: requests coming in and answers going out. */
export class Budget {
  readonly #max: number
  #held: number

  constructor(max: number) {
    this.#max = max
    this.#held = 0
  }

  /** Bytes held now. */
  get held(): number {
    return this.#held
  }

  /**
   * Takes more, or gives some back.
   *
   * @throws ProtocolError `PROTOCOL_BUSY` when there is not that much left; then nothing was taken
   */
  change(bytes: number): void {
    const held = this.#held + bytes
    if (bytes > 0 && held > this.#max) {
      throw new ProtocolError('PROTOCOL_BUSY', 'no memory is left for more requests now', {
        limit: 'buffered',
        max: this.#max,
        got: held,
      })
    }
    this.#held = held
  }
}
