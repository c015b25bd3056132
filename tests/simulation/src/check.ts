import { Dict, equal, isKind, key, List, print, type Node } from '@sr/xr'
import { encode } from '@sr/xr/dag-cbor'
import type { Change } from '@sr/ir'
import { interpret, showAt, type Tree } from '../../../packages/ir/test/oracle.ts'
import type { Packet } from './writer.ts'

/** A failed check and its position. */
export class Mismatch extends Error {
  /** name of the failed check */
  readonly check: string

  constructor(check: string, message: string) {
    super(message)
    this.name = 'Mismatch'
    this.check = check
  }
}

/** Throws when a condition of a check does not hold. */
export function assert(holds: boolean, check: string, message: () => string): void {
  if (!holds) throw new Mismatch(check, message())
}

/** The tree of the oracle for these updates, applied in stamp order. */
export function oracleOf(packets: Iterable<Packet>, writer: string): Tree | undefined {
  return interpret(
    Array.from(packets)
      .filter((packet) => packet.writer === writer)
      .map(({ update }) => update),
  )
}

/** Checks that a document shows byte for byte what the oracle shows. */
export function assertShown(
  check: string,
  who: string,
  shown: Node | undefined,
  tree: Tree | undefined,
  now: number,
): void {
  const expected = showAt(tree, now)
  assert(
    sameBytes(shown, expected),
    check,
    () => `${who} at ${now} shows\n  ${text(shown)}\nand not\n  ${text(expected)}`,
  )
}

export function sameBytes(a: Node | undefined, b: Node | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.from(encode(a)).equals(encode(b))
}

export function text(node: Node | undefined): string {
  return node === undefined ? 'nothing' : print(node)
}

/** Checks that the changes turn the earlier tree into the later one. */
export function assertChanges(
  who: string,
  before: Node | undefined,
  changes: readonly Change[],
  after: Node | undefined,
): void {
  const copy = changes.reduce((tree, change) => patch(tree, change, 0), before)
  const same = copy === undefined || after === undefined ? copy === after : equal(copy, after)
  assert(
    same,
    'changes',
    () => `${who}: by the changes it received a watcher has\n  ${text(copy)}\nand not\n  ${text(after)}`,
  )
}

function patch(tree: Node | undefined, change: Change, depth: number): Node | undefined {
  const step = change.path[depth]
  if (step !== undefined) {
    if (!isKind(tree, 'dict')) return tree
    const inner = patch(tree.get(step), change, depth + 1)
    const others = [...tree].filter(([name]) => key(name) !== key(step))
    return Dict.from(inner === undefined ? others : [...others, [step, inner]])
  }
  const { member, value } = change
  if (member === undefined) return value
  if (!isKind(tree, 'list')) return tree
  const others = [...tree].filter((one) => key(one) !== key(member))
  return List.from(value === undefined ? others : [...others, value])
}

/** The instants from `now` on at which a statement of an update may expire: about `most` of them, and the last. */
export function instantsFrom(packets: Iterable<Packet>, now: number, most: number): number[] {
  const ends = new Set<number>()
  for (const { update } of packets) {
    collect(update.body, update.seq, ends)
    ends.add(update.expires)
  }
  const later = [...ends].filter((end) => end > now).sort((a, b) => a - b)
  const stride = Math.max(1, Math.ceil(later.length / most))
  return [now, ...later.filter((_, i) => i % stride === 0 || i === later.length - 1).flatMap((end) => [end - 1, end])]
}

function collect(node: Node, seq: number, ends: Set<number>): void {
  if (isKind(node, 'predicate') && node.tag.startsWith('$')) {
    const [inner, seconds] = node.positional
    if (typeof seconds === 'bigint') ends.add(Math.floor(seq / 1000) + Number(seconds) * 1000)
    if (inner !== undefined) collect(inner, seq, ends)
  } else if (isKind(node, 'dict') || isKind(node, 'list')) {
    for (const child of node.byKey().values()) collect(child, seq, ends)
  }
}
