import {
  assemble,
  type Effect,
  type Grammar,
  type TagProblem,
  REMOVE,
  seqTime,
  SET,
  TTL,
  type ValidatedUpdate,
} from '@sr/ir'
import { type Dict, isKind, key, type Node, type Path, type Predicate } from '@sr/xr'
import { canonical } from '@sr/xr/dag-cbor'

/** An effect that a statement requests. */
export interface EffectRequest {
  readonly predicate: Predicate
  /** the predicate's canonical key */
  readonly id: string
  /** what the grammar read */
  readonly value: unknown
  readonly effect: Effect<unknown>
  /** when the statement expires, milliseconds since 1970 */
  readonly expires: number
}

/** What a grammar finds in an update. */
export interface UpdateRequests {
  /** each request once, in canonical order */
  readonly requests: readonly EffectRequest[]
  /** predicates that could not be read */
  readonly problems: readonly TagProblem[]
}

/** For updates that request nothing. */
export const NO_REQUESTS: UpdateRequests = { requests: [], problems: [] }

/** A part of a body without operators of its own, and when it expires. */
interface Part {
  readonly node: Node
  readonly path: Path
  readonly expires: number
}

/** What an update requests. A request made twice lasts as long as the longer statement. */
export function requestsOf(grammar: Grammar, { body, seq, expires: end }: ValidatedUpdate): UpdateRequests {
  const requests = new Map<string, EffectRequest>()
  const problems: TagProblem[] = []
  for (const { node, path, expires } of grammar.rules.length === 0 ? [] : partsOf(body, [], end, seqTime(seq))) {
    const found = assemble(grammar, node)
    problems.push(...found.problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] })))
    for (const { predicate, value, rule, inner } of found.smart) {
      const id = key(predicate)
      if (rule.effect !== undefined && !inner && (requests.get(id)?.expires ?? -Infinity) < expires) {
        requests.set(id, { predicate, id, value, effect: rule.effect, expires })
      }
    }
  }
  return requests.size + problems.length === 0 ? NO_REQUESTS : { requests: sorted([...requests.values()]), problems }
}

/** The canonical keys of all requests in a document. */
export function requestsIn(grammar: Grammar, document: Dict): Set<string> {
  const { smart } = assemble(grammar, document)
  return new Set(smart.filter(({ inner }) => !inner).map(({ predicate }) => key(predicate)))
}

function* partsOf(node: Node, path: Path, expires: number, createdAt: number): Iterable<Part> {
  if (isKind(node, 'dict')) {
    for (const [name, value] of node) {
      if (typeof value === 'object') {
        yield* partsOf(value, [...path, name], expires, createdAt)
      }
    }
  } else if (isKind(node, 'list')) {
    let position = 0n
    for (const member of node) {
      if (isKind(member, 'predicate') && (member.tag === TTL || member.tag === REMOVE)) {
        yield* partsOf(member, [...path, position], expires, createdAt)
      } else if (typeof member === 'object') {
        yield { node: member, path: [...path, position], expires }
      }
      position++
    }
  } else if (isKind(node, 'predicate')) {
    const [inner, seconds] = node.positional
    if (node.tag === SET) {
      yield* partsOf(inner as Node, path, expires, createdAt)
    } else if (node.tag === TTL) {
      yield* partsOf(inner as Node, path, createdAt + Number(seconds) * 1000, createdAt)
    } else if (node.tag !== REMOVE) {
      yield { node, path, expires }
    }
  }
}

function sorted(requests: EffectRequest[]): EffectRequest[] {
  // one UTF-16 unit per byte: `<` on strings compares as bytes do
  const text = (node: Node): string => Array.from(canonical(node), (byte) => String.fromCharCode(byte)).join('')
  const keyed = requests.map((request) => ({ request, bytes: text(request.predicate) }))
  return keyed.sort((a, b) => (a.bytes < b.bytes ? -1 : 1)).map(({ request }) => request)
}
