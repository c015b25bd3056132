import { type Change, changes, type View } from '@sr/ir'
import { isKind, key, type Node, ownSize, type Path, size } from '@sr/xr'
import type { WatchEvent } from './parts.ts'

/** The changes from one view of a document to a later one, with the old values. */
export function eventsBetween(before: View | undefined, after: View): WatchEvent[] {
  return changes(before, after).map(({ kind, path, member, value, expires }: Change) => {
    const isMember = member !== undefined
    const old = isMember ? (kind === 'set' ? undefined : member) : nodeAt(before?.tree, path)
    return Object.freeze({
      cause: kind,
      path,
      isMember,
      value: isMember && value !== undefined ? member : value,
      old,
      expires,
    })
  })
}

/** The events as a watcher of one path sees them: paths begin there, and a change above it is a change of what stands there. */
export function eventsAt(events: readonly WatchEvent[], at: Path): readonly WatchEvent[] {
  return at.length === 0 ? events : events.flatMap((event) => eventAt(event, at) ?? [])
}

/** The events of a change by their paths, so that each watcher visits those at, above and below its path only. */
export class EventIndex {
  readonly #events: readonly WatchEvent[]
  readonly #root: Branch = { here: [], below: new Map() }

  constructor(events: readonly WatchEvent[]) {
    this.#events = events
    for (const [number, { path }] of events.entries()) {
      let branch = this.#root
      for (const step of path) {
        const id = key(step)
        let next = branch.below.get(id)
        if (next === undefined) {
          next = { here: [], below: new Map() }
          branch.below.set(id, next)
        }
        branch = next
      }
      branch.here.push(number)
    }
  }

  /** As `eventsAt` of all events. */
  at(at: Path): readonly WatchEvent[] {
    const found: number[] = []
    let branch: Branch | undefined = this.#root
    for (const step of at) {
      branch.here.forEach((number) => found.push(number))
      branch = branch.below.get(key(step))
      if (branch === undefined) {
        break
      }
    }
    for (const open = branch === undefined ? [] : [branch]; open.length > 0;) {
      const { here, below } = open.pop() as Branch
      // not spread: a List may have 50,000 members, and each is an argument then
      here.forEach((number) => found.push(number))
      below.forEach((branch) => open.push(branch))
    }
    found.sort((a, b) => a - b)
    return eventsAt(
      found.map((number) => this.#events[number] as WatchEvent),
      at,
    )
  }
}

/** The numbers of the events at one path, and the paths below it by canonical key. */
interface Branch {
  readonly here: number[]
  readonly below: Map<string, Branch>
}

function eventAt(event: WatchEvent, at: Path): WatchEvent | undefined {
  const { path, isMember } = event
  const shared = Math.min(path.length, at.length)
  for (let i = 0; i < shared; i++) {
    if (key(path[i] as Node) !== key(at[i] as Node)) {
      return undefined
    }
  }
  if (path.length >= at.length) {
    return Object.freeze({ ...event, path: path.slice(at.length) })
  }
  if (isMember) {
    return undefined // nothing inside a member has a path
  }
  const rest = at.slice(path.length)
  const [value, old] = [nodeAt(event.value, rest), nodeAt(event.old, rest)]
  if (value === undefined && old === undefined) {
    return undefined
  }
  const cause = value === undefined && event.cause === 'set' ? 'removed' : event.cause
  return Object.freeze({ ...event, cause, path: [], value, old })
}

function nodeAt(node: Node | undefined, path: Path): Node | undefined {
  let found = node
  for (const step of path) {
    found = found !== undefined && isKind(found, 'dict') ? found.get(step) : undefined
  }
  return found
}

/** About how many bytes events take on the wire. */
export function bytesOf(events: readonly WatchEvent[]): number {
  let sum = 0
  for (const { path, value } of events) {
    sum += 16 + (value === undefined ? 1 : size(value))
    for (const step of path) {
      sum += ownSize(step)
    }
  }
  return sum
}
