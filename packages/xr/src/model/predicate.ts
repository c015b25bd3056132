import { defineKind } from './inspect.ts'
import { check, depthOf, depthOver } from './check.ts'
import { describe } from './describe.ts'
import { Dict } from './dict.ts'
import { kindOrNone } from './kind.ts'
import { XrError } from './errors.ts'
import type { Json, Node, Predicate as PredicateNode } from './node.ts'
import { print } from '../text/print.ts'
import { toJson } from './to-json.ts'

/**
 * A named statement with arguments, `tag(positional…, name=value…)`. A grammar defines what a tag
 * means; here it is a name. The order of positional arguments matters. Immutable.
 *
 * @example
 * ```ts
 * import { Dict, Predicate, print } from '@sr/xr'
 *
 * const reachable = new Predicate('dialable', [], Dict.from([['address', 'local']]))
 * console.log(print(reachable)) // dialable(address="local")
 * ```
 */
export class Predicate implements PredicateNode {
  static {
    defineKind(Predicate.prototype, 'predicate')
  }

  readonly tag: string
  readonly positional: readonly Node[]
  readonly named: Dict
  /** containers on the longest path down, this one included */
  readonly depth: number

  /**
   * @throws XrError `XR_KIND`, `XR_VALUE`, `XR_INT` for an argument that is not a node, `XR_DEPTH`
   */
  constructor(tag: string, positional: Iterable<Node> = [], named: Dict = Dict.empty) {
    if (typeof tag !== 'string') {
      throw new XrError('XR_KIND', `a predicate's tag must be a string, got ${describe(tag)}`)
    }
    if (kindOrNone(named) !== 'dict') {
      throw new XrError('XR_KIND', `a predicate's named arguments must be a Dict, got ${describe(named)}`)
    }
    this.tag = check(tag) as string
    this.positional = Object.freeze(Array.from(positional, check))
    this.named = named
    // the Dict of named arguments is part of the predicate and does not count as a level
    let inner = named.depth - 1
    for (const argument of this.positional) {
      inner = Math.max(inner, depthOf(argument))
    }
    this.depth = depthOver(inner)
  }

  /** The text syntax, on one line. */
  toString(): string {
    return print(this)
  }

  /** For `JSON.stringify`: readable, and not meant to be read back. */
  toJSON(): Json {
    return toJson(this)
  }
}

/** A Predicate of arguments that were checked already. */
export function predicateOf(tag: string, positional: Node[], named: Dict, depth: number): Predicate {
  const node = Object.create(Predicate.prototype) as { -readonly [P in keyof Predicate]: Predicate[P] }
  node.tag = tag
  node.positional = Object.freeze(positional)
  node.named = named
  node.depth = depth
  return node
}
