import type { Reader } from './build.ts'
import { bitsOf } from '../model/check.ts'
import { XrError } from '../model/errors.ts'
import { headSize, isBeyond64Bits, magnitudeBytes } from '../model/size.ts'
import { Op, type Tape } from './tape.ts'

/** The states of the reader, named after what comes next. */
const State = {
  ROOT: 0,
  DONE: 1,
  /** after `[`: a member, the end, or the null that makes it an escape */
  LIST_START: 2,
  LIST: 3,
  KEY: 4,
  VALUE: 5,
  /** after `[null`: a tag, pairs or a sign */
  ESCAPE: 6,
  /** after `[null, tag`: the list of positional arguments */
  POSITIONAL: 7,
  ARGUMENT: 8,
  NAMED: 9,
  PREDICATE_END: 10,
  /** named arguments opened as a list: the null of their escape, then their pairs */
  NAMED_NULL: 11,
  NAMED_LIST: 12,
  NAMED_END: 13,
  PAIR: 14,
  PAIR_KEY: 15,
  PAIR_VALUE: 16,
  PAIR_END: 17,
  DICT_END: 18,
  /** after `[null, ±1`: the magnitude */
  MAGNITUDE: 19,
  MAGNITUDE_END: 20,
} as const

/** The state after a node, by the state before it. */
const NEXT: readonly number[] = Object.assign(new Array<number>(21).fill(-1), {
  [State.ROOT]: State.DONE,
  [State.LIST_START]: State.LIST,
  [State.LIST]: State.LIST,
  [State.VALUE]: State.KEY,
  [State.ARGUMENT]: State.ARGUMENT,
  [State.PAIR_KEY]: State.PAIR_VALUE,
  [State.PAIR_VALUE]: State.PAIR_END,
})

/**
 * The natural IPLD form, common to dag-cbor and dag-json. A node with a kind in IPLD is encoded as
 * that kind. `null` is not a kind of this model, so a list that begins with it is the escape:
 *
 * - `[null, tag, [positional…], named]`: a Predicate; `named` is a map, or escaped like a Dict
 * - `[null, [[key, value], …]]`: a Dict with a key that is not a String, or with the key `/`
 * - `[null, 1, magnitude]`, `[null, -1, magnitude]`: an Int outside −2^64…2^64−1, big-endian
 *
 * The scanners report each token; this class tracks which of the above it belongs to and writes the
 * nodes to the tape. Open containers are kept in an array, so depth uses no stack.
 */
export class NaturalForm {
  readonly #tape: Tape
  readonly #reader: Reader
  readonly #after: number[]
  #state: number
  /** sign of the big Int being read */
  #negative: boolean

  constructor(tape: Tape, reader: Reader) {
    this.#tape = tape
    this.#reader = reader
    this.#after = []
    this.#state = State.ROOT
    this.#negative = false
  }

  /** Whether the document is complete. */
  get done(): boolean {
    return this.#state === State.DONE
  }

  /** Whether a map's key comes next. */
  get wantsKey(): boolean {
    return this.#state === State.KEY
  }

  leaf(op: typeof Op.TRUE | typeof Op.FALSE | typeof Op.FLOAT, from: number, to: number, bytes: number): void {
    this.#begin(from)
    this.#tape.leaf(op, from, to, bytes)
    this.#state = NEXT[this.#state] as number
  }

  /** `unit`: the value when it is 1 or -1, else 0. */
  int(from: number, to: number, bytes: number, unit: number): void {
    if (this.#state === State.ESCAPE && unit !== 0) {
      this.#negative = unit < 0
      this.#state = State.MAGNITUDE
      return
    }
    this.#begin(from)
    if (this.#tape.limits.int < 65) {
      // -2^64 has 65
      this.#tape.checkInt(bitsOf(this.#reader.int(from, to)), from)
    }
    this.#tape.leaf(Op.INT, from, to, bytes)
    this.#state = NEXT[this.#state] as number
  }

  text(from: number, to: number, utf8: number): void {
    if (this.#state === State.ESCAPE) {
      this.#tape.checkString(utf8, from)
      // the heads of the two lists of arguments are counted when those end
      this.#tape.open(Op.PREDICATE, from, to, 2 + utf8 + headSize(utf8))
      this.#state = State.POSITIONAL
      return
    }
    this.#begin(from)
    this.#tape.text(from, to, utf8)
    this.#state = NEXT[this.#state] as number
  }

  bytes(from: number, to: number, length: number): void {
    if (this.#state === State.MAGNITUDE) {
      this.#bigint(from, to, length)
      this.#state = State.MAGNITUDE_END
      return
    }
    this.#begin(from)
    this.#tape.bytes(from, to, length)
    this.#state = NEXT[this.#state] as number
  }

