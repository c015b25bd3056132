import {
  frame,
  MAX_FRAME_BYTES,
  MAX_KEY_BYTES,
  ProtocolError,
  runInSlices,
  type ServeContext,
  type ServedReceipt,
  type SlicedWork,
} from '@sr/protocol'
import { after } from '@sr/runtime'
import { type Dict, isKind, size } from '@sr/xr'
import { readDocument } from '../codec/document.ts'
import { type GoMessage, goMessage } from '../codec/message.ts'
import { canonicalPeerId } from '../codec/peer-id.ts'
import { GoRecordWriter, recordEntryLength } from '../codec/record-writer.ts'
import { EFFECTS_TIMEOUT_MS } from '../limits.ts'
import { legacyRewriter, type LegacyRewrite } from './legacy-view.ts'
import type { GoServerInit } from './init.ts'

/** What handling one request needs besides the context. */
export interface HandlerInit extends GoServerInit {
  /** aborts when the answer is not wanted any more */
  readonly signal: AbortSignal
  /** receives how many bytes the answer takes so far; throws when the server has no room */
  readonly onHeld: (bytes: number) => void
  /** lets other peers have their turns */
  readonly yield: () => Promise<void>
}

/** From this length on the machine's part of an update may take a millisecond and has a turn of its own, bytes. */
const LONG_UPDATE_BYTES = 64 * 1024

/** A message's own bytes beside its value: type, key, and the heads of its fields. */
const MESSAGE_OVERHEAD_BYTES: number = MAX_KEY_BYTES + 16

/** Most bytes of a record in an answer. */
const MAX_RECORD_BYTES: number = MAX_FRAME_BYTES - MESSAGE_OVERHEAD_BYTES

/**
 * The answer to a request: a frame in parts.
 *
 * @throws ProtocolError `PROTOCOL_KEY`, `PROTOCOL_DOC`, `PROTOCOL_PEER` for an update of a writer that answers could not name; XrError for a body that is no document; errors of the machine
 */
export async function handle(request: GoMessage, context: ServeContext, init: HandlerInit): Promise<Uint8Array[]> {
  const { length } = request.key
  if (length < 1 || length > MAX_KEY_BYTES) {
    throw new ProtocolError('PROTOCOL_KEY', `a key has 1 to ${MAX_KEY_BYTES} bytes, not ${length}`, {
      limit: 'key',
      max: MAX_KEY_BYTES,
      got: length,
    })
  }
  // a copy: a view would keep the whole frame in memory for as long as the machine keeps the key
  const key = request.key.slice()
  return request.type === 'update' ? await update(request, key, context, init) : await get(request, key, context, init)
}

async function update(
  request: GoMessage,
  key: Uint8Array,
  { machine, peer, observedAddr }: ServeContext,
  { signal, timeouts, yield: yieldToOthers }: HandlerInit,
): Promise<Uint8Array[]> {
  if (!isPeerId(peer)) {
    throw new ProtocolError('PROTOCOL_PEER', `expected a peer id in base58 as the writer, got ${JSON.stringify(peer)}`)
  }
  const body = await runInSlices(readDocument(request.value), async () => {
    await yieldToOthers()
    signal.throwIfAborted()
  })
  if (request.value.length > LONG_UPDATE_BYTES) {
    // the machine validates and merges in one step
    await yieldToOthers()
  }
  if (!isKind(body, 'dict')) {
    throw new ProtocolError('PROTOCOL_DOC', 'the body of an update must be a Dict')
  }
  const ttl = ttlSeconds(request.ttl, machine.limits.maxTtl)
  const source = observedAddr === undefined ? {} : { observedAddr }
  const receipt = await machine.updateUnsigned({ key, writer: peer, body, ttl }, { via: 'author', ...source, signal })
  await verdicts(receipt, timeouts?.effects ?? EFFECTS_TIMEOUT_MS)
  return [frame(goMessage.encode({ type: 'update', key }))]
}

/** Seconds to live: 0 counts as 1, and a life longer than granted is shortened, since this protocol cannot refuse it. */
function ttlSeconds(ttl: bigint, max: number): number {
  return ttl === 0n ? 1 : ttl > BigInt(max) ? max : Number(ttl)
}

