// A plain oracle: lists all parts of a document with its expiries and filters them. It shares no code with the queries.
import { createDocument, type Document, validateUpdate, type View } from '@sr/ir'
import { Dict, isKind, key, List, Predicate, type Node } from '@sr/xr'
import { canonical } from '@sr/xr/dag-cbor'
import { ANY, DEEP, type Selector } from '@sr/xr/selector'
import fc from 'fast-check'

/** A part of a document. */
export interface Listed {
  readonly path: readonly Node[]
  readonly member: Node | undefined
  readonly node: Node
  readonly leaf: boolean
}

/** All parts, each before what it holds, in canonical order. */
export function listed(node: Node | undefined, path: readonly Node[] = []): Listed[] {
  if (node === undefined) return []
  const own = { path, member: undefined, node }
  if (isKind(node, 'dict') && node.size > 0) {
    const entries = [...node].sort(([a], [b]) => Buffer.compare(canonical(a), canonical(b)))
    return [{ ...own, leaf: false }, ...entries.flatMap(([name, value]) => listed(value, [...path, name]))]
  }
  if (isKind(node, 'list') && node.size > 0) {
    const members = [...node].sort((a, b) => Buffer.compare(canonical(a), canonical(b)))
    return [{ ...own, leaf: false }, ...members.map((member) => ({ path, member, node: member, leaf: true }))]
  }
  return [{ ...own, leaf: true }]
}

export function matches(selector: Selector, { path, member, leaf }: Listed): boolean {
  const steps: Array<Node | undefined> = member === undefined ? [...path] : [...path, undefined]
  return (leaf || selector.at(-1) !== DEEP) && matchesSteps(selector, steps)
}

function matchesSteps(selector: Selector, steps: ReadonlyArray<Node | undefined>): boolean {
  const [first, ...rest] = selector
  if (first === undefined) return steps.length === 0
  if (first === DEEP) {
    return matchesSteps(rest, steps) || (steps.length > 0 && matchesSteps(selector, steps.slice(1)))
  }
  if (steps.length === 0) return false
  const step = steps[0]
  return (
    (first === ANY || (step !== undefined && key(first as Node) === key(step))) && matchesSteps(rest, steps.slice(1))
  )
}

/** Names a part, with its value if asked. */
export function nameOf({ path, member }: Pick<Listed, 'path' | 'member'>, node?: Node): string {
  return JSON.stringify([
    path.map(key),
    member === undefined ? null : key(member),
    node === undefined ? null : key(node),
  ])
}

const NAMES: readonly Node[] = [
  'a',
  'b',
  'c',
  'long name',
  '',
  'é',
  1n,
  1,
  true,
  new Uint8Array([1]),
  '/',
  '\0',
  List.of('x', 'y'),
]
const VALUES: readonly Node[] = ['x', 7n, 'v'.repeat(40), new Predicate('p', ['x']), new Predicate('q')]
const MEMBERS: readonly Node[] = [...VALUES, Dict.from([['a', 'x']]), List.of('x'), 'm', 'n', 'é', 1n]
const op = (tag: string, ...args: Node[]): Node => new Predicate(tag, args)

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Node>('a', 'b', 'c') },
  { weight: 1, arbitrary: fc.constantFrom(...NAMES) },
)
const life = fc.integer({ min: 1, max: 20 }).map(BigInt)

const { dict } = fc.letrec<{ value: Node; dict: Node }>((tie) => ({
  dict: fc
    .uniqueArray(fc.tuple(name, tie('value')), { maxLength: 4, selector: ([id]) => key(id) })
    .map((entries) => Dict.from(entries)),
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...VALUES),
    fc.uniqueArray(fc.constantFrom(...MEMBERS), { maxLength: 5, selector: key }).map((members) => List.from(members)),
    fc.constant(op('$remove')),
    fc.tuple(fc.constantFrom(...VALUES), life).map(([value, s]) => op('$ttl', value, s)),
    { weight: 4, arbitrary: tie('dict') },
    tie('dict').map((value) => op('$set', value)),
  ),
}))

/** Bodies of the updates of one writer, in the order of their stamps. */
export const bodies: fc.Arbitrary<Node[]> = fc.array(
  fc.oneof({ weight: 9, arbitrary: dict }, { weight: 1, arbitrary: wide() }),
  {
    minLength: 1,
    maxLength: 8,
  },
)

/** A Dict of more entries than a view visits whole. */
function wide(): fc.Arbitrary<Node> {
  return fc
    .tuple(fc.integer({ min: 257, max: 300 }), fc.nat(399))
    .map(([n, first]) =>
      Dict.from([['a', Dict.from(Array.from({ length: n }, (_, i) => [`k${(i + first) % 400}`, BigInt(i)]))]]),
    )
}

export const selectors: fc.Arbitrary<Selector> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: name },
    { weight: 2, arbitrary: fc.constant(ANY) },
    { weight: 2, arbitrary: fc.constant(DEEP) },
  ),
  { maxLength: 5 },
) as fc.Arbitrary<Selector>

/** A document that applies an update a second, and shows at that second. */
export class Writer {
  readonly #document: Document = createDocument()
  #second = 0

  say(body: Node): void {
    const second = ++this.#second
    const hash = second.toString(16).padStart(64, '0')
    this.#document.apply(validateUpdate({ seq: second * 1_000_000, hash, expires: 1e6, retain: 1e6, body }))
  }

  view(): View {
    return this.#document.view(this.#second * 1000)
  }
}

/** Parts that all views show with the same value. */
export function lasting(views: readonly View[]): Listed[] {
  const [first, ...rest] = views
  const others = rest.map((view) => new Set(listed(view.tree).map((part) => nameOf(part, part.node))))
  return listed(first?.tree).filter((part) => others.every((names) => names.has(nameOf(part, part.node))))
}
