import { type CborValue, encode } from '@sr/xr/cbor'
import { encode as encodeNode } from '@sr/xr/dag-cbor'
import { from, type Plain } from '@sr/xr'
import type { DocumentItem, Part, UpdateResult } from '../../messages/index.ts'
import { encodePart, partMessage, peerIdBytes } from '../../messages/index.ts'

/** A writer of the scripts. */
export const WRITER = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'

export const EPOCH: Uint8Array = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

/** What an update of the scripts came to. */
export const STORED: UpdateResult = {
  stored: true,
  changed: true,
  forked: false,
  seq: 7,
  counter: 7,
  expires: 1_800_000_000_000,
  charge: 700,
}

/** A document of the scripts' writer. */
export function documentItem(document: Plain): DocumentItem {
  return {
    writer: peerIdBytes(WRITER),
    signed: false,
    forked: false,
    goesOn: false,
    seq: 7,
    next: 1_800_000_000_000,
    ends: 1_800_000_000_000,
    tree: encodeNode(from(document)),
  }
}

/** Any message, also one that no encoder of this package writes. */
export function message(...items: readonly CborValue[]): Uint8Array {
  return encode(items)
}

/** The message of a part. */
export function part(id: number, value: Part): Uint8Array {
  return partMessage(id, encodePart(value))
}

/** A snapshot, and the marker after it. */
export function beginning(id: number, counter: number, document: Plain): Uint8Array[] {
  return [
    part(id, { kind: 'snapshot', documents: [documentItem(document)] }),
    part(id, { kind: 'marker', revision: { epoch: EPOCH, counter } }),
  ]
}

/** A change of one value. */
export function change(id: number, counter: number, name: string, value: Plain): Uint8Array {
  const { tree: _, goesOn: __, ...shown } = documentItem({})
  const event = {
    cause: 'set',
    isMember: false,
    path: [encodeNode(name)],
    value: encodeNode(from(value)),
    expires: 1_800_000_000_000,
  } as const
  return part(id, { kind: 'changes', counter, changes: [{ ...shown, events: [event] }] })
}
