import { ProtocolError, type Revision, type ServedPiece, type WatchPart } from '@sr/protocol'
import { applyEvents } from './apply-events.ts'

/** One writer's document, or what stands at the watched path, after the parts so far. */
export type WatchedDocument = ServedPiece

/**
 * What a record shows, by the parts of a watch. Law: after a part of changes with counter n, and after a marker with counter n,
 * `documents` is what the record shows at n.
 *
 * @example
 * ```ts
 * import { WatchedRecord } from '@sr/protocol-client/session'
 * import { from } from '@sr/xr'
 *
 * const record = new WatchedRecord()
 * const head = { writer: 'ann', seq: 1, signed: true, forked: false, next: 9, ends: 9 }
 * const set = { cause: 'set', path: ['nick'], isMember: false, value: 'rob', old: 'bob', expires: 9 } as const
 * record.apply({ kind: 'snapshot', documents: [{ ...head, node: from({ nick: 'bob' }) }] })
 * record.apply({ kind: 'changes', counter: 2, documents: [{ ...head, seq: 2, events: [set] }] })
 * console.log(String(record.documents.get('ann')?.node)) // {nick="rob"}
 * ```
 */
export class WatchedRecord {
  #documents = new Map<string, WatchedDocument>()
  #revision: Revision | undefined

  /** By writer. It is not written to by later parts, which make another map. */
  get documents(): ReadonlyMap<string, WatchedDocument> {
    return this.#documents
  }

  /** The revision that `documents` is the state of; undefined until a snapshot is complete. */
  get revision(): Revision | undefined {
    return this.#revision
  }

  /** @throws ProtocolError `PROTOCOL_UNSUPPORTED` for updates: a reader verifies and merges those itself */
  apply(part: WatchPart): void {
    switch (part.kind) {
      case 'snapshot':
        this.#documents = new Map(this.#documents)
        for (const document of part.documents) {
          this.#documents.set(document.writer, document)
        }
        return
      case 'marker':
        this.#revision = part.revision
        return
      case 'reset':
        this.#documents = new Map()
        this.#revision = undefined
        return
      case 'changes':
        this.#change(part)
        return
      case 'gap':
        return
      case 'updates':
        throw new ProtocolError('PROTOCOL_UNSUPPORTED', 'a watch of updates has no documents', { subject: 'updates' })
    }
  }

  #change({ counter, documents }: Extract<WatchPart, { kind: 'changes' }>): void {
    this.#documents = new Map(this.#documents)
    for (const { events, ...head } of documents) {
      const node = applyEvents(this.#documents.get(head.writer)?.node, events)
      if (node === undefined) {
        this.#documents.delete(head.writer)
      } else {
        this.#documents.set(head.writer, { ...head, node })
      }
    }
    this.#revision &&= { epoch: this.#revision.epoch, counter }
  }
}

/** A watch as the states of its record: one after each part, always the same object. Ends as the watch does. */
export async function* foldWatch(watch: AsyncIterable<WatchPart>): AsyncGenerator<WatchedRecord, undefined> {
  const record = new WatchedRecord()
  for await (const part of watch) {
    record.apply(part)
    yield record
  }
  return undefined
}
