import { Dict } from '../model/dict.ts'
import { equal } from '../model/equal.ts'
import { isKind } from '../model/kind.ts'
import { List } from '../model/list.ts'
import type { Node } from '../model/node.ts'
import type { Path } from '../model/path.ts'
import { print } from './print.ts'

/** One difference between two nodes. */
export interface Difference {
  /** the Dict keys on the way to it */
  readonly path: Path
  /** whether a member of the List at `path` differs, not the node at `path` itself */
  readonly member: boolean
  /** what the first node has there, if anything */
  readonly before: Node | undefined
  /** what the second node has there, if anything */
  readonly after: Node | undefined
}

/**
 * The differences between two nodes: Dicts by entry, Lists as sets, other kinds as a whole. Empty exactly
 * when they are equal.
 *
 * @throws XrError `XR_KIND` when an argument is not a node
 * @example
 * ```ts
 * import { from } from '@sr/xr'
 * import { diff, printDiff } from '@sr/xr/text'
 *
 * console.log(printDiff(diff(from({ nick: 'bob', peers: ['x'] }), from({ nick: 'ann', peers: ['x', 'y'] }))))
 * // - {nick="bob"}
 * // + {nick="ann"}
 * // + {peers=["y"]}
 * ```
 */
export function diff(before: Node, after: Node): Difference[] {
  const found: Difference[] = []
  compare([], before, after, found)
  return found
}

/**
 * Prints differences in the text syntax, one per line, `-` for removed and `+` for added. Each line has
 * the Dicts around the difference, so that it is a document by itself.
 */
export function printDiff(differences: readonly Difference[]): string {
  return differences
    .flatMap(({ path, member, before, after }) => {
      const line = (sign: string, node: Node | undefined): string[] =>
        node === undefined ? [] : [`${sign} ${print(wrap(path, member ? List.of(node) : node))}`]
      return [...line('-', before), ...line('+', after)]
    })
    .join('\n')
}

function wrap(path: Path, node: Node): Node {
  return path.reduceRight((inner, key) => Dict.from([[key, inner]]), node)
}

function compare(path: Path, before: Node, after: Node, found: Difference[]): void {
  if (isKind(before, 'dict') && isKind(after, 'dict')) {
    compareDicts(path, before, after, found)
  } else if (isKind(before, 'list') && isKind(after, 'list')) {
    compareLists(path, before, after, found)
  } else if (!equal(before, after)) {
    found.push({ path, member: false, before, after })
  }
}

function compareDicts(path: Path, before: Dict, after: Dict, found: Difference[]): void {
  for (const [key, value] of before) {
    const other = after.get(key)
    if (other === undefined) {
      found.push({ path: [...path, key], member: false, before: value, after: undefined })
    } else {
      compare([...path, key], value, other, found)
    }
  }
  for (const [key, value] of after) {
    if (!before.has(key)) {
      found.push({ path: [...path, key], member: false, before: undefined, after: value })
    }
  }
}

function compareLists(path: Path, before: List, after: List, found: Difference[]): void {
  for (const member of before) {
    if (!after.has(member)) {
      found.push({ path, member: true, before: member, after: undefined })
    }
  }
  for (const member of after) {
    if (!before.has(member)) {
      found.push({ path, member: true, before: undefined, after: member })
    }
  }
}