  /** Refuses a link whose text is too long, before it is parsed. */
  checkLink(text: number, at: number): void {
    this.#tape.checkString(text, at)
  }

  /** `bytes` and `text`: lengths of the CID in dag-cbor, head and tag included, and as a string. */
  link(from: number, to: number, bytes: number, text: number): void {
    this.#begin(from)
    this.#tape.link(from, to, bytes, text)
    this.#state = NEXT[this.#state] as number
  }

  null(at: number): void {
    if (this.#state === State.LIST_START) {
      this.#state = State.ESCAPE
    } else if (this.#state === State.NAMED_NULL) {
      this.#state = State.NAMED_LIST
    } else {
      throw new XrError('XR_KIND', 'null is none of the eight kinds: omit the key or the member', { offset: at })
    }
  }

  openList(at: number): void {
    switch (this.#state) {
      case State.ESCAPE:
        this.#tape.open(Op.PAIRS, at, at, 2)
        this.#enter(State.DICT_END, State.PAIR)
        return
      case State.PAIR:
        this.#tape.item()
        this.#tape.add(1, at)
        this.#enter(State.PAIR, State.PAIR_KEY)
        return
      case State.POSITIONAL:
        this.#enter(State.NAMED, State.ARGUMENT)
        return
      case State.NAMED:
        this.#enter(State.PREDICATE_END, State.NAMED_NULL)
        return
      case State.NAMED_LIST:
        this.#tape.named(Op.NAMED_PAIRS, at, 2)
        this.#enter(State.NAMED_END, State.PAIR)
        return
      default:
        this.#begin(at)
        this.#enter(NEXT[this.#state] as number, State.LIST_START)
    }
  }

  openMap(at: number): void {
    if (this.#state === State.NAMED) {
      this.#tape.named(Op.NAMED, at, 0)
      this.#enter(State.PREDICATE_END, State.KEY)
      return
    }
    this.#begin(at)
    this.#tape.open(Op.DICT, at, at, 0)
    this.#enter(NEXT[this.#state] as number, State.KEY)
  }

  /** A map's key; the scanner checks the order. */
  key(from: number, to: number, utf8: number): void {
    this.#tape.item()
    this.#tape.text(from, to, utf8)
    this.#state = State.VALUE
  }

  close(at: number): void {
    const after = this.#after.pop()
    switch (this.#state) {
      case State.LIST_START:
        this.#tape.open(Op.LIST, at, at, 0)
        this.#tape.close(at)
        break
      case State.LIST:
      case State.DICT_END:
      case State.PREDICATE_END:
        this.#tape.close(at)
        break
      case State.KEY:
        if (after !== State.PREDICATE_END) {
          // named arguments end with their predicate
          this.#tape.close(at)
        }
        break
      case State.ARGUMENT:
      case State.PAIR:
      case State.PAIR_END:
      case State.NAMED_END:
      case State.MAGNITUDE_END:
        break
      default:
        throw misplaced(at)
    }
    this.#state = after as number
  }

  #begin(at: number): void {
    switch (this.#state) {
      case State.LIST_START:
        this.#tape.open(Op.LIST, at, at, 0)
        this.#state = State.LIST
        this.#tape.item()
        return
      case State.LIST:
      case State.ARGUMENT:
        this.#tape.item()
        return
      case State.ROOT:
      case State.VALUE:
      case State.PAIR_KEY:
      case State.PAIR_VALUE:
        return
      default:
        throw misplaced(at)
    }
  }

  #enter(after: number, state: number): void {
    this.#after.push(after)
    this.#state = state
  }

  #bigint(from: number, to: number, length: number): void {
    this.#tape.checkInt(8 * (length - 1), from)
    const value = this.#reader.bigint(this.#negative, from, to)
    if (!isBeyond64Bits(value) || magnitudeBytes(value) !== length) {
      throw new XrError(
        'XR_FORM',
        'only an Int outside 64 bits is encoded as sign and magnitude; the magnitude has no leading zeros',
        { offset: from },
      )
    }
    this.#tape.checkInt(bitsOf(value), from)
    this.#tape.leaf(this.#negative ? Op.NEGATIVE_BIGINT : Op.BIGINT, from, to, 3 + length + headSize(length))
  }
}

function misplaced(at: number): XrError {
  return new XrError(
    'XR_FORM',
    'a list that begins with null is [null, tag, [positional…], {named}], [null, [[key, value], …]] or [null, ±1, magnitude]',
    { offset: at },
  )
}
