import { Dict, isKind, List, type Node, Predicate } from '@sr/xr'

/** Request tag → the tags of the verdicts that a server states on it. */
export type VerdictTags = ReadonlyMap<string, ReadonlySet<string>>

/** What {@link toLegacyView} needs. */
export interface LegacyViewInit {
  /** peer id of the server */
  readonly self: string
  /**
   * The verdicts that are shown in place of requests. Their tags are reserved to the server: in a writer's document they
   * lose their tag, so that no old client takes a claim for a verdict. A Go server drops all tags that it does not know.
   */
  readonly verdicts: VerdictTags
  /** the text of a multiaddr in the form that Go prints; default: unchanged */
  readonly normalizeAddress?: (text: string) => string
}

/** The key of the server's own document under which its facts are. */
const FACTS = 'facts'

/**
 * A record as the peers of the Go protocol expect it. They know no facts: the server's facts are left out, and a verdict
 * on a writer's request stands in place of the request, as `dialed(address="…")`.
 */
export function toLegacyView(
  record: ReadonlyMap<string, { readonly document: Dict }>,
  init: LegacyViewInit,
): Map<string, Dict> {
  const rewriter = legacyRewriter(record, init)
  const entries = [...record.keys()].sort().map((peer) => [peer, rewriter(peer)] as const)
  return new Map(entries.filter((entry): entry is [string, Dict] => entry[1] !== undefined))
}

/** As {@link toLegacyView}, one writer's document at a time; undefined for a document that is not shown. */
export function legacyRewriter(
  record: ReadonlyMap<string, { readonly document: Dict }>,
  init: LegacyViewInit,
): (peer: string) => Dict | undefined {
  const rewriter = new LegacyRewriter(record.get(init.self)?.document, init)
  return (peer) => {
    const document = record.get(peer)?.document
    const shown = document === undefined || peer !== init.self ? document : withoutFacts(document)
    return shown === undefined ? undefined : rewriter.dict(shown, true)
  }
}

/** The server's own document without its facts; undefined when it has nothing else. */
function withoutFacts(document: Dict): Dict | undefined {
  if (!document.has(FACTS)) {
    return document
  }
  return document.size === 1 ? undefined : Dict.from([...document].filter(([name]) => name !== FACTS))
}

/** The verdict on a request in the server's own document, or undefined. */
function factOn(own: Dict, request: Node): Node | undefined {
  const facts = own.get(FACTS)
  return facts !== undefined && isKind(facts, 'dict') ? facts.get(request) : undefined
}

/** Rewrites nodes; a node that needs no change stays the same object. */
class LegacyRewriter {
  readonly #own: Dict | undefined
  readonly #verdicts: VerdictTags
  readonly #serverOnly: ReadonlySet<string>
  readonly #normalizeAddress: (text: string) => string

  constructor(own: Dict | undefined, { verdicts, normalizeAddress = (text) => text }: LegacyViewInit) {
    this.#own = own
    this.#verdicts = verdicts
    this.#serverOnly = new Set([...verdicts.values()].flatMap((tags) => [...tags]))
    this.#normalizeAddress = normalizeAddress
  }

  /** @param here whether verdicts are shown: everywhere except inside a predicate, as in Go */
  node(node: Node, here: boolean): Node {
    if (typeof node !== 'object' || node instanceof Uint8Array) {
      return node
    }
    if (isKind(node, 'dict')) {
      return this.dict(node, here)
    }
    if (isKind(node, 'list')) {
      return this.list(node, here)
    }
    return (here ? this.#verdict(node) : undefined) ?? this.#predicate(node)
  }

  dict(dict: Dict, here: boolean): Dict {
    const entries = Array.from(dict, ([name, value]) => [this.node(name, here), this.node(value, here)] as const)
    let changed = false
    let i = 0
    for (const [name, value] of dict) {
      const entry = entries[i++]
      changed ||= entry?.[0] !== name || entry[1] !== value
    }
    return changed ? unique(entries) : dict
  }

  list(list: List, here: boolean): List {
    const members = Array.from(list, (member) => this.node(member, here))
    return members.some((member, i) => member !== list.at(i)) ? List.from(members) : list
  }

  #verdict(request: Predicate): Predicate | undefined {
    const tags = this.#verdicts.get(request.tag)
    const verdict = tags === undefined || this.#own === undefined ? undefined : factOn(this.#own, request)
    if (tags === undefined || verdict === undefined || !isKind(verdict, 'predicate') || !tags.has(verdict.tag)) {
      return undefined
    }
    const address = request.named.get('address')
    const text = address !== undefined && isKind(address, 'predicate') ? address.positional[0] : undefined
    return typeof text === 'string'
      ? new Predicate(verdict.tag, [], Dict.from([['address', this.#normalizeAddress(text)]]))
      : undefined
  }

  #predicate(node: Predicate): Predicate {
    const positional = node.positional.map((argument) => this.node(argument, false))
    const named = this.dict(node.named, false)
    const tag = this.#serverOnly.has(node.tag) ? '' : node.tag
    const same =
      tag === node.tag && named === node.named && positional.every((argument, i) => argument === node.positional[i])
    return same ? node : new Predicate(tag, positional, named)
  }
}

/** A Dict of entries whose keys may have become equal; the first of equal keys stays. */
function unique(entries: ReadonlyArray<readonly [Node, Node]>): Dict {
  const names = List.from(entries.map(([name]) => name))
  if (names.size === entries.length) {
    return Dict.from(entries)
  }
  const left = new Set(names.keys())
  return Dict.from(
    entries.filter(([name]) => {
      const [id] = List.of(name).keys()
      return left.delete(id as string)
    }),
  )
}
