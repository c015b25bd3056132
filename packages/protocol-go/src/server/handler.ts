import {
  frame,
  MAX_FRAME_BYTES,
  MAX_KEY_BYTES,
  ProtocolError,
  type ServeContext,
  type ServedReceipt,
} from '@sr/protocol'
import { after } from '@sr/runtime'
import { type Dict, isKind, size } from '@sr/xr'
import { goDocument } from '../codec/document.ts'
import { type GoMessage, goMessage } from '../codec/message.ts'
import { GoRecordWriter, recordEntryLength } from '../codec/record-writer.ts'
import { EFFECTS_TIMEOUT_MS } from '../limits.ts'
import { legacyRewriter } from './legacy-view.ts'
import type { GoServerInit } from './init.ts'

/** What handling one request needs besides the context. */
export interface HandlerInit extends GoServerInit {
  /** aborts when the answer is not wanted any more */
  readonly signal: AbortSignal
  /** receives how many bytes the answer takes so far; throws when the server has no room */
  readonly onHeld: (bytes: number) => void
}

/** Bytes of an answer, or one document, written between two yields to the event loop: about half a millisecond. */
const BYTES_PER_SLICE = 16 * 1024

/** A message's own bytes beside its value: type, key, and the heads of its fields. */
const MESSAGE_OVERHEAD_BYTES: number = MAX_KEY_BYTES + 16

/** Most bytes of a record in an answer. */
const MAX_RECORD_BYTES: number = MAX_FRAME_BYTES - MESSAGE_OVERHEAD_BYTES

/**
 * The answer to a request, as a frame.
 *
 * @throws ProtocolError `PROTOCOL_KEY`, `PROTOCOL_DOC`; XrError for a body that is no document; errors of the machine
 */
export async function handle(request: GoMessage, context: ServeContext, init: HandlerInit): Promise<Uint8Array> {
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
  { signal, timeouts }: HandlerInit,
): Promise<Uint8Array> {
  const body = goDocument.decode(request.value)
  if (!isKind(body, 'dict')) {
    throw new ProtocolError('PROTOCOL_DOC', 'the body of an update must be a Dict')
  }
  const ttl = ttlSeconds(request.ttl, machine.limits.maxTtl)
  const source = observedAddr === undefined ? {} : { observedAddr }
  const receipt = await machine.updateUnsigned({ key, writer: peer, body, ttl }, { via: 'author', ...source, signal })
  await verdicts(receipt, timeouts?.effects ?? EFFECTS_TIMEOUT_MS)
  return frame(goMessage.encode({ type: 'update', key }))
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

async function get(request: GoMessage, key: Uint8Array, context: ServeContext, init: HandlerInit): Promise<Uint8Array> {
  const { machine, scheduler, account } = context
  const record = await machine.get(key, { signal: init.signal })
  const rewriter = legacyRewriter(record, { ...init, self: machine.self })
  const slices = (): Slices => new Slices(scheduler.yield, init)
  const all = [...record.keys()].sort()
  const head = goMessage.encodeHead(request.type, key)
  const writer = await write(all, rewriter, head, slices())
  if (writer !== undefined) {
    return writer.takeFrame()
  }
  const some = await fitting(record, rewriter, slices())
  account.count('answers.partial')
  account.count('answers.writersLeftOut', all.length - some.size)
  const partial = await write(
    all.filter((peer) => some.has(peer)),
    rewriter,
    head,
    slices(),
  )
  if (partial === undefined) {
    throw new ProtocolError('PROTOCOL_INTERNAL', 'the documents chosen for an answer do not fit')
  }
  return partial.takeFrame()
}

type Rewriter = (peer: string) => Dict | undefined

/** Writes the documents of some writers; undefined when they do not fit into a frame. */
async function write(
  peers: readonly string[],
  rewriter: Rewriter,
  head: Uint8Array,
  slices: Slices,
): Promise<GoRecordWriter | undefined> {
  const writer = new GoRecordWriter({ max: MAX_RECORD_BYTES, head })
  for (const peer of peers) {
    await slices.upTo(writer.length, writer.held)
    const document = rewriter(peer)
    if (document !== undefined && !writer.tryAdd(peer, document)) {
      return undefined
    }
  }
  return writer
}

/** The writers whose documents fit into an answer together, smallest documents first. */
async function fitting(
  record: ReadonlyMap<string, { readonly document: Dict }>,
  rewriter: Rewriter,
  slices: Slices,
): Promise<ReadonlySet<string>> {
  const bySize = Array.from(record, ([peer, { document }]) => ({ peer, size: sizeOf(document) }))
  bySize.sort((a, b) => a.size - b.size || (a.peer < b.peer ? -1 : 1))
  const chosen = new Set<string>()
  let total = 2 // the braces
  for (const { peer } of bySize) {
    await slices.upTo(total, 0)
    const document = rewriter(peer)
    const length = document === undefined ? 0 : recordEntryLength(peer, document, MAX_RECORD_BYTES)
    if (total + length > MAX_RECORD_BYTES) {
      break
    }
    total += length
    chosen.add(peer)
  }
  return chosen
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

/** Divides a long answer into slices, and yields to the event loop between them. */
class Slices {
  readonly #yield: () => Promise<void>
  readonly #init: HandlerInit
  #next = BYTES_PER_SLICE

  constructor(yieldToOthers: () => Promise<void>, init: HandlerInit) {
    this.#yield = yieldToOthers
    this.#init = init
  }

  /** Call before each document, with the bytes written and the bytes of memory held. */
  async upTo(written: number, held: number): Promise<void> {
    if (written > this.#next) {
      this.#next = written + BYTES_PER_SLICE
      this.#init.onHeld(held)
      await this.#yield()
      // a session that is over has given its bytes back, and takes no more
      this.#init.signal.throwIfAborted()
    }
  }
}
