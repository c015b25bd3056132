import { Dict, equal, List, Predicate, print, type Node } from '@sr/xr'
import { canonical } from '@sr/xr/dag-cbor'
import { assemble, type Assembly } from '../grammar/assemble.ts'
import { disassemble } from '../grammar/disassemble.ts'
import { composeGrammars, type Grammar } from '../grammar/grammar.ts'
import type { TagRule } from '../grammar/tag-rule.ts'
import { type Case, demand } from './case.ts'

/** What the grammar kit is run with. */
export interface GrammarSetup {
  readonly grammar: Grammar
  /** predicates that parse, at least one for each tag */
  readonly wellFormed: readonly Predicate[]
  /** predicates of the grammar's tags that must not parse */
  readonly malformed: readonly Predicate[]
}

const NONE_OF_OURS = new Predicate('no such tag', [1n], Dict.from([['kept', new Uint8Array([1])]]))

/** A node of every kind, for arguments nobody expects. */
const ANYTHING: readonly Node[] = [
  true,
  '',
  'x',
  '\0',
  0n,
  -1n,
  1n << 1000n,
  0,
  1.5,
  new Uint8Array(),
  List.of(),
  List.of('x'),
  Dict.empty,
  Dict.from([[1n, 'x']]),
  new Predicate(''),
  NONE_OF_OURS,
]

/**
 * What every grammar must keep, ours and a third party's.
 *
 * @example
 * ```ts
 * import { grammarCases } from '@sr/ir/conformance'
 * import { createGrammar } from '@sr/ir'
 *
 * for (const { run } of grammarCases) {
 *   await run({ grammar: createGrammar([]), wellFormed: [], malformed: [] })
 * }
 * ```
 */
export const grammarCases: ReadonlyArray<Case<GrammarSetup>> = [
  {
    name: 'every tag has a well-formed predicate to be tried with',
    run({ grammar, wellFormed }) {
      for (const tag of grammar.rules.flatMap(({ tags }) => tags)) {
        demand(
          wellFormed.some((predicate) => predicate.tag === tag),
          `there is no well-formed ${tag}(…)`,
        )
      }
      for (const { tag } of wellFormed) {
        demand(grammar.rule(tag) !== undefined, `no rule claims ${tag}`)
      }
    },
  },
  {
    name: 'a value expresses the predicate it was parsed from',
    run({ grammar, wellFormed }) {
      for (const predicate of wellFormed) {
        const rule = ruleOf(grammar, predicate)
        const again = rule.format(rule.parse(predicate))
        demand(equal(again, predicate), `${print(predicate)} comes back as ${print(again)}`)
      }
    },
  },
  {
    name: 'parsing leaves the predicate as it is, and gives the same again',
    run({ grammar, wellFormed }) {
      for (const predicate of wellFormed) {
        const rule = ruleOf(grammar, predicate)
        const before = hex(predicate)
        const first = hex(rule.format(rule.parse(predicate)))
        demand(
          first === hex(rule.format(rule.parse(predicate))),
          `${print(predicate)} is read otherwise the second time`,
        )
        demand(before === hex(predicate), `${print(predicate)} is not what it was before it was parsed`)
      }
    },
  },
  {
    name: 'a well-formed predicate is found wherever it stands, with its path',
    run({ grammar, wellFormed }) {
      for (const predicate of wellFormed) {
        for (const [tree, path] of placesOf(predicate)) {
          const { smart } = assemble(grammar, tree)
          demand(
            smart.some((found) => samePath(found.path, path) && found.predicate === predicate),
            `${print(predicate)} is not found in ${print(tree)}`,
          )
        }
      }
    },
  },
  {
    name: 'a malformed predicate is reported with its path, and stays a predicate',
    run({ grammar, malformed }) {
      for (const predicate of malformed) {
        for (const [tree, path] of placesOf(predicate)) {
          const assembly = assemble(grammar, tree)
          const problem = assembly.problems.find((one) => samePath(one.path, path))
          demand(problem !== undefined, `${print(predicate)} is let through in ${print(tree)}`)
          demand(
            problem.tag === predicate.tag && problem.message !== '',
            `the problem with ${print(predicate)} has no words`,
          )
          demand(
            !assembly.smart.some((found) => samePath(found.path, path)),
            `${print(predicate)} is a problem and a smart node at once`,
          )
          keeps(assembly)
        }
      }
    },
  },
  {
    name: 'a predicate with arguments nobody expects parses lawfully or is refused with an Error',
    run({ grammar, wellFormed }) {
      for (const strange of wellFormed.flatMap(strangersOf)) {
        const rule = ruleOf(grammar, strange)
        const value = parsed(rule, strange)
        demand(
          value === undefined || equal(rule.format(value.value), strange),
          `${print(strange)} parses, and comes back as another`,
        )
      }
    },
  },
  {
    name: 'a tree comes back byte for byte, unknown tags too',
    run({ grammar, wellFormed, malformed }) {
      const all = [...wellFormed, ...malformed, NONE_OF_OURS]
      keeps(assemble(grammar, List.from(all)))
      keeps(assemble(grammar, Dict.from(all.map((predicate, i) => [`k${i}`, predicate]))))
      keeps(
        assemble(grammar, Dict.from(all.map((predicate) => [predicate, new Predicate('no such tag', [predicate])]))),
      )
    },
  },
  {
    name: 'no tag can be claimed a second time',
    run({ grammar }) {
      if (grammar.rules.some(({ tags }) => tags.length > 0)) {
        let code: unknown
        try {
          composeGrammars(grammar, grammar)
        } catch (err) {
          code = (err as { code?: unknown }).code
        }
        demand(code === 'IR_GRAMMAR', 'the grammar composes with itself')
      }
    },
  },
]

