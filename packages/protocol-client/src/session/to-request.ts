import { keyBytes, ProtocolError, type Submission } from '@sr/protocol'
import { MAX_ITEMS, MAX_TAGS, MAX_WRITERS, peerIdBytes, type UpdateItem, type WireStep } from '@sr/protocol/messages'
import { from, isKind, LIMITS, type Node, type Path, size } from '@sr/xr'
import { encode } from '@sr/xr/dag-cbor'
import { ANY, type Selector, type SelectorStep } from '@sr/xr/selector'

/** The writers of a request, as bytes. @throws ProtocolError `PROTOCOL_PEER`, `PROTOCOL_TOO_LARGE` */
export function writersOf(writers: readonly string[] | undefined): Uint8Array[] | undefined {
  return writers && atMost('writers', MAX_WRITERS, writers).map(peerIdBytes)
}

/** @throws ProtocolError `PROTOCOL_TOO_LARGE` */
export function tagsOf(tags: readonly string[] | undefined): readonly string[] | undefined {
  return tags && [...atMost('tags', MAX_TAGS, tags)]
}

export function pathOf(path: Path | undefined): Uint8Array[] | undefined {
  return path === undefined || path.length === 0 ? undefined : path.map(encode)
}

export function stepsOf(selector: Selector): WireStep[] {
  return selector.map((step: SelectorStep) =>
    typeof step === 'symbol' ? (step === ANY ? 0 : 1) : encode(step as Node),
  )
}

/**
 * An update as it is sent.
 *
 * @throws ProtocolError `PROTOCOL_KEY`, `PROTOCOL_DOC`, `PROTOCOL_TTL`, `PROTOCOL_TOO_LARGE`; XrError for what cannot be made a document
 */
export function itemOf(submission: Submission): UpdateItem {
  const { ifSeq } = submission
  if (ifSeq !== undefined && !(Number.isSafeInteger(ifSeq) && ifSeq >= 0)) {
    throw new ProtocolError('PROTOCOL_PROTO', `ifSeq must be an integer from 0, not ${ifSeq}`)
  }
  if ('signed' in submission) {
    return { signed: submission.signed.slice(), ifSeq }
  }
  const { key, body, ttl } = submission
  if (!Number.isSafeInteger(ttl) || ttl < 1) {
    throw new ProtocolError('PROTOCOL_TTL', `ttl must be a whole number of seconds from 1, not ${ttl}`)
  }
  const node = from(body)
  if (!isKind(node, 'dict') && !isKind(node, 'predicate')) {
    throw new ProtocolError('PROTOCOL_DOC', 'expected a Dict, $set(Dict) or $remove() as document')
  }
  if (size(node) > LIMITS.size) {
    throw tooMany('size', LIMITS.size, size(node))
  }
  return { key: keyBytes(key), body: encode(node), ttl, ifSeq }
}

/** Bytes of updates in one request: it stays far below the 1 MiB of a message. */
const CHUNK_BYTES = 512 * 1024

/** Items in requests of no more than 256 items, each of which is repeatable or not as a whole; the order stays. */
export function chunksOf(items: readonly UpdateItem[]): UpdateItem[][] {
  const chunks: UpdateItem[][] = []
  let bytes = Infinity
  let repeatable: boolean | undefined
  for (const item of items) {
    const length = 'signed' in item ? item.signed.length : item.body.length + item.key.length
    const isRepeatable = 'signed' in item || item.ifSeq !== undefined
    const last = chunks[chunks.length - 1]
    if (
      last === undefined ||
      last.length === MAX_ITEMS ||
      bytes + length > CHUNK_BYTES ||
      repeatable !== isRepeatable
    ) {
      chunks.push([item])
      bytes = length
      repeatable = isRepeatable
    } else {
      last.push(item)
      bytes += length
    }
  }
  return chunks
}

function atMost<T>(limit: string, max: number, list: readonly T[]): readonly T[] {
  if (list.length < 1 || list.length > max) {
    throw tooMany(limit, max, list.length)
  }
  return list
}

function tooMany(limit: string, max: number, got: number): ProtocolError {
  return new ProtocolError('PROTOCOL_TOO_LARGE', `${limit} must be 1 to ${max}, got ${got}`, { limit, max, got })
}
