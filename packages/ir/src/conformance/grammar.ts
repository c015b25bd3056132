import { Dict, equal, List, Predicate, print, type Node } from '@sr/xr'
import { canonical } from '@sr/xr/dag-cbor'
import { assemble, type Assembly } from '../grammar/assemble.ts'
import { disassemble } from '../grammar/disassemble.ts'
import { composeGrammars, type Grammar } from '../grammar/grammar.ts'
import type { TagRule } from '../grammar/tag-rule.ts'
import { type Case, assert } from './case.ts'

/** Input of the grammar cases. */
export interface GrammarSetup {
  readonly grammar: Grammar
  /** predicates that parse, at least one for each tag */
  readonly wellFormed: readonly Predicate[]
  /** predicates of the grammar's tags that must not parse */
  readonly malformed: readonly Predicate[]
}

const UNKNOWN = new Predicate('no such tag', [1n], Dict.from([['kept', new Uint8Array([1])]]))

/** Nodes of every kind, for unexpected arguments. */
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
  UNKNOWN,
]

/**
 * The contract of every grammar.
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
    name: 'the setup has a well-formed predicate for every tag',
    run({ grammar, wellFormed }) {
      for (const tag of grammar.rules.flatMap(({ tags }) => tags)) {
        assert(
          wellFormed.some((predicate) => predicate.tag === tag),
          `expected a well-formed ${tag}(…), found none`,
        )
      }
      for (const { tag } of wellFormed) {
        assert(grammar.rule(tag) !== undefined, `no rule claims ${tag}`)
      }
    },
  },
  {
    name: 'format returns the predicate that was parsed',
    run({ grammar, wellFormed }) {
      for (const predicate of wellFormed) {
        const rule = ruleOf(grammar, predicate)
        const again = rule.format(rule.parse(predicate))
        assert(equal(again, predicate), `${print(predicate)} is formatted as ${print(again)}`)
      }
    },
  },
  {
    name: 'parsing is repeatable and does not change the predicate',
    run({ grammar, wellFormed }) {
      for (const predicate of wellFormed) {
        const rule = ruleOf(grammar, predicate)
        const before = hex(predicate)
        const first = hex(rule.format(rule.parse(predicate)))
        assert(
          first === hex(rule.format(rule.parse(predicate))),
          `${print(predicate)} parses to another value the second time`,
        )
        assert(before === hex(predicate), `${print(predicate)} was changed by parsing`)
      }
    },
  },
  {
    name: 'a well-formed predicate is found at every position, with its path',
    run({ grammar, wellFormed }) {
      for (const predicate of wellFormed) {
        for (const [tree, path] of placesOf(predicate)) {
          const { smart } = assemble(grammar, tree)
          assert(
            smart.some((found) => samePath(found.path, path) && found.predicate === predicate),
            `${print(predicate)} is not found in ${print(tree)}`,
          )
        }
      }
    },
  },
  {
    name: 'a malformed predicate is reported with its path and stays a predicate',
    run({ grammar, malformed }) {
      for (const predicate of malformed) {
        for (const [tree, path] of placesOf(predicate)) {
          const assembly = assemble(grammar, tree)
          const problem = assembly.problems.find((one) => samePath(one.path, path))
          assert(problem !== undefined, `${print(predicate)} is malformed, but has no problem in ${print(tree)}`)
          assert(
            problem.tag === predicate.tag && problem.message !== '',
            `the problem of ${print(predicate)} has another tag or an empty message`,
          )
          assert(
            !assembly.smart.some((found) => samePath(found.path, path)),
            `${print(predicate)} is both a problem and a smart node`,
          )
          assertUnchanged(assembly)
        }
      }
    },
  },
  {
    name: 'a predicate with unexpected arguments parses and formats back, or parse throws an Error',
    run({ grammar, wellFormed }) {
      for (const variant of wellFormed.flatMap(variantsOf)) {
        const rule = ruleOf(grammar, variant)
        const value = tryParse(rule, variant)
        assert(
          value === undefined || equal(rule.format(value.value), variant),
          `${print(variant)} parses, but format returns another predicate`,
        )
      }
    },
  },
  {
    name: 'disassemble returns the same bytes, also for unknown tags',
    run({ grammar, wellFormed, malformed }) {
      const all = [...wellFormed, ...malformed, UNKNOWN]
      assertUnchanged(assemble(grammar, List.from(all)))
      assertUnchanged(assemble(grammar, Dict.from(all.map((predicate, i) => [`k${i}`, predicate]))))
      assertUnchanged(
        assemble(grammar, Dict.from(all.map((predicate) => [predicate, new Predicate('no such tag', [predicate])]))),
      )
    },
  },
  {
    name: 'a tag cannot be claimed twice',
    run({ grammar }) {
      if (grammar.rules.some(({ tags }) => tags.length > 0)) {
        let code: unknown
        try {
          composeGrammars(grammar, grammar)
        } catch (err) {
          code = (err as { code?: unknown }).code
        }
        assert(code === 'IR_GRAMMAR', 'expected IR_GRAMMAR when the grammar is composed with itself')
      }
    },
  },
]

function ruleOf(grammar: Grammar, { tag }: Predicate): TagRule<unknown> {
  const rule = grammar.rule(tag)
  assert(rule !== undefined, `no rule claims ${tag}`)
  return rule
}

function tryParse(rule: TagRule<unknown>, predicate: Predicate): { value: unknown } | undefined {
  try {
    return { value: rule.parse(predicate) }
  } catch (err) {
    assert(
      err instanceof Error && err.message !== '',
      `${print(predicate)} is refused with a value that is not an Error or has no message`,
    )
    return undefined
  }
}

/** Returns trees with the predicate at every position a statement can have, each with its path. */
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

/** Returns predicates of the same tag with other arguments. */
function variantsOf({ tag, positional, named }: Predicate): Predicate[] {
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

function assertUnchanged(assembly: Assembly): void {
  const again = disassemble(assembly)
  assert(hex(again) === hex(assembly.node), `${print(assembly.node)} is disassembled as ${print(again)}`)
}

function samePath(a: readonly Node[], b: readonly Node[]): boolean {
  return a.length === b.length && a.every((step, i) => equal(step, b[i] as Node))
}

function hex(node: Node): string {
  return canonical(node).join(',')
}
