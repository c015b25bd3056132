import { assemble, type Effect, type Grammar, type Problem, REMOVE, seqTime, SET, TTL } from '@sr/ir'
import { type Dict, isKind, key, type Node, type Path, type Predicate } from '@sr/xr'
import { canonical } from '@sr/xr/dag-cbor'
import type { ValidatedUpdate } from '@sr/ir/validate'

/** What a statement asks of the machine that holds it. */
export interface Ask {
  readonly request: Predicate
  /** the request's canonical key */
  readonly id: string
  readonly value: unknown
  readonly effect: Effect<unknown>
  /** when the statement ends, milliseconds */
  readonly expires: number
}

/** A part of a body without operators of its own, and how long it lives. */
interface Piece {
  readonly node: Node
  readonly path: Path
  readonly expires: number
}

/** What an update asks for, each request once, in canonical order; and what could not be read. */
export function asksOf(
  grammar: Grammar,
  { body, seq, expires }: ValidatedUpdate,
): { asks: Ask[]; problems: Problem[] } {
  const asks = new Map<string, Ask>()
  const problems: Problem[] = []
  if (grammar.rules.length === 0) {
    return { asks: [], problems }
  }
  for (const piece of pieces(body, [], expires, seqTime(seq))) {
    const found = assemble(grammar, piece.node)
    problems.push(...found.problems.map((problem) => ({ ...problem, path: [...piece.path, ...problem.path] })))
    for (const {
      predicate: request,
      value,
      rule: { effect },
      inner,
    } of found.smart) {
      const id = key(request)
      const before = asks.get(id)
      // said twice, it lives as long as the longer-lived of the two
      if (effect !== undefined && !inner && (before === undefined || before.expires < piece.expires)) {
        asks.set(id, { request, id, value, effect, expires: piece.expires })
      }
    }
  }
  return { asks: inOrder([...asks.values()]), problems }
}

/** The canonical keys of all requests that a document shows. */
export function requestsIn(grammar: Grammar, document: Dict): Set<string> {
  const { smart } = assemble(grammar, document)
  return new Set(smart.filter(({ inner }) => !inner).map(({ predicate }) => key(predicate)))
}

function* pieces(node: Node, path: Path, expires: number, said: number): Iterable<Piece> {
  if (isKind(node, 'dict')) {
    for (const [name, value] of node) {
      if (typeof value === 'object') {
        yield* pieces(value, [...path, name], expires, said)
      }
    }
  } else if (isKind(node, 'list')) {
    let position = 0n
    for (const member of node) {
      if (isKind(member, 'predicate') && (member.tag === TTL || member.tag === REMOVE)) {
        yield* pieces(member, [...path, position], expires, said)
      } else if (typeof member === 'object') {
        yield { node: member, path: [...path, position], expires }
      }
      position++
    }
  } else if (isKind(node, 'predicate')) {
    const [inner, seconds] = node.positional
    switch (node.tag) {
      case SET:
        yield* pieces(inner as Node, path, expires, said)
        break
      case TTL:
        yield* pieces(inner as Node, path, said + Number(seconds) * 1000, said)
        break
      case REMOVE:
        break
      default:
        yield { node, path, expires }
    }
  }
}

function inOrder(asks: Ask[]): Ask[] {
  const named = asks.map((ask) => ({ ask, name: canonical(ask.request) }))
  return named.sort((a, b) => compareBytes(a.name, b.name)).map(({ ask }) => ask)
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] !== b[i]) {
      return (a[i] as number) - (b[i] as number)
    }
  }
  return a.length - b.length
}
