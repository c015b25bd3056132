import {
  ProtocolError,
  type Refusal,
  type ServeContext,
  type ServedExplanation,
  type ServedProblem,
  type ServedReceipt,
  type ServedUpdate,
  type SubmitOptions,
  toRefusal,
} from '@sr/protocol'
import {
  type ExplainedItem,
  isEnvelope,
  type UnreadTag,
  type UpdateItem,
  type UpdateResult,
} from '@sr/protocol/messages'
import { decode } from '@sr/xr/dag-cbor'
import { envelopeHead } from './envelope-head.ts'
import { peerBytes } from './peer-ids.ts'
import { pathBytes } from './wire-items.ts'

/** The key of the record that an item is for; of bytes that are no update, an empty one. */
export function itemKey(item: UpdateItem): Uint8Array {
  return 'signed' in item ? (envelopeHead(item.signed)?.key ?? NO_KEY) : item.key
}

const NO_KEY = new Uint8Array(0)

/** Submits one item of an update. */
export async function submit(
  item: UpdateItem,
  context: Pick<ServeContext, 'machine' | 'peer' | 'observedAddr'>,
): Promise<UpdateResult> {
  const { machine } = context
  assertEnvelope(item)
  const options = submitOptions(item, context)
  const receipt =
    'signed' in item
      ? await machine.update(item.signed, options)
      : await machine.updateUnsigned(own(item, context.peer), options)
  return resultOf(receipt, receipt.problems)
}

/** What an item would come to. */
export async function explain(
  item: UpdateItem,
  context: Pick<ServeContext, 'machine' | 'peer' | 'observedAddr'>,
): Promise<ExplainedItem> {
  const { machine } = context
  let explanation: ServedExplanation
  try {
    assertEnvelope(item)
    const update = 'signed' in item ? item.signed : own(item, context.peer)
    explanation = await (machine.explain as NonNullable<typeof machine.explain>)(update, submitOptions(item, context))
  } catch (err) {
    const refusal: Refusal = toRefusal(err)
    return { result: refusal, price: 0, tags: [] }
  }
  const { receipt, tags, problems } = explanation
  return {
    result: resultOf(receipt, problems),
    price: receipt.price,
    tags: tags.map(({ path, tag, status }) => ({ path: pathBytes(path), tag, status })),
  }
}

/** @throws ProtocolError `PROTOCOL_SIGNATURE` */
function assertEnvelope(item: UpdateItem): void {
  if ('signed' in item && !isEnvelope(item.signed)) {
    throw new ProtocolError('PROTOCOL_SIGNATURE', 'expected a signed envelope')
  }
}

function own({ key, body, ttl }: Exclude<UpdateItem, { signed: Uint8Array }>, writer: string): ServedUpdate {
  return { key, writer, body: decode(body), ttl }
}

/** Effects that act outside run only for a writer who is at the other end. */
function submitOptions(
  item: UpdateItem,
  { peer, observedAddr }: Pick<ServeContext, 'peer' | 'observedAddr'>,
): SubmitOptions {
  const isAuthor = !('signed' in item) || isWriter(item.signed, peer)
  return {
    via: isAuthor ? 'author' : 'peer',
    from: peer,
    // the address of a peer that passes an update on says nothing about its writer
    ...(observedAddr === undefined || !isAuthor ? {} : { observedAddr }),
    ...(item.ifSeq === undefined ? {} : { ifSeq: item.ifSeq }),
  }
}

function isWriter(envelope: Uint8Array, peer: string): boolean {
  const writer = envelopeHead(envelope)?.writer
  const id = peerBytes(peer)
  return id !== undefined && writer?.length === id.length && writer.every((byte, i) => byte === id[i])
}

function resultOf(
  { status, changed, forked, seq, counter, expires, cost }: Omit<ServedReceipt, 'effects' | 'problems'>,
  problems: readonly ServedProblem[],
): UpdateResult {
  const unread: UnreadTag[] = problems.map(({ path, tag }) => ({ path: pathBytes(path), tag }))
  return { stored: status === 'stored', changed, forked, seq, counter, expires, charge: cost, unread }
}
