import { isKind } from '@sr/xr'
import type { Machine, Receipt } from '@sr/vm'
import { goDocument, type GoMessage, goMessage, GoRecordWriter } from '@sr/protocol-go'
import { EFFECTS_TIMEOUT_MS, MAX_FRAME_BYTES, MAX_KEY_BYTES, ProtocolError } from '@sr/protocol'
import { goView, type NormalAddress } from './go-view.ts'
import { yieldTurn } from './turn.ts'

/** The parts of a machine that sessions use. */
export type SessionMachine = Pick<Machine, 'self' | 'limits' | 'get' | 'updateUnsigned'>

/** Who asks, and what is asked. */
export interface HandlerInit {
  readonly machine: SessionMachine
  /** peer id of the other end: the only writer it can write as */
  readonly peer: string
  readonly observed: string | undefined
  readonly address: NormalAddress
  /** milliseconds an UPDATE's answer waits for verdicts */
  readonly effectsMs: number | undefined
  /** told how many bytes an answer takes as far as it is written; throws when that is too much */
  readonly onHeld: (bytes: number) => void
}

/** Bytes of an answer written in one turn of the event loop, or one document: half a millisecond's worth. */
const BYTES_PER_TURN = 16 * 1024

/** A message's own bytes beside its value: type, key, and the heads of fields. */
const MESSAGE_OVERHEAD_BYTES = MAX_KEY_BYTES + 16

/**
 * The answer to a request, ready for its frame.
 *
 * @throws ProtocolError `PROTOCOL_KEY`, `PROTOCOL_DOC`, `PROTOCOL_TOO_LARGE`; XrError for a body that is no document; what the machine throws
 */
export async function answer(request: GoMessage, init: HandlerInit, signal: AbortSignal): Promise<Uint8Array> {
  if (request.key.length < 1 || request.key.length > MAX_KEY_BYTES) {
    throw new ProtocolError('PROTOCOL_KEY', `a key has 1 to ${MAX_KEY_BYTES} bytes`, {
      limit: 'key',
      max: MAX_KEY_BYTES,
      got: request.key.length,
    })
  }
  // a view would keep the whole frame alive for as long as the key lives
  const key = request.key.slice()
  return request.type === 'update' ? await update(request, key, init, signal) : await get(request, key, init, signal)
}

async function update(
  request: GoMessage,
  key: Uint8Array,
  init: HandlerInit,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { machine, peer, observed } = init
  const body = goDocument.decode(request.value)
  if (!isKind(body, 'dict')) {
    throw new ProtocolError('PROTOCOL_DOC', 'the body of an update is a Dict')
  }
  const receipt = await machine.updateUnsigned(
    {
      key,
      writer: peer,
      body,
      ttl: lifeOf(request.ttl, machine.limits.maxTtl),
    },
    { via: 'author', ...(observed === undefined ? {} : { observedAddr: observed }), signal },
  )
  await verdicts(receipt, init.effectsMs ?? EFFECTS_TIMEOUT_MS)
  return goMessage.encode({ type: 'update', key })
}

/** Seconds to live: 0 counts as 1, and this protocol has no way to say that something is too long. */
function lifeOf(ttl: bigint, max: number): number {
  return ttl === 0n ? 1 : ttl > BigInt(max) ? max : Number(ttl)
}

/** Go clients expect a verdict about reachability in the very next GET; so the answer waits for it, not for long. */
async function verdicts(receipt: Receipt, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([receipt.effects, promise])
  clearTimeout(timer)
}

async function get(request: GoMessage, key: Uint8Array, init: HandlerInit, signal: AbortSignal): Promise<Uint8Array> {
  const { machine, address, onHeld } = init
  const record = await machine.get(key, { signal })
  const writer = new GoRecordWriter({ max: MAX_FRAME_BYTES - MESSAGE_OVERHEAD_BYTES })
  let stop = BYTES_PER_TURN
  // lazily: behind the document with which the answer is too long no other is looked at
  for (const [peer, document] of goView(record, machine.self, address)) {
    if (writer.length > stop) {
      stop = writer.length + BYTES_PER_TURN
      onHeld(writer.held)
      await yieldTurn()
      // a session that is over has given its bytes back, and takes no more
      signal.throwIfAborted()
    }
    writer.add(peer, document)
  }
  return goMessage.encode({ type: request.type, key, value: writer.take() })
}
