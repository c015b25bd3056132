import type { SlicedWork } from '@sr/protocol'
import { type Limits, MAX_INT_BITS, Predicate, size } from '@sr/xr'
import { bitsOf, headSize } from '@sr/xr/codec-kit'
import { Leaves } from './leaves.ts'
import { CLOSE_ARRAY, CLOSE_OBJECT, type Lexer, OPEN_ARRAY, OPEN_OBJECT } from './lexer.ts'
import { isInt64, LimitCounter } from './limit-counter.ts'
import { Name, readField, readName } from './names.ts'
import { Op, Tape } from './tape.ts'

/** Kinds of open frames. Objects of a fixed shape, such as the union around a node, are read at once and have none. */
const Frame = { LIST: 0, DICT: 1, PAIR: 2, PREDICATE: 3, POSITIONAL: 4, NAMED: 5 } as const

/** Fields of a pair or a predicate that were read. */
const Seen = { KEY: 1, VALUE: 2, BOTH: 3, SWAPPED: 4, TAG: 1, POSITIONAL: 2, NAMED: 4, ALL: 7 } as const

/** A predicate being read. */
interface Open {
  tagFrom: number
  tagTo: number
  tagLength: number
  positional: number
  named: number
  namedFirst: boolean
}

/** Items read between two yields: about a tenth of a millisecond. */
const ITEMS_PER_STEP = 256

/** Length of the digits of 2^1024 with a sign. */
const MAX_DIGITS = 310

/**
 * First pass over a Go document: checks its form and its limits. Open containers are kept in arrays, so
 * depth uses no stack.
 */
export class Scan {
  readonly #lexer: Lexer
  readonly #counter: LimitCounter
  readonly #tape: Tape
  /** of each open frame: its kind; its items, or the fields read; whether its keys need pairs, or a key was just read */
  readonly #kinds: number[]
  readonly #counts: number[]
  readonly #marks: boolean[]
  readonly #predicates: Open[]
  readonly #leaves: Leaves

  constructor(lexer: Lexer, limits: Readonly<Limits>) {
    this.#lexer = lexer
    this.#counter = new LimitCounter(limits)
    this.#tape = new Tape(lexer.bytes.length)
    this.#kinds = []
    this.#counts = []
    this.#marks = []
    this.#predicates = []
    this.#leaves = new Leaves(lexer, this.#counter, this.#tape)
  }

  /** @throws XrError with an offset */
  *run(): SlicedWork<Tape> {
    const lexer = this.#lexer
    this.#node()
    for (let items = 1; this.#kinds.length > 0; items++) {
      if (items % ITEMS_PER_STEP === 0) {
        yield
      }
      switch (this.#kinds.at(-1)) {
        case Frame.LIST:
          this.#member()
          break
        case Frame.POSITIONAL:
          this.#argument()
          break
        case Frame.PAIR:
          this.#pairField()
          break
        case Frame.PREDICATE:
          this.#predicateField()
          break
        default:
          this.#pair()
      }
    }
    if (lexer.skip() !== -1) {
      throw lexer.fault('the end of the input after the document')
    }
    this.#counter.end(lexer.at)
    return this.#tape
  }

