import { ProtocolError } from './errors.ts'

/** https://github.com/multiformats/multistream-select: the header of both sides */
const HEADER = '/multistream/1.0.0'
/** The answer to a protocol that is not spoken. */
const NOT_AVAILABLE = 'na'
/** Longest line, bytes; that of `@libp2p/multistream-select`. */
const MAX_LINE_BYTES = 1024
/** Lines of one negotiation: far more protocols than a peer tries in turn. */
const MAX_LINES = 64

/** Where a negotiation stands. */
export type NegotiationState = 'open' | 'done' | ProtocolError

/**
 * Follows what the other side sends in a multistream-select negotiation, and says where it ends or what is invalid in it. The
 * reader of `@libp2p/multistream-select` decodes a length anew with each byte that arrives, so that a length without end
 * holds the event loop for seconds: invalid bytes must not reach it.
 */
export class Negotiation {
  readonly #ends: (line: string) => boolean
  /** bytes of the line that are still to come; undefined within a length */
  #left: number | undefined
  #low: number | undefined
  #line = ''
  #lines = 0

  /** @param ends whether a line of the other side settles the protocol */
  constructor(ends: (line: string) => boolean) {
    this.#ends = ends
  }

  /** The negotiation of a side that is offered protocols, those of `protocols` at the time. */
  static inbound(protocols: () => Iterable<string>): Negotiation {
    return new Negotiation((line) => line !== HEADER && new Set(protocols()).has(line))
  }

  /** The negotiation of a side that offers protocols. */
  static outbound(): Negotiation {
    return new Negotiation((line) => line !== HEADER && line !== NOT_AVAILABLE)
  }

  /** Takes bytes that have arrived; what follows the end of the negotiation is not looked at. */
  take(bytes: Uint8Array): NegotiationState {
    for (const byte of bytes) {
      const state = this.#left === undefined ? this.#digit(byte) : this.#letter(byte, this.#left)
      if (state !== 'open') {
        return state
      }
    }
    return 'open'
  }

  #digit(byte: number): NegotiationState {
    if (this.#low === undefined && byte >= 0x80) {
      this.#low = byte & 0x7f
      return 'open'
    }
    const length = this.#low === undefined ? byte : byte * 0x80 + this.#low
    this.#low = undefined
    if (byte >= 0x80 || length < 1 || length > MAX_LINE_BYTES || ++this.#lines > MAX_LINES) {
      return new ProtocolError(
        'PROTOCOL_FRAME',
        `expected up to ${MAX_LINES} lines of 1 to ${MAX_LINE_BYTES} bytes, got line ${this.#lines} of ${length}`,
      )
    }
    this.#left = length
    return 'open'
  }

  #letter(byte: number, left: number): NegotiationState {
    this.#line += String.fromCharCode(byte)
    this.#left = left - 1
    if (left > 1) {
      return 'open'
    }
    const line = this.#line
    this.#left = undefined
    this.#line = ''
    if (byte !== 0x0a) {
      return new ProtocolError('PROTOCOL_FRAME', 'expected a line end after the name of a protocol')
    }
    return this.#ends(line.trimEnd()) ? 'done' : 'open'
  }
}
