import type { ServedEvent } from '@sr/protocol'
import { Dict, isKind, key, List, type Node } from '@sr/xr'

/** What events change at one path, and below it. */
interface Patch {
  /** the events of this path itself, in order */
  readonly here: ServedEvent[]
  /** by id of the key */
  readonly below: Map<string, { readonly name: Node; readonly patch: Patch }>
}

/**
 * The node after events, undefined when nothing shows any more. Each container on the way is copied once, however many of the events
 * are in it.
 */
export function applyEvents(node: Node | undefined, events: readonly ServedEvent[]): Node | undefined {
  const root: Patch = { here: [], below: new Map() }
  for (const event of events) {
    let patch = root
    for (const name of event.path) {
      const id = key(name)
      let entry = patch.below.get(id)
      if (entry === undefined) {
        entry = { name, patch: { here: [], below: new Map() } }
        patch.below.set(id, entry)
      }
      patch = entry.patch
    }
    patch.here.push(event)
  }
  return apply(node, root)
}

/** Recursion is bounded by the depth of paths, that of a document. */
function apply(node: Node | undefined, { here, below }: Patch): Node | undefined {
  let now = node
  const members = here.filter(({ isMember }) => isMember)
  for (const { value } of here.filter(({ isMember }) => !isMember)) {
    now = value
  }
  if (members.length > 0) {
    now = applyMembers(now, members)
  }
  return below.size === 0 ? now : applyBelow(now, below)
}

function applyMembers(node: Node | undefined, events: readonly ServedEvent[]): Node {
  const members = new Map<string, Node>()
  for (const member of node !== undefined && isKind(node, 'list') ? node : []) {
    members.set(key(member), member)
  }
  for (const { value, old } of events) {
    if (value !== undefined) {
      members.set(key(value), value)
    } else if (old !== undefined) {
      members.delete(key(old))
    }
  }
  return List.from([...members.values()])
}

function applyBelow(node: Node | undefined, below: Patch['below']): Node {
  const entries = new Map<string, readonly [Node, Node]>()
  if (node !== undefined && isKind(node, 'dict')) {
    for (const [id, value] of node.byKey()) {
      entries.set(id, [node.keyNode(id), value])
    }
  }
  for (const [id, { name, patch }] of below) {
    const value = apply(entries.get(id)?.[1], patch)
    if (value === undefined) {
      entries.delete(id)
    } else {
      entries.set(id, [name, value])
    }
  }
  return Dict.from([...entries.values()])
}
