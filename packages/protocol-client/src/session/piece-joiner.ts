import { ProtocolError } from '@sr/protocol'
import type { DocumentItem } from '@sr/protocol/messages'
import { joinPieces, type Node } from '@sr/xr'

/** A document whose pieces have all arrived. */
export interface JoinedDocument {
  /** the last piece: what it says of the document counts */
  readonly last: DocumentItem
  readonly node: Node
}

/** Joins the documents of pages or parts: a document that goes on is complete with the first piece that does not. */
export class PieceJoiner {
  readonly #maxBytes: number
  #bytes = 0
  #pieces: Node[] = []

  /** @param maxBytes most bytes of all pieces together */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Drops the pieces of a document that has not been completed. */
  clear(): void {
    this.#pieces = []
    this.#bytes = 0
  }

  /**
   * Takes a piece, decoded by `decode`; returns the document if it is complete now.
   *
   * @throws ProtocolError `PROTOCOL_TOO_LARGE`; what `decode` throws, and then the document is dropped
   */
  take(piece: DocumentItem, decode: (piece: DocumentItem) => Node): JoinedDocument | undefined {
    this.#bytes += piece.tree.length
    if (this.#bytes > this.#maxBytes) {
      const detail = { limit: 'maxBytes', max: this.#maxBytes, got: this.#bytes }
      throw new ProtocolError('PROTOCOL_TOO_LARGE', `an answer is limited to ${this.#maxBytes} bytes`, detail)
    }
    this.#pieces.push(decode(piece))
    if (piece.goesOn) {
      return undefined
    }
    const node = joinPieces(this.#pieces) as Node
    this.#pieces = []
    return { last: piece, node }
  }
}