/** Go clients expect a verdict about reachability in the very next GET, so the answer waits for it, up to `ms`. */
async function verdicts(receipt: ServedReceipt, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = after(ms, resolve)
  await Promise.race([receipt.effects, promise])
  cancel()
}

async function get(
  request: GoMessage,
  key: Uint8Array,
  context: ServeContext,
  init: HandlerInit,
): Promise<Uint8Array[]> {
  const { machine, account } = context
  const record = (await machine.get(key, { signal: init.signal })).documents
  const answer = new Answer(record, legacyRewriter(record, { ...init, self: machine.self }), (leftOut) => {
    account.count('answers.partial')
    account.count('answers.writersLeftOut', leftOut)
  })
  const work = answer.write(goMessage.encodeHead(request.type, key))
  return await runInSlices(work, async () => {
    init.onHeld(answer.held)
    await init.yield()
    // a session that is over has given its bytes back, and takes no more
    init.signal.throwIfAborted()
  })
}

type ServedRecord = ReadonlyMap<string, { readonly document: Dict }>

/** The answer to a GET. */
class Answer {
  readonly #record: ServedRecord
  readonly #rewrite: LegacyRewrite
  readonly #onLeftOut: (writers: number) => void
  #writer: GoRecordWriter | undefined

  constructor(record: ServedRecord, rewrite: LegacyRewrite, onLeftOut: (writers: number) => void) {
    this.#record = record
    this.#rewrite = rewrite
    this.#onLeftOut = onLeftOut
  }

  /** bytes of memory that it takes so far */
  get held(): number {
    return this.#writer?.held ?? 0
  }

  /** The answer as a frame in parts: all documents, or the smallest when they do not fit. */
  *write(head: Uint8Array): SlicedWork<Uint8Array[]> {
    const all = [...this.#record.keys()].filter(isPeerId).sort()
    const whole = yield* this.#documents(all, head)
    if (whole !== undefined) {
      this.#countLeftOut(this.#record.size - all.length)
      return whole.takeParts()
    }
    const some = yield* this.#fitting(all)
    this.#countLeftOut(this.#record.size - some.size)
    const partial = yield* this.#documents(
      all.filter((peer) => some.has(peer)),
      head,
    )
    if (partial === undefined) {
      throw new ProtocolError('PROTOCOL_INTERNAL', 'the documents chosen for an answer do not fit')
    }
    return partial.takeParts()
  }

  /** Writes the documents of some writers; undefined when they do not fit into a frame. */
  *#documents(peers: readonly string[], head: Uint8Array): SlicedWork<GoRecordWriter | undefined> {
    const writer = new GoRecordWriter({ max: MAX_RECORD_BYTES, head })
    this.#writer = writer
    for (const peer of peers) {
      const document = yield* this.#rewrite(peer)
      if (document !== undefined && !(yield* writer.tryAddSliced(peer, document))) {
        this.#writer = undefined
        return undefined
      }
      yield
    }
    return writer
  }

  #countLeftOut(writers: number): void {
    if (writers > 0) {
      this.#onLeftOut(writers)
    }
  }

  /** Those of some writers whose documents fit into an answer together, smallest documents first. */
  *#fitting(peers: readonly string[]): SlicedWork<ReadonlySet<string>> {
    const bySize: Array<{ peer: string; size: number }> = []
    for (const peer of peers) {
      const document = this.#record.get(peer)?.document
      bySize.push({ peer, size: document === undefined ? 0 : sizeOf(document) })
      yield
    }
    bySize.sort((a, b) => a.size - b.size || (a.peer < b.peer ? -1 : 1))
    const chosen = new Set<string>()
    let total = 2 // the braces
    for (const { peer } of bySize) {
      const document = yield* this.#rewrite(peer)
      const length = document === undefined ? 0 : yield* recordEntryLength(peer, document, MAX_RECORD_BYTES)
      if (total + length > MAX_RECORD_BYTES) {
        break
      }
      total += length
      chosen.add(peer)
    }
    return chosen
  }
}

/** Whether answers of this protocol can name a writer. */
function isPeerId(writer: string): boolean {
  return canonicalPeerId(writer) === writer
}

/** Sizes of documents that were too large before: a document that did not change is the same object. */
const SIZES = new WeakMap<Dict, number>()

function sizeOf(document: Dict): number {
  let known = SIZES.get(document)
  if (known === undefined) {
    known = size(document)
    SIZES.set(document, known)
  }
  return known
}
