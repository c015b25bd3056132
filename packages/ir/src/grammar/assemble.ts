import { kindOf, type Dict, type List, type Node, type Path, type Predicate } from '@sr/xr'
import type { Grammar } from './grammar.ts'
import type { TagRule } from './tag-rule.ts'

/** A predicate that a grammar understands. */
export interface SmartNode<T = unknown> {
  /** Dict keys, positions in Lists and predicates (as bigints), names of arguments */
  readonly path: Path
  readonly tag: string
  readonly predicate: Predicate
  /** what the rule made of it */
  readonly value: T
  readonly rule: TagRule<T>
  /** it is an argument of another predicate, and so a part of that: it states and asks nothing by itself */
  readonly inner: boolean
}

/** A predicate that a grammar claims and cannot read. It stays a predicate. */
export interface TagProblem {
  readonly path: Path
  readonly tag: string
  /** what the rule said; for people, and not for strangers */
  readonly message: string
}

/** A tree, and where in it the smart nodes are. */
export interface Assembly {
  readonly node: Node
  /** in the order of the tree, an outer one before those inside it */
  readonly smart: readonly SmartNode[]
  readonly problems: readonly TagProblem[]
}

/**
 * Finds the smart nodes of a tree. Dict keys are names, not statements, and are not looked into.
 * Never throws for what is in the tree: what cannot be read is a problem, and the rest goes on.
 *
 * @example
 * ```ts
 * import { assemble, createGrammar, type TagRule } from '@sr/ir'
 * import { from, Predicate } from '@sr/xr'
 *
 * const year: TagRule<number> = {
 *   tags: ['year'],
 *   parse ({ positional: [year] }) {
 *     if (typeof year !== 'bigint') throw new Error('a year is an Int')
 *     return Number(year)
 *   },
 *   format: (year) => new Predicate('year', [BigInt(year)])
 * }
 * const grammar = createGrammar([year])
 * const tree = from({ born: new Predicate('year', [1912n]), died: new Predicate('year', ['?']) })
 * const { smart, problems } = assemble(grammar, tree)
 * console.log(smart[0]?.path, smart[0]?.value) // [ 'born' ] 1912
 * console.log(problems) // [ { path: [ 'died' ], tag: 'year', message: 'a year is an Int' } ]
 * ```
 */
export function assemble(grammar: Grammar, node: Node): Assembly {
  const smart: SmartNode[] = []
  const problems: TagProblem[] = []
  const path: Node[] = []

  const below = (step: Node, child: Node, inner: boolean): void => {
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
          below(name, value, inner)
        }
        break
      case 'list': {
        let position = 0n
        for (const member of here as List) {
          below(position++, member, inner)
        }
        break
      }
      case 'predicate': {
        const predicate = here as Predicate
        const rule = grammar.rule(predicate.tag)
        if (rule !== undefined) {
          read(rule, predicate, inner)
        }
        predicate.positional.forEach((argument, i) => below(BigInt(i), argument, true))
        for (const [name, argument] of predicate.named) {
          below(name, argument, true)
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

/** What a rule reads in a predicate. A rule that promises to read it later has not read it. */
function parse(rule: TagRule<unknown>, predicate: Predicate): unknown {
  const value = rule.parse(predicate)
  if (value instanceof Promise) {
    value.catch(() => {}) // it is of no use any more, and must not end the process
    throw new Error(`parse of ${predicate.tag} is asynchronous`)
  }
  return value
}
