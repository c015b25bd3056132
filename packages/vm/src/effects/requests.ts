import { type Effect, type Grammar, REMOVE, seqTime, SET, type TagProblem, type TagRule, TTL } from '@sr/ir'
import type { ValidatedUpdate } from '@sr/ir/validate'
import { isKind, key, kindOf, type Dict, type List, type Node, type Path, type Predicate } from '@sr/xr'
import { compareBytes } from '@sr/xr/codec-kit'
import { canonical } from '@sr/xr/dag-cbor'
import { FACTS } from '../facts.ts'
import type { Explanation, TagStatus } from '../machine.ts'

/**
 * Predicates of one update that the grammar reads, to bound the time that a hostile update costs: an address of 1,024
 * characters takes about 0.1 ms.
 */
const MAX_READ = 64

/** An effect that a statement requests. */
export interface EffectRequest {
  readonly predicate: Predicate
  /** the predicate's canonical key */
  readonly id: string
  readonly effect: Effect<unknown>
  /** when the statement expires, milliseconds since 1970 */
  readonly expires: number
  /** What the grammar reads; undefined when the predicate is malformed, or is beyond what is read of one update. */
  readonly read: () => { readonly value: unknown } | undefined
}

/** What a grammar finds in an update. */
export interface UpdateRequests {
  /** each request once, in canonical order; whether they can be read is not known yet */
  readonly requests: readonly EffectRequest[]
  /** predicates that could not be read, among the first 64 in the order of the tree */
  readonly problems: readonly TagProblem[]
}

/** For updates that request nothing. */
export const NO_REQUESTS: UpdateRequests = { requests: [], problems: [] }

/** A predicate with a tag of the grammar. */
interface Claimed {
  readonly predicate: Predicate
  readonly path: Path
  readonly rule: TagRule<unknown>
  /** when the statement expires; undefined for an argument of another predicate, which requests nothing */
  readonly expires: number | undefined
}

/** What an update requests. A request made twice lasts as long as the longer statement. */
export function requestsOf(grammar: Grammar, { body, seq, expires: end }: ValidatedUpdate): UpdateRequests {
  if (grammar.rules.length === 0) {
    return NO_REQUESTS
  }
  const claimed = new ClaimedTags(grammar, seqTime(seq))
  claimed.visitBody(body, end)
  if (claimed.found.length === 0) {
    return NO_REQUESTS
  }
  const reader = new TagReader()
  const requests = new Map<string, EffectRequest>()
  for (const { predicate, rule, expires } of claimed.found) {
    const { effect } = rule
    if (effect !== undefined && expires !== undefined) {
      const id = key(predicate)
      if ((requests.get(id)?.expires ?? -Infinity) < expires) {
        requests.set(id, { predicate, id, effect, expires, read: () => reader.read(predicate, rule).result })
      }
    }
  }
  const first = claimed.found.slice(0, MAX_READ)
  const problems = first.flatMap(({ predicate, path, rule }) => {
    const { message } = reader.read(predicate, rule)
    return message === undefined ? [] : [{ path, tag: predicate.tag, message }]
  })
  return { requests: sorted([...requests.values()]), problems }
}

/** What the grammar makes of every predicate of an update, the unknown ones last: at most 64 are read, the others count as understood. */
export function tagsOf(grammar: Grammar, { body, seq, expires }: ValidatedUpdate): Explanation['tags'] {
  const unknown: UnknownTag[] = []
  const claimed = new ClaimedTags(grammar, seqTime(seq), unknown)
  claimed.visitBody(body, expires)
  const reader = new TagReader()
  const known = claimed.found.map(({ predicate, path, rule }) => {
    const status: TagStatus = reader.read(predicate, rule).message === undefined ? 'understood' : 'malformed'
    return { path, tag: predicate.tag, status }
  })
  return [...known, ...unknown.map((tag) => ({ ...tag, status: 'unknown' as const }))]
}

/** Whether a request is one that a restart resumes. */
export function isResumed({ effect }: EffectRequest): boolean {
  return !effect.external
}

/** A predicate whose tag no rule claims. */
interface UnknownTag {
  readonly path: Path
  readonly tag: string
}

