import { compareBytes } from '../bytes/compare.ts'
import { isSorted, markSorted } from '../model/dict.ts'
import type { Dict, Node } from '../model/node.ts'
import { compareUtf8, utf8Length } from '../bytes/utf8.ts'

/** Entries with String keys, in the order in which a codec writes them. */
export type Entries = Iterable<readonly [string, Node]>

/**
 * dag-cbor's order of map keys: shorter UTF-8 first, then bytewise
 * (https://ipld.io/specs/codecs/dag-cbor/spec/#strictness). It equals the bytewise order of the
 * encoded keys, which also orders keys that are not Strings.
 */
export function byLength(dict: Dict): Entries {
  if (isSorted(dict)) {
    return textEntries(dict)
  }
  const entries: Array<[string, Node, number]> = []
  let sorted = true
  let before: [string, Node, number] | undefined
  for (const [name, value] of textEntries(dict)) {
    const entry: [string, Node, number] = [name, value, utf8Length(name)]
    sorted &&= before === undefined || compareByLength(before, entry) < 0
    before = entry
    entries.push(entry)
  }
  if (sorted) {
    markSorted(dict)
    return textEntries(dict)
  }
  return entries.sort(compareByLength) as unknown as Entries
}

/** dag-json's order of map keys: bytewise (https://ipld.io/specs/codecs/dag-json/spec/#strictness). */
export function bytewise(dict: Dict): Entries {
  const entries = [...textEntries(dict)]
  return entries.sort((a, b) => compareUtf8(a[0], b[0]))
}

/** A Dict's entries with the canonical bytes of their keys, in the order of these. */
export function byCanonical(
  dict: Dict,
  canonicalKey: (node: Node) => Uint8Array,
): Array<readonly [Node, Node, Uint8Array]> {
  return Array.from(dict, ([name, value]) => ({ name, value, bytes: canonicalKey(name) }))
    .sort((a, b) => compareBytes(a.bytes, b.bytes))
    .map(({ name, value, bytes }) => [name, value, bytes] as const)
}

function textEntries(dict: Dict): Entries {
  return (dict.plainKeys ? dict.byKey() : dict) as Entries
}

function compareByLength(a: readonly [string, Node, number], b: readonly [string, Node, number]): number {
  if (a[2] !== b[2]) {
    return a[2] - b[2]
  }
  if (a[2] === a[0].length && b[2] === b[0].length) {
    // both are ASCII: the order by UTF-16 units is bytewise
    return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
  }
  return compareUtf8(a[0], b[0])
}