function ruleOf(grammar: Grammar, { tag }: Predicate): TagRule<unknown> {
  const rule = grammar.rule(tag)
  demand(rule !== undefined, `no rule claims ${tag}`)
  return rule
}

function parsed(rule: TagRule<unknown>, predicate: Predicate): { value: unknown } | undefined {
  try {
    return { value: rule.parse(predicate) }
  } catch (err) {
    demand(err instanceof Error && err.message !== '', `${print(predicate)} is refused with something that is no Error`)
    return undefined
  }
}

/** A predicate in every place a statement can have, and the path there. */
function placesOf(predicate: Predicate): Array<[Node, readonly Node[]]> {
  return [
    [predicate, []],
    [
      Dict.from([
        ['other', 1n],
        ['here', predicate],
      ]),
      ['here'],
    ],
    [Dict.from([[1n, predicate]]), [1n]],
    [List.of('first', predicate), [1n]],
    [new Predicate('no such tag', ['first', predicate]), [1n]],
    [new Predicate('no such tag', [], Dict.from([['here', predicate]])), ['here']],
    [Dict.from([['a', List.of(Dict.from([['b', predicate]]))]]), ['a', 0n, 'b']],
  ]
}

/** The same tag with other arguments. */
function strangersOf({ tag, positional, named }: Predicate): Predicate[] {
  const inPlace = positional.flatMap((_, i) =>
    ANYTHING.map((node) => new Predicate(tag, positional.with(i, node), named)),
  )
  const byName = [...named.keys()].flatMap((name) =>
    ANYTHING.map(
      (node) =>
        new Predicate(
          tag,
          positional,
          Dict.from(Array.from(named, ([key, value]) => [key, key === name ? node : value])),
        ),
    ),
  )
  return [
    new Predicate(tag),
    ...ANYTHING.map((node) => new Predicate(tag, [node])),
    ...ANYTHING.map((node) => new Predicate(tag, [...positional, node], named)),
    ...ANYTHING.filter((node) => !named.has(node)).map(
      (node) => new Predicate(tag, positional, Dict.from([...named, [node, true]])),
    ),
    ...inPlace,
    ...byName,
  ]
}

function keeps(assembly: Assembly): void {
  const again = disassemble(assembly)
  demand(hex(again) === hex(assembly.node), `${print(assembly.node)} comes back as ${print(again)}`)
}

function samePath(a: readonly Node[], b: readonly Node[]): boolean {
  return a.length === b.length && a.every((step, i) => equal(step, b[i] as Node))
}

function hex(node: Node): string {
  return canonical(node).join(',')
}
