import { kindOf, type Dict, type List, type Node, type Path, type Predicate } from '@sr/xr'
import type { Grammar } from './grammar.ts'
import type { TagRule } from './tag-rule.ts'

/** A predicate that a rule of the grammar has read. */
export interface SmartNode<T = unknown> {
  /** Dict keys, indexes in Lists and predicates (as bigints), names of arguments */
  readonly path: Path
  readonly tag: string
  readonly predicate: Predicate
  /** the result of the rule's `parse` */
  readonly value: T
  readonly rule: TagRule<T>
  /** whether it is an argument of another predicate; then it is no statement or request by itself */
  readonly inner: boolean
}

/** A predicate whose rule failed to read it. It stays a plain predicate. */
export interface TagProblem {
  readonly path: Path
  readonly tag: string
  /** message of the rule's error; for local diagnosis, not to be sent to a peer */
  readonly message: string
}

/** A tree and the smart nodes in it. */
export interface Assembly {
  readonly node: Node
  /** in tree order; an outer node comes before the nodes inside it */
  readonly smart: readonly SmartNode[]
  readonly problems: readonly TagProblem[]
}

/**
 * Finds the smart nodes of a tree. Dict keys are names, not statements, and are not searched.
 * Never throws because of the tree: a predicate that cannot be read becomes a problem, and the search continues.
 *
 * @example
 * ```ts
 * import { assemble, createGrammar, type TagRule } from '@sr/ir'
 * import { from, Predicate } from '@sr/xr'
 *
 * const year: TagRule<number> = {
 *   tags: ['year'],
 *   parse ({ positional: [year] }) {
 *     if (typeof year !== 'bigint') throw new Error('expected an Int as year')
 *     return Number(year)
 *   },
 *   format: (year) => new Predicate('year', [BigInt(year)])
 * }
 * const grammar = createGrammar([year])
 * const tree = from({ born: new Predicate('year', [1912n]), died: new Predicate('year', ['?']) })
 * const { smart, problems } = assemble(grammar, tree)
 * console.log(smart[0]?.path, smart[0]?.value) // [ 'born' ] 1912
 * console.log(problems) // [ { path: [ 'died' ], tag: 'year', message: 'expected an Int as year' } ]
 * ```
 */
export function assemble(grammar: Grammar, node: Node): Assembly {
  const smart: SmartNode[] = []
  const problems: TagProblem[] = []
  const path: Node[] = []

  const visitChild = (step: Node, child: Node, inner: boolean): void => {
    if (typeof child === 'object') {
      path.push(step)
      visit(child, inner)
      path.pop()
    }
  }
  const visit = (here: Node, inner: boolean): void => {
    const kind = kindOf(here)
    switch (kind) {
      case 'dict':
        for (const [name, value] of here as Dict) {
          visitChild(name, value, inner)
        }
        break
      case 'list': {
        let position = 0n
        for (const member of here as List) {
          visitChild(position++, member, inner)
        }
        break
      }
      case 'predicate': {
        const predicate = here as Predicate
        const rule = grammar.rule(predicate.tag)
        if (rule !== undefined) {
          read(rule, predicate, inner)
        }
        predicate.positional.forEach((argument, i) => visitChild(BigInt(i), argument, true))
        for (const [name, argument] of predicate.named) {
          visitChild(name, argument, true)
        }
        break
      }
      default:
    }
  }
  const read = (rule: TagRule<unknown>, predicate: Predicate, inner: boolean): void => {
    const { tag } = predicate
    try {
      smart.push({ path: [...path], tag, predicate, value: parse(rule, predicate), rule, inner })
    } catch (cause) {
      problems.push({ path: [...path], tag, message: cause instanceof Error ? cause.message : String(cause) })
    }
  }

  visit(node, false)
  return { node, smart, problems }
}

/** Reads a predicate by its rule. A rule that returns a promise is an error. */
function parse(rule: TagRule<unknown>, predicate: Predicate): unknown {
  const value = rule.parse(predicate)
  if (value instanceof Promise) {
    value.catch(() => {}) // the result is not used, and its rejection must not end the process
    throw new Error(`parse of ${predicate.tag} is asynchronous`)
  }
  return value
}
