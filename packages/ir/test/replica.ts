import { expect } from '@jest/globals'
import type { Node } from '@sr/xr'
import { encode } from '@sr/xr/dag-cbor'
import { createDocument, type Document, type Update, validateUpdate } from '../src/index.ts'

/** A document of these updates, applied in this order. */
export function documentOf(updates: Iterable<Update>): Document {
  const document = createDocument()
  for (const update of updates) {
    document.apply(validateUpdate(update))
  }
  return document
}

/** The updates a document still needs. */
export function liveOf(document: Document, updates: readonly Update[]): Update[] {
  const live = new Set(document.live())
  return updates.filter(({ hash }) => live.has(hash))
}

/** Canonical bytes of a tree, in hex. */
export function bytesOf(node: Node | undefined): string {
  return node === undefined ? 'nothing' : Buffer.from(encode(node)).toString('hex')
}

/** The observable state of a document from an instant on. */
export function stateOf(
  document: Document,
  times: readonly number[],
  from = 0,
): { live: string[]; slots: number; shows: string[] } {
  return {
    live: [...document.live()],
    slots: document.slots,
    shows: times.filter((t) => t >= from).map((t) => bytesOf(document.show(t))),
  }
}

/** An expectation for helpers of laws. */
export function must(actual: unknown, expected: unknown): void {
  expect(actual).toEqual(expected)
}
