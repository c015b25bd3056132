import { Dict, List, Predicate, key, type Node } from '@sr/xr'
import type { Random } from '@sr/tests-kit/random'

/** Few, so that writers collide; of every kind, 1 beside 1.0, and one List in two spellings. */
const KEYS: readonly Node[] = [
  'a',
  'b',
  'c',
  'a',
  'b',
  '',
  '\0',
  1n,
  1,
  true,
  new Uint8Array([1]),
  List.of('x', 'y'),
  List.of('y', 'x'),
  new Predicate('p', ['x']),
]

const LEAVES: readonly Node[] = ['x', 'y', 'z', 1n, 1, true, new Uint8Array([7]), new Predicate('unknown', ['x'])]

const MEMBERS: readonly Node[] = [
  'x',
  'y',
  'z',
  1n,
  1,
  List.of('x', 'y'),
  List.of('y', 'x'),
  Dict.from([['a', 'x']]),
  new Predicate('p', ['x']),
]

const MAX_DEPTH = 4

/** Something a writer may say; `life` gives the seconds of a `$ttl`. */
export function randomBody(random: Random, life: () => number): Node {
  const kind = random.weighted({ dict: 40, set: 4, remove: 1 })
  if (kind === 'remove') return op('$remove')
  const dict = randomDict(random, life, 1)
  return kind === 'set' ? op('$set', dict) : dict
}

function randomDict(random: Random, life: () => number, depth: number): Dict {
  const entries = new Map<string, [Node, Node]>()
  for (let n = random.integer(0, 3); n > 0; n--) {
    const name = random.pick(KEYS)
    entries.set(key(name), [name, randomValue(random, life, depth)])
  }
  return Dict.from(entries.values())
}

function randomValue(random: Random, life: () => number, depth: number): Node {
  switch (random.weighted({ plain: 10, remove: 2, set: 2, short: 1, ttl: 3 })) {
    case 'plain':
      return randomPlain(random, life, depth)
    case 'remove':
      return op('$remove')
    case 'set':
      return op('$set', randomPlain(random, life, depth))
    case 'short':
      return op('$set', op('$ttl', randomPlain(random, life, depth), BigInt(life())))
    case 'ttl':
      return op('$ttl', randomPlain(random, life, depth), BigInt(life()))
  }
}

function randomPlain(random: Random, life: () => number, depth: number): Node {
  switch (random.weighted({ leaf: 4, list: 3, dict: depth < MAX_DEPTH ? 4 : 0 })) {
    case 'leaf':
      return random.pick(LEAVES)
    case 'dict':
      return randomDict(random, life, depth + 1)
    case 'list':
      return randomList(random, life)
  }
}

function randomList(random: Random, life: () => number): List {
  const members = new Map<string, Node>()
  for (let n = random.integer(0, 4); n > 0; n--) {
    const member = random.pick(MEMBERS)
    const kind = random.weighted({ plain: 6, remove: 2, ttl: 2 })
    members.set(
      key(member),
      kind === 'plain' ? member : kind === 'remove' ? op('$remove', member) : op('$ttl', member, BigInt(life())),
    )
  }
  return List.from(members.values())
}

function op(tag: string, ...args: Node[]): Predicate {
  return new Predicate(tag, args)
}
