import { runAtOnce, type SlicedWork } from '@sr/protocol'
import { Dict, isKind, key, List, type Node, Predicate } from '@sr/xr'

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
  const entries = [...record.keys()].sort().map((peer) => [peer, runAtOnce(rewriter(peer))] as const)
  return new Map(entries.filter((entry): entry is [string, Dict] => entry[1] !== undefined))
}

/** One writer's document as the peers of the Go protocol expect it, in slices; undefined for one that is not shown. */
export type LegacyRewrite = (peer: string) => SlicedWork<Dict | undefined>

/** As {@link toLegacyView}, one writer's document at a time. */
export function legacyRewriter(
  record: ReadonlyMap<string, { readonly document: Dict }>,
  init: LegacyViewInit,
): LegacyRewrite {
  const rewriter = new LegacyRewriter(record.get(init.self)?.document, init)
  return function* rewrite(peer) {
    const document = record.get(peer)?.document
    const shown = document === undefined || peer !== init.self ? document : withoutFacts(document)
    return shown === undefined ? undefined : yield* rewriter.document(shown)
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

/** Nodes visited between two yields: about a tenth of a millisecond. */
const NODES_PER_STEP = 512

/** Rewrites nodes; a node that needs no change stays the same object. */
class LegacyRewriter {
  readonly #own: Dict | undefined
  readonly #verdicts: VerdictTags
  readonly #serverOnly: ReadonlySet<string>
  readonly #normalizeAddress: (text: string) => string
  #visited = 0

  constructor(own: Dict | undefined, { verdicts, normalizeAddress = (text) => text }: LegacyViewInit) {
    this.#own = own
    this.#verdicts = verdicts
    this.#serverOnly = new Set([...verdicts.values()].flatMap((tags) => [...tags]))
    this.#normalizeAddress = normalizeAddress
  }

  *document(document: Dict): SlicedWork<Dict> {
    return (yield* this.#mayChange(document)) ? yield* this.#dict(document, true) : document
  }

  /** Whether a tag that is rewritten occurs in a node. Most documents have none, and this allocates nothing per node. */
  *#mayChange(node: Node): SlicedWork<boolean> {
    const stack: Node[] = [node]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (++this.#visited % NODES_PER_STEP === 0) {
        yield
      }
      if (isKind(next, 'dict')) {
        pushEntries(next, stack)
      } else if (isKind(next, 'list')) {
        pushContainers(next, stack)
      } else if (isKind(next, 'predicate')) {
        if (this.#verdicts.has(next.tag) || this.#serverOnly.has(next.tag)) {
          return true
        }
        pushContainers(next.positional, stack)
        pushEntries(next.named, stack)
      }
    }
    return false
  }

  /** @param here whether verdicts are shown: everywhere except inside a predicate, as in Go */
  *#node(node: Node, here: boolean): SlicedWork<Node> {
    if (++this.#visited % NODES_PER_STEP === 0) {
      yield
    }
    if (isKind(node, 'dict')) {
      return yield* this.#dict(node, here)
    }
    if (isKind(node, 'list')) {
      return yield* this.#list(node, here)
    }
    return isKind(node, 'predicate')
      ? ((here ? this.#verdict(node) : undefined) ?? (yield* this.#predicate(node)))
      : node
  }

  *#dict(dict: Dict, here: boolean): SlicedWork<Dict> {
    const entries: Array<readonly [Node, Node]> = []
    let changed = false
    for (const [name, value] of dict) {
      const newName = isContainer(name) ? yield* this.#node(name, here) : name
      const newValue = isContainer(value) ? yield* this.#node(value, here) : value
      changed ||= newName !== name || newValue !== value
      entries.push([newName, newValue])
    }
    return changed ? unique(entries) : dict
  }

  *#list(list: List, here: boolean): SlicedWork<List> {
    const members: Node[] = []
    let changed = false
    for (const member of list) {
      const newMember = isContainer(member) ? yield* this.#node(member, here) : member
      changed ||= newMember !== member
      members.push(newMember)
    }
    return changed ? List.from(members) : list
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

  *#predicate(node: Predicate): SlicedWork<Predicate> {
    const positional: Node[] = []
    for (const argument of node.positional) {
      positional.push(yield* this.#node(argument, false))
    }
    const named = yield* this.#dict(node.named, false)
    const tag = this.#serverOnly.has(node.tag) ? '' : node.tag
    const same =
      tag === node.tag && named === node.named && positional.every((argument, i) => argument === node.positional[i])
    return same ? node : new Predicate(tag, positional, named)
  }
}

function isContainer(node: Node): node is Dict | List | Predicate {
  return typeof node === 'object' && !isKind(node, 'bytes')
}

function pushContainers(nodes: Iterable<Node>, stack: Node[]): void {
  for (const node of nodes) {
    if (isContainer(node)) {
      stack.push(node)
    }
  }
}

function pushEntries(dict: Dict, stack: Node[]): void {
  for (const [name, value] of dict) {
    if (isContainer(name)) {
      stack.push(name)
    }
    if (isContainer(value)) {
      stack.push(value)
    }
  }
}

/** A Dict of entries whose keys may have become equal; the first of equal keys stays. */
function unique(entries: ReadonlyArray<readonly [Node, Node]>): Dict {
  const names = List.from(entries.map(([name]) => name))
  if (names.size === entries.length) {
    return Dict.from(entries)
  }
  const left = new Set(names.byKey().keys())
  return Dict.from(entries.filter(([name]) => left.delete(key(name))))
}