  /** Reads a node from its opening brace: a whole leaf, or a container up to its first item. */
  #node(): void {
    const lexer = this.#lexer
    lexer.expect(OPEN_OBJECT, 'the opening brace of a node')
    const member = readName(lexer)
    switch (member) {
      case Name.DICT:
        this.#open(Frame.DICT, Name.PAIRS)
        return
      case Name.LIST:
        this.#open(Frame.LIST, Name.ELEMENTS)
        return
      case Name.PREDICATE:
        this.#openPredicate()
        return
      default:
        this.#leaves.take(member)
    }
    lexer.endObject()
  }

  #open(kind: number, field: number): void {
    const lexer = this.#lexer
    this.#counter.node(0, lexer.at)
    this.#counter.enter(false, lexer.at)
    lexer.expect(OPEN_OBJECT, 'an opening brace')
    readField(lexer, field)
    lexer.expect(OPEN_ARRAY, 'an array')
    this.#push(kind)
  }

  #openPredicate(): void {
    const lexer = this.#lexer
    this.#counter.node(2, lexer.at)
    this.#counter.enter(true, lexer.at)
    lexer.expect(OPEN_OBJECT, 'an opening brace')
    this.#push(Frame.PREDICATE)
    this.#predicates.push({
      tagFrom: 0,
      tagTo: 0,
      tagLength: 0,
      positional: 0,
      named: 0,
      namedFirst: false,
    })
  }

  #push(kind: number): void {
    this.#kinds.push(kind)
    this.#counts.push(0)
    this.#marks.push(false)
  }

  /** Closes the innermost frame; returns its count. */
  #pop(): number {
    this.#kinds.pop()
    this.#marks.pop()
    return this.#counts.pop() as number
  }

  #count(): number {
    return this.#counts.at(-1) as number
  }

  #mark(seen: number): void {
    this.#counts[this.#counts.length - 1] = seen
  }

  /** Whether an array has another item; takes the comma before it, or the end. */
  #nextItem(): boolean {
    if (!this.#lexer.next(CLOSE_ARRAY, this.#count() > 0)) {
      return false
    }
    this.#mark(this.#count() + 1)
    return true
  }

  #member(): void {
    if (this.#nextItem()) {
      this.#node()
      return
    }
    const members = this.#pop()
    this.#counter.add(headSize(members), this.#lexer.at)
    this.#close(Op.LIST, members)
  }

  #argument(): void {
    if (this.#nextItem()) {
      this.#node()
      return
    }
    const open = this.#predicates.at(-1) as Open
    open.positional = this.#pop()
    this.#counter.add(headSize(open.positional), this.#lexer.at)
  }

  /** A pair of a Dict or of named arguments, or their end. */
  #pair(): void {
    if (this.#nextItem()) {
      this.#lexer.expect(OPEN_OBJECT, 'a pair')
      this.#push(Frame.PAIR)
      return
    }
    const kind = this.#kinds.at(-1)
    const asPairs = this.#marks.at(-1) === true
    const pairs = this.#pop()
    // [null, [[key, value], …]]: two bytes around, and a head a pair
    this.#counter.add(headSize(pairs) + (asPairs ? 2 + pairs : 0), this.#lexer.at)
    if (kind === Frame.DICT) {
      this.#close(Op.DICT, pairs)
    } else {
      ;(this.#predicates.at(-1) as Open).named = pairs
    }
  }

  #close(op: typeof Op.LIST | typeof Op.DICT, count: number): void {
    const lexer = this.#lexer
    this.#tape.write(op, count, lexer.at)
    this.#counter.leave(lexer.at)
    this.#leaves.plain = false
    lexer.endObject()
    lexer.endObject()
  }

  #pairField(): void {
    const lexer = this.#lexer
    const top = this.#kinds.length - 1
    if (this.#marks[top] === true) {
      // the key is complete
      this.#marks[top] = false
      this.#marks[top - 1] ||= !this.#leaves.plain
    }
    const seen = this.#count()
    if (!lexer.next(CLOSE_OBJECT, seen > 0)) {
      if ((seen & Seen.BOTH) !== Seen.BOTH) {
        throw lexer.fault('Key and Value in a pair', lexer.at - 1)
      }
      this.#pop()
      if (seen > Seen.BOTH) {
        this.#tape.write(Op.SWAP, 0, 0)
      }
      return
    }
    const name = readName(lexer)
    if (name === Name.KEY && (seen & Seen.KEY) === 0) {
      this.#mark(seen === Seen.VALUE ? Seen.BOTH | Seen.SWAPPED : seen | Seen.KEY)
      this.#marks[top] = true
    } else if (name === Name.VALUE && (seen & Seen.VALUE) === 0) {
      this.#mark(seen | Seen.VALUE)
    } else {
      throw lexer.fault('Key and Value once each in a pair')
    }
    this.#node()
  }

  #predicateField(): void {
    const lexer = this.#lexer
    const seen = this.#count()
    if (!lexer.next(CLOSE_OBJECT, seen > 0)) {
      if (seen !== Seen.ALL) {
        throw lexer.fault('Tag, Positional and Named in a predicate', lexer.at - 1)
      }
      this.#pop()
      this.#closePredicate()
      return
    }
    const open = this.#predicates.at(-1) as Open
    const name = readName(lexer)
    const field =
      name === Name.TAG ? Seen.TAG : name === Name.POSITIONAL ? Seen.POSITIONAL : name === Name.NAMED ? Seen.NAMED : 0
    if (field === 0 || (seen & field) !== 0) {
      throw lexer.fault('Tag, Positional and Named once each in a predicate')
    }
    this.#mark(seen | field)
    if (field === Seen.TAG) {
      this.#leaves.string()
      open.tagFrom = lexer.from
      open.tagTo = lexer.to
      open.tagLength = lexer.length
      this.#counter.add(lexer.length + headSize(lexer.length), lexer.from)
      return
    }
    open.namedFirst = open.namedFirst || (field === Seen.NAMED && (seen & Seen.POSITIONAL) === 0)
    lexer.expect(OPEN_ARRAY, 'an array')
    this.#push(field === Seen.NAMED ? Frame.NAMED : Frame.POSITIONAL)
  }

  #closePredicate(): void {
    const lexer = this.#lexer
    const tape = this.#tape
    const open = this.#predicates.pop() as Open
    const text = open.positional === 1 && open.named === 0 ? this.#lastText() : undefined
    const tag = text === undefined || open.tagLength > 6 ? '' : lexer.text(open.tagFrom, open.tagTo)
    this.#leaves.plain = false
    lexer.endObject()
    const value = tag === 'bigint' ? bigintOf(text as string) : undefined
    if (value !== undefined) {
      // the predicate as it was counted: `2 + tag + text + two empty counts`
      this.#counter.add(size(value) - size(new Predicate(tag, [text as string])), lexer.at)
      this.#counter.leaveInt(bitsOf(value), lexer.at)
      tape.write(Op.BIGINT, 0, 0)
      return
    }
    if (tag === 'link') {
      const written = 2 + size(tag) + headSize(1) + size(text as string) + headSize(0)
      this.#counter.add(size(new Predicate(tag, [text as string])) - written, lexer.at)
    }
    this.#counter.leave(lexer.at)
    tape.write(Op.TEXT, open.tagFrom, open.tagTo)
    tape.write(open.namedFirst ? Op.PREDICATE_NAMED_FIRST : Op.PREDICATE, open.positional, open.named)
  }

  /** The text of the last node, when it is a String. */
  #lastText(): string | undefined {
    const { entries, length } = this.#tape
    return entries[length - 3] === Op.TEXT
      ? this.#lexer.text(entries[length - 2] as number, entries[length - 1] as number)
      : undefined
  }
}

/** The Int of the argument of `bigint("…")`: canonical digits of a value outside int64; else undefined. */
function bigintOf(digits: string): bigint | undefined {
  if (digits.length > MAX_DIGITS || !/^-?[1-9][0-9]{18,}$/.test(digits)) {
    return undefined
  }
  const value = BigInt(digits)
  return !isInt64(value) && bitsOf(value) <= MAX_INT_BITS ? value : undefined
}
