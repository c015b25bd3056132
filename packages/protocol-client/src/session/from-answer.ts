import {
  type DocumentView,
  type Explanation,
  type PeerInfo,
  ProtocolError,
  type ServedEvent,
  type ServedPart,
  type ServedRow,
  type UpdateReceipt,
} from '@sr/protocol'
import {
  type ChangeItem,
  type DocumentItem,
  type EventItem,
  type Part,
  peerIdText,
  type readExplained,
  type RowItem,
  type ServerInfo,
  type UpdateResult,
} from '@sr/protocol/messages'
import { type Node, type Path } from '@sr/xr'
import { decode } from '@sr/xr/dag-cbor'

function pathFrom(path: readonly Uint8Array[]): Path {
  return path.map((step) => decode(step))
}

/** What an update came to; an error stays one. */
export function receiptFrom(result: UpdateResult): UpdateReceipt {
  const { stored, changed, forked, seq, counter, expires, charge, unread = [] } = result
  return {
    stored,
    changed,
    forked,
    seq,
    counter,
    expires,
    charge,
    unread: unread.map(({ path, tag }) => ({ path: pathFrom(path), tag })),
  }
}

/** What a document says besides its content. */
export function detailsFrom({ seq, signed, forked, next, ends }: DocumentItem): Omit<DocumentView, 'document'> {
  return { seq, signed, forked, next: orUndefined(next), ends: orUndefined(ends) }
}

/** The wire has 0 for an instant that does not exist. */
function orUndefined(instant: number): number | undefined {
  return instant === 0 ? undefined : instant
}

export function rowFrom({ writer, path, node, ...rest }: RowItem): ServedRow {
  return { ...rest, writer: peerIdText(writer), path: pathFrom(path), node: decode(node) }
}

export function explanationFrom({ result, price, tags }: ReturnType<typeof readExplained>): Explanation {
  return {
    result: result instanceof ProtocolError ? result : receiptFrom(result),
    price,
    tags: tags.map(({ path, tag, status }) => ({ path: pathFrom(path), tag, status })),
  }
}

export function infoFrom({ self, ...info }: ServerInfo): PeerInfo {
  return { ...info, peer: peerIdText(self) }
}

/** Parts with everything decoded, but for snapshots, whose documents come in pieces. */
export function partFrom(part: Exclude<Part, { kind: 'snapshot' }>): Exclude<ServedPart, { kind: 'snapshot' }> {
  switch (part.kind) {
    case 'changes':
      return { kind: 'changes', counter: part.counter, documents: part.changes.map(changesFrom) }
    case 'updates':
      return { ...part, updates: part.updates.map((update) => update.slice()) }
    default:
      return part
  }
}

function changesFrom({ writer, events, ...rest }: ChangeItem) {
  return { ...rest, writer: peerIdText(writer), events: events.map(eventFrom) }
}

function eventFrom({ cause, isMember, path, value, expires }: EventItem): ServedEvent {
  const node = value && decode(value)
  const isGone = cause === 'removed' || cause === 'expired'
  return {
    cause,
    isMember,
    path: pathFrom(path),
    value: isGone ? undefined : node,
    // a member that is gone is named by itself
    old: isGone && isMember ? node : undefined,
    expires: expires ?? 0,
  }
}

/** The content of a document, or of a piece of one. */
export function nodeFrom({ tree }: DocumentItem, limits?: Parameters<typeof decode>[1]): Node {
  return decode(tree, limits)
}
