import type { ServedChanges, ServedEvent, ServedPart, ServedPiece, ServedRow } from '@sr/protocol'
import {
  type ChangeItem,
  type DocumentItem,
  type EventItem,
  PAGE_BYTES,
  type Part,
  type RowItem,
} from '@sr/protocol/messages'
import { cutPieces, type Node, type Path } from '@sr/xr'
import { encode } from '@sr/xr/dag-cbor'
import { peerBytes } from './peer-ids.ts'

/** Nodes that were encoded: what has not changed is the same object. */
const ENCODED = new WeakMap<Node & object, Uint8Array>()

/** A node in dag-cbor. Containers are encoded once. */
export function nodeBytes(node: Node): Uint8Array {
  if (typeof node !== 'object' || node === null) {
    return encode(node)
  }
  let bytes = ENCODED.get(node)
  if (bytes === undefined) {
    bytes = encode(node)
    ENCODED.set(node, bytes)
  }
  return bytes
}

export function pathBytes(path: Path): Uint8Array[] {
  return path.map((step) => nodeBytes(step))
}

/** A document as messages have it; undefined when they cannot name its writer. */
export function documentItem(piece: ServedPiece & { readonly goesOn?: boolean }): DocumentItem | undefined {
  const { writer, signed, forked, goesOn = false, seq, next, ends, node } = piece
  const id = peerBytes(writer)
  return id === undefined ? undefined : { writer: id, signed, forked, goesOn, seq, next, ends, tree: nodeBytes(node) }
}

export function rowItem({
  writer,
  signed,
  forked,
  path,
  isMember,
  goesOn,
  node,
  expires,
}: ServedRow): RowItem | undefined {
  const id = peerBytes(writer)
  return id === undefined
    ? undefined
    : { writer: id, signed, forked, isMember, goesOn, path: pathBytes(path), node: nodeBytes(node), expires }
}

/** Bytes of a document in a part, about, besides its tree. */
const DOCUMENT_BYTES = 96

/** A part as messages have it, without the writers that they cannot name. Snapshots and long lists of updates are cut into several. */
export function partItems(part: ServedPart): Part[] {
  switch (part.kind) {
    case 'snapshot':
      return snapshotParts(part.documents)
    case 'changes':
      return [{ kind: 'changes', counter: part.counter, changes: named(part.documents, changeItem) }]
    case 'updates':
      return updatesParts(part.counter, part.updates)
    default:
      return [part]
  }
}

function updatesParts(counter: number, updates: readonly Uint8Array[]): Part[] {
  const parts: Part[] = []
  let left = 0
  let some: Uint8Array[] = []
  for (const update of updates) {
    left -= update.length
    if (left < 0) {
      some = []
      parts.push({ kind: 'updates', counter, updates: some })
      left = PAGE_BYTES - update.length
    }
    some.push(update)
  }
  return parts
}

function snapshotParts(pieces: readonly ServedPiece[]): Part[] {
  const parts: Part[] = []
  let documents: DocumentItem[] = []
  let left = PAGE_BYTES
  for (const piece of pieces) {
    const cut = [...cutPieces(piece.node, PAGE_BYTES - DOCUMENT_BYTES)]
    for (const [at, node] of cut.entries()) {
      const item = documentItem({ ...piece, node, goesOn: at < cut.length - 1 })
      const bytes = (item?.tree.length ?? 0) + DOCUMENT_BYTES
      if (documents.length > 0 && bytes > left) {
        parts.push({ kind: 'snapshot', documents })
        documents = []
        left = PAGE_BYTES
      }
      left -= bytes
      documents.push(...(item === undefined ? [] : [item]))
    }
  }
  parts.push({ kind: 'snapshot', documents })
  return parts
}

function changeItem({ writer, signed, forked, seq, next, ends, events }: ServedChanges): ChangeItem | undefined {
  const id = peerBytes(writer)
  return id === undefined ? undefined : { writer: id, signed, forked, seq, next, ends, events: events.map(eventItem) }
}

function eventItem({ cause, path, isMember, value, old, expires }: ServedEvent): EventItem {
  // a member that is gone is named by itself, as it has no key
  const node = value ?? (isMember ? old : undefined)
  return {
    cause,
    isMember,
    path: pathBytes(path),
    value: node === undefined ? undefined : nodeBytes(node),
    expires: value === undefined ? undefined : expires,
  }
}

/** How many messages cannot name, since their writer is no peer id. */
export function unnamed(all: Iterable<{ readonly writer: string }>): number {
  let count = 0
  for (const { writer } of all) {
    count += peerBytes(writer) === undefined ? 1 : 0
  }
  return count
}

/** What messages can name. */
export function named<T, I>(all: readonly T[], item: (one: T) => I | undefined): I[] {
  const items: I[] = []
  for (const one of all) {
    const found = item(one)
    if (found !== undefined) {
      items.push(found)
    }
  }
  return items
}
