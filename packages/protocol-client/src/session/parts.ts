import type { Revision, WatchPart } from '@sr/protocol'
import { type Part, peerIdText } from '@sr/protocol/messages'
import { nodeFrom, partFrom } from './from-answer.ts'
import { PieceJoiner } from './piece-joiner.ts'
import { copyRevision } from './reads.ts'

/** Most bytes of one document in pieces. */
const MAX_DOCUMENT_BYTES: number = 16 * 1024 * 1024

/** Turns the parts of a watch, over all its streams, into those that its application receives; knows from where to resume. */
export class PartReader {
  readonly #joiner = new PieceJoiner(MAX_DOCUMENT_BYTES)
  #from: Revision | undefined
  /** whether the application has received anything that a snapshot would replace */
  #isBegun = false
  /** whether the stream was opened without a revision, so that what the application has is void */
  #isAnew = false
  /** a gap is passed on with the part behind it: after a lost stream, what it left out may be sent after all */
  #gap: Extract<WatchPart, { kind: 'gap' }> | undefined

  constructor(from: Revision | undefined) {
    this.#from = from
    this.#isBegun = from !== undefined
  }

  /** The revision from which a new stream resumes; undefined to begin with a snapshot. */
  get from(): Revision | undefined {
    return this.#from
  }

  /** A new stream begins. */
  restart(): void {
    this.#joiner.clear()
    this.#gap = undefined
    this.#isAnew = this.#isBegun && this.#from === undefined
  }

  /** What the application receives for a part. */
  read(part: Part): WatchPart[] {
    const reset: WatchPart[] = this.#isAnew ? [{ kind: 'reset', epoch: undefined, why: 'interrupted' }] : []
    this.#isAnew = false
    const parts = this.#convert(part)
    this.#isBegun ||= parts.length > 0
    return part.kind === 'reset' ? parts : [...reset, ...parts]
  }

  #convert(part: Part): WatchPart[] {
    switch (part.kind) {
      case 'snapshot': {
        const documents = part.documents.flatMap((piece) => this.#joiner.take(piece, (one) => nodeFrom(one)) ?? [])
        // pieces alone are no snapshot yet
        return documents.length === 0 && part.documents.length > 0
          ? []
          : [
              {
                kind: 'snapshot',
                documents: documents.map(({ last: { writer, seq, signed, forked, next, ends }, node }) => ({
                  writer: peerIdText(writer),
                  seq,
                  signed,
                  forked,
                  next,
                  ends,
                  node,
                })),
              },
            ]
      }
      case 'marker':
        this.#joiner.clear()
        this.#from = copyRevision(part.revision)
        return [...this.#takeGap(), { kind: 'marker', revision: this.#from }]
      case 'reset':
        // until the next marker nothing is complete
        this.#from = undefined
        this.#gap = undefined
        this.#joiner.clear()
        return [{ ...part, epoch: part.epoch.slice() }]
      case 'gap':
        this.#gap = part
        return []
      case 'changes':
        // after a part of changes the state is the record's at its counter, so a stream can resume there
        this.#from &&= { epoch: this.#from.epoch, counter: Math.max(this.#from.counter, part.counter) }
        return [...this.#takeGap(), partFrom(part)]
      case 'updates':
        return [...this.#takeGap(), partFrom(part)]
    }
  }

  #takeGap(): WatchPart[] {
    const gap = this.#gap
    this.#gap = undefined
    return gap === undefined ? [] : [gap]
  }
}