/** Finds the predicates with a tag of the grammar, without reading them. */
class ClaimedTags {
  readonly found: Claimed[] = []
  readonly #grammar: Grammar
  /** seq time of the update, milliseconds */
  readonly #createdAt: number
  readonly #path: Node[] = []
  /** receives the other predicates */
  readonly #unknown: UnknownTag[] | undefined

  constructor(grammar: Grammar, createdAt: number, unknown?: UnknownTag[]) {
    this.#unknown = unknown
    this.#grammar = grammar
    this.#createdAt = createdAt
  }

  /** Visits a node that may contain operators. */
  visitBody(node: Node, expires: number): void {
    if (isKind(node, 'dict')) {
      for (const [name, value] of node) {
        // what stands under the key of facts is a claim, and requests nothing
        if (typeof value === 'object' && !(name === FACTS && this.#path.length === 0)) {
          this.#at(name, () => {
            this.visitBody(value, expires)
          })
        }
      }
    } else if (isKind(node, 'list')) {
      this.#members(node, (member) => {
        if (isKind(member, 'predicate') && (member.tag === TTL || member.tag === REMOVE)) {
          this.visitBody(member, expires)
        } else {
          this.#visit(member, expires)
        }
      })
    } else if (isKind(node, 'predicate')) {
      const [inner, seconds] = node.positional
      if (node.tag === SET) {
        this.visitBody(inner as Node, expires)
      } else if (node.tag === TTL) {
        this.visitBody(inner as Node, this.#createdAt + Number(seconds) * 1000)
      } else if (node.tag !== REMOVE) {
        this.#visit(node, expires)
      }
    }
  }

  /** Visits a node without operators. */
  #visit(node: Node, expires: number | undefined): void {
    if (typeof node !== 'object') {
      return
    }
    switch (kindOf(node)) {
      case 'dict':
        this.#entries(node as Dict, expires)
        break
      case 'list':
        this.#members(node as List, (member) => {
          this.#visit(member, expires)
        })
        break
      case 'predicate': {
        const predicate = node as Predicate
        const rule = this.#grammar.rule(predicate.tag)
        if (rule === undefined) {
          this.#unknown?.push({ path: [...this.#path], tag: predicate.tag })
        } else {
          this.found.push({ predicate, path: [...this.#path], rule, expires })
        }
        predicate.positional.forEach((argument, i) => {
          this.#at(BigInt(i), () => {
            this.#visit(argument, undefined)
          })
        })
        this.#entries(predicate.named, undefined)
      }
    }
  }

  #entries(dict: Dict, expires: number | undefined): void {
    for (const [name, value] of dict) {
      this.#at(name, () => {
        this.#visit(value, expires)
      })
    }
  }

  #members(list: List, visit: (member: Node) => void): void {
    let position = 0n
    for (const member of list) {
      this.#at(position++, () => {
        visit(member)
      })
    }
  }

  #at(step: Node, visit: () => void): void {
    this.#path.push(step)
    visit()
    this.#path.pop()
  }
}

/** The result of reading a predicate, or the message of its rule's error; neither when it was not read. */
interface Reading {
  readonly result?: { readonly value: unknown }
  readonly message?: string
}

/** Reads predicates of one update by their rules: each once, and no more than `MAX_READ`. */
class TagReader {
  readonly #readings = new Map<Predicate, Reading>()

  read(predicate: Predicate, rule: TagRule<unknown>): Reading {
    let reading = this.#readings.get(predicate)
    if (reading === undefined) {
      reading = this.#readings.size < MAX_READ ? parse(predicate, rule) : {}
      this.#readings.set(predicate, reading)
    }
    return reading
  }
}

function parse(predicate: Predicate, rule: TagRule<unknown>): Reading {
  try {
    const value = rule.parse(predicate)
    if (value instanceof Promise) {
      value.catch(() => {}) // the result is not used, and its rejection must not end the process
      return { message: `parse of ${predicate.tag} is asynchronous` }
    }
    return { result: { value } }
  } catch (cause) {
    return { message: cause instanceof Error ? cause.message : String(cause) }
  }
}

function sorted(requests: EffectRequest[]): EffectRequest[] {
  if (requests.length < 2) {
    return requests
  }
  const keyed = requests.map((request) => ({ request, bytes: canonical(request.predicate) }))
  return keyed.sort((a, b) => compareBytes(a.bytes, b.bytes)).map(({ request }) => request)
}
