import { isKind, type Dict, type List, type Node } from '@sr/xr'
import { orderOf } from './order.ts'
import type { LargeDict, Shown } from './state.ts'

/** The canonical keys of what a container shows, in the order of `orderOf`. */
const sortedOf: WeakMap<Shown, readonly string[]> = new WeakMap()

/** The canonical keys that a large Dict ever had, in the order of `orderOf`. */
const sortedOfLarge: WeakMap<LargeDict, readonly string[]> = new WeakMap()

/** Canonical keys of the children of a shown container, in canonical order; of a large Dict also keys that it does not show. */
export function sortedIds(shown: Shown, node: Dict | List): readonly string[] {
  if (shown.large !== undefined) {
    return sortedKeys(shown.large)
  }
  let ids = sortedOf.get(shown)
  if (ids === undefined) {
    ids = sort(node.byKey().keys(), (id) => orderOfId(node, id))
    sortedOf.set(shown, ids)
  }
  return ids
}

/** The first index whose canonical key is not before `order`. */
export function indexFrom(ids: readonly string[], order: string, orderOfId: (id: string) => string): number {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (orderOfId(ids[middle] as string) < order) {
      low = middle + 1
    } else {
      high = middle
    }
  }
  return low
}

/** The order of a child of a container by its canonical key. */
export function orderOfId(node: Dict | List, id: string): string {
  return orderOf(isKind(node, 'dict') ? node.keyNode(id) : (node.byKey().get(id) as Node))
}

/** Keys are only ever added to a large Dict, behind the others, and are Strings: sorts the new ones and merges them. */
function sortedKeys(large: LargeDict): readonly string[] {
  const known = sortedOfLarge.get(large) ?? []
  const { positions } = large
  if (known.length === positions.size) {
    return known
  }
  const added = sort([...positions.keys()].slice(known.length), orderOf)
  const ids = known.length === 0 ? added : merge(known, added)
  sortedOfLarge.set(large, ids)
  return ids
}

function sort(ids: Iterable<string>, orderOfOne: (id: string) => string): string[] {
  return Array.from(ids, (id) => ({ id, order: orderOfOne(id) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ id }) => id)
}

/** Merges sorted keys: computes the orders of few known ones only. */
function merge(known: readonly string[], added: readonly string[]): string[] {
  const merged: string[] = []
  let from = 0
  for (const id of added) {
    const to = indexFrom(known, orderOf(id), orderOf)
    for (; from < to; from++) {
      merged.push(known[from] as string)
    }
    merged.push(id)
  }
  return [...merged, ...known.slice(from)]
}
