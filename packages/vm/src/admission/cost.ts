// What things take in memory, with the store in memory and the shown tree cached: `npm run bench -- charges` compares both.

/** Charged for every update besides its bytes: index entry, stamp, bookkeeping. It keeps many small updates from being cheap. */
export const UPDATE_BYTES = 512

/** Charged for every document besides its updates: a record, a document, the shown tree. */
export const DOCUMENT_BYTES = 1400

/** Charged for every byte of an update: the store has it, and the document. */
const BYTES_FACTOR = 2

/** Charged for every node: a slot, its key, its place in the shown tree. */
const NODE_BYTES = 120

/** Charged for every node that is an object, besides: maps of its children in the document and in the shown tree. */
const OBJECT_BYTES = 430

/** Bytes of an update for each slot that it is merged into, about: what its decoding and merging takes is counted in slots. */
export const BYTES_PER_SLOT = 8

/** What an update of so many verbatim bytes and nodes, objects among them, is charged until its `retain`. */
export function costOf(bytes: number, nodes: number, objects: number): number {
  return BYTES_FACTOR * bytes + UPDATE_BYTES + NODE_BYTES * nodes + OBJECT_BYTES * objects
}
