// Random histories of one writer, biased to collide: few paths, few values, few instants, equal seqs,
// lists of the same members, paths that change their kind.
import { Dict, isKind, key as nameOf, List, Predicate, type Node } from '@sr/xr'
import fc from 'fast-check'
import { compareStamps, type Update } from '../src/index.ts'

const SECOND = 1000

/** Keys of every kind; 1 and 1.0 are two keys, and two spellings of a List are one. */
export const KEYS: readonly Node[] = [
  'a',
  'b',
  '',
  '\0',
  1n,
  1,
  true,
  new Uint8Array([1]),
  Dict.from([['k', 1n]]),
  List.of('x', 'y'),
  List.of('y', 'x'),
  new Predicate('p', [List.of('x', 'y')]),
  new Predicate('p', [List.of('y', 'x')]),
]

const LEAVES: readonly Node[] = [
  'x',
  'y',
  1n,
  1,
  false,
  new Uint8Array([7]),
  new Predicate('unknown', ['x'], Dict.from([['at', 1n]])),
]

const MEMBERS: readonly Node[] = [
  ...LEAVES.slice(0, 4),
  List.of('x', 'y'),
  List.of('y', 'x'),
  Dict.from([['a', 'x']]),
  new Predicate('p', ['x']),
]

const operator = (tag: string, ...args: Node[]): Predicate => new Predicate(tag, args)

const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b') },
  { weight: 1, arbitrary: fc.constantFrom(...KEYS) },
)
const leaf = fc.constantFrom(...LEAVES)
const life = fc.integer({ min: 1, max: 12 }).map(BigInt)

/** A List value; each member is named once. */
const list: fc.Arbitrary<Node> = fc
  .uniqueArray(fc.nat(MEMBERS.length - 1), { maxLength: 4, selector: (i) => nameOf(MEMBERS[i] as Node) })
  .chain((picked) =>
    fc
      .tuple(
        ...picked.map((i) => {
          const member = MEMBERS[i] as Node
          return fc.oneof(
            { weight: 3, arbitrary: fc.constant(member) },
            { weight: 1, arbitrary: fc.constant(operator('$remove', member)) },
            { weight: 1, arbitrary: life.map((seconds) => operator('$ttl', member, seconds)) },
          )
        }),
      )
      .map((members) => List.from(members)),
  )

const { dict } = fc.letrec<{ value: Node; plain: Node; dict: Node }>((tie) => ({
  dict: fc
    .uniqueArray(fc.tuple(key, tie('value')), {
      maxLength: 3,
      selector: ([name]) => nameOf(name),
      depthIdentifier: 'body',
    })
    .map((entries) => Dict.from(entries)),
  plain: fc.oneof(
    { depthIdentifier: 'body', maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: leaf },
    { weight: 3, arbitrary: list },
    { weight: 4, arbitrary: tie('dict') },
  ),
  value: fc.oneof(
    { depthIdentifier: 'body', maxDepth: 3, withCrossShrink: true },
    { weight: 8, arbitrary: tie('plain') },
    { weight: 2, arbitrary: fc.constant(operator('$remove')) },
    { weight: 2, arbitrary: tie('plain').map((value) => operator('$set', value)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('plain'), life)
        .map(([value, seconds]) => operator('$set', operator('$ttl', value, seconds))),
    },
    { weight: 3, arbitrary: fc.tuple(tie('plain'), life).map(([value, seconds]) => operator('$ttl', value, seconds)) },
  ),
}))

const body: fc.Arbitrary<Node> = fc.oneof(
  { weight: 10, arbitrary: dict },
  { weight: 1, arbitrary: dict.map((value) => operator('$set', value)) },
  { weight: 1, arbitrary: fc.constant(operator('$remove')) },
)

const drafts = fc
  .array(
    fc.record({
      second: fc.integer({ min: 0, max: 9 }),
      micros: fc.constantFrom(0, 0, 0, 1, 999),
      salt: fc.integer({ min: 0, max: 15 }),
      life: fc.integer({ min: 0, max: 12 }),
      beyond: fc.constantFrom(0, 0, 0, 1, 5, 20),
      body,
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((drafts) =>
    drafts.map(({ second, micros, salt, life, beyond, body }, i): Update => {
      const seq = second * 1_000_000 + micros
      const expires = (second + life) * SECOND
      // the digits in front decide between equal seqs, those behind tell the updates apart
      return {
        seq,
        hash: `${salt.toString(16)}${i.toString(16)}`.padEnd(64, '0'),
        expires,
        retain: beyond * SECOND,
        body,
      }
    }),
  )

/**
 * What one writer says under one key, in no order. `retain` keeps the promise: it is never before an
 * expiry of this update or of one with an earlier stamp.
 */
export const history: fc.Arbitrary<Update[]> = drafts.map(keepPromise)

/** The same of a writer that may break the promise: `retain` is not before the update's own expiries, and no more. */
export const brokenHistory: fc.Arbitrary<Update[]> = drafts.map((updates) =>
  updates.map((update) => ({ ...update, retain: latestExpiry(update) + update.retain })),
)

/** Of one or the other. */
export const anyHistory: fc.Arbitrary<Update[]> = fc.oneof(history, brokenHistory)

/** A history whose `retain` never falls from one stamp to the next, as both ways to keep the promise have it. */
export const risingHistory: fc.Arbitrary<Update[]> = history.map((updates) => {
  const retains = new Map<Update, number>()
  let last = 0
  for (const update of updates.toSorted(compareStamps)) {
    last = Math.max(last, update.retain)
    retains.set(update, last)
  }
  return updates.map((update) => ({ ...update, retain: retains.get(update) as number }))
})

/** Raises each `retain`, which holds the time kept beyond, to what the promise asks. */
function keepPromise(updates: Update[]): Update[] {
  const retains = new Map<Update, number>()
  let horizon = 0
  for (const update of updates.toSorted(compareStamps)) {
    horizon = Math.max(horizon, latestExpiry(update))
    retains.set(update, horizon + update.retain)
  }
  return updates.map((update) => ({ ...update, retain: retains.get(update) as number }))
}

/** The latest expiry in an update. */
export function latestExpiry(update: Update): number {
  let latest = update.expires
  const visit = (node: Node): void => {
    if (isKind(node, 'predicate')) {
      if (node.tag === '$ttl') {
        latest = Math.max(latest, Math.floor(update.seq / 1000) + Number(node.positional[1]) * SECOND)
      }
      if (node.tag === '$ttl' || node.tag === '$set') {
        visit(node.positional[0] as Node)
      }
    } else if (isKind(node, 'dict') || isKind(node, 'list')) {
      for (const child of node.byKey().values()) {
        visit(child)
      }
    }
  }
  visit(update.body)
  return latest
}

/** Every instant at which something may change, and those beside it. */
export function instants(updates: readonly Update[]): number[] {
  const end = Math.max(...updates.map(latestExpiry))
  const all = new Set<number>()
  for (let t = 0; t <= end; t += SECOND) {
    all.add(t)
  }
  for (const { expires, retain } of updates) {
    all.add(Math.max(0, expires - 1)).add(retain)
  }
  return [...all].sort((a, b) => a - b)
}
