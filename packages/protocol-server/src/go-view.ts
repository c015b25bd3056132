import { Dict, isKind, List, type Node, Predicate } from '@sr/xr'
import { FACTS, factOn, type DocumentView } from '@sr/vm'

/** What a Go server answers in the place of a request it knows: the tags of its verdicts. */
const VERDICTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['dialable', new Set(['dialed', 'notDialable'])],
  // notDialable where the address names no peer
  ['connectivity', new Set(['connected', 'notConnected', 'notDialable'])],
])

/** What only a server may say. A Go server drops the tags of all predicates it does not know, and so of these. */
const CLAIMS: ReadonlySet<string> = new Set([...VERDICTS.values()].flatMap((tags) => [...tags]))

/** Text of a multiaddr in the form that Go prints. */
export type NormalAddress = (text: string) => string

/**
 * A record as the peers of the Go protocol expect it. The server's facts are no document of theirs:
 * they are left out, and a verdict on a writer's request stands where the request stood, as
 * `dialed(address="…")`. A verdict that a writer has put there itself loses its tag.
 *
 * One writer at a time, in the order of peer ids: a document is looked at when it is asked for.
 */
export function* goView(
  record: ReadonlyMap<string, DocumentView>,
  self: string,
  address: NormalAddress,
): Generator<readonly [string, Dict], void, undefined> {
  const show = new Shown(record.get(self)?.document, address)
  for (const peer of [...record.keys()].sort()) {
    const document = record.get(peer)?.document as Dict
    const shown = peer === self ? withoutFacts(document) : document
    if (shown !== undefined) {
      yield [peer, show.dict(shown, true)]
    }
  }
}

/** The server's own document without its facts; none when it is nothing else. */
function withoutFacts(document: Dict): Dict | undefined {
  if (!document.has(FACTS)) {
    return document
  }
  return document.size === 1 ? undefined : Dict.from([...document].filter(([name]) => name !== FACTS))
}

/** Rewrites nodes; what needs no change stays the same object. */
class Shown {
  readonly #own: Dict | undefined
  readonly #address: NormalAddress

  constructor(own: Dict | undefined, address: NormalAddress) {
    this.#own = own
    this.#address = address
  }

  /** @param here whether verdicts are shown: everywhere but inside a predicate, as in Go */
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
    const tags = VERDICTS.get(request.tag)
    const verdict = tags === undefined || this.#own === undefined ? undefined : factOn(this.#own, request)
    if (tags === undefined || verdict === undefined || !isKind(verdict, 'predicate') || !tags.has(verdict.tag)) {
      return undefined
    }
    const said = request.named.get('address')
    const text = said !== undefined && isKind(said, 'predicate') ? said.positional[0] : undefined
    return typeof text === 'string'
      ? new Predicate(verdict.tag, [], Dict.from([['address', this.#address(text)]]))
      : undefined
  }

  #predicate(node: Predicate): Predicate {
    const positional = node.positional.map((argument) => this.node(argument, false))
    const named = this.dict(node.named, false)
    const tag = CLAIMS.has(node.tag) ? '' : node.tag
    const same =
      tag === node.tag && named === node.named && positional.every((argument, i) => argument === node.positional[i])
    return same ? node : new Predicate(tag, positional, named)
  }
}

/** A Dict of entries some of whose keys may have become equal: then the first stays. */
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
