// Documents as immutable values: an update is a state, states are joined, an overwrite removes older parts, time
// prunes. Slow and simple. It computes what the interpreter cannot: which updates are still needed, and the number of
// components.
import { isKind, key, type Dict, type List, type Node, type Predicate } from '@sr/xr'
import { compareStamps, type Update } from '../src/index.ts'

/** A statement of an update; without `expires` when it has expired or was replaced. */
interface Assertion {
  readonly by: Update
  readonly expires: number | undefined
}

export interface State {
  /** the update that replaced the path last; without `expires` it has no value */
  readonly register: Assertion | undefined
  readonly dict: Assertion | undefined
  readonly list: Assertion | undefined
  readonly entries: ReadonlyMap<string, State>
  readonly members: ReadonlyMap<string, Assertion>
}

export const EMPTY: State = {
  register: undefined,
  dict: undefined,
  list: undefined,
  entries: new Map(),
  members: new Map(),
}

/** Returns the state of a single update. */
export function stateOf(update: Update): State {
  return fromNode(update.body, { by: update, expires: update.expires })
}

function fromNode(node: Node, assertion: { by: Update; expires: number }): State {
  if (isKind(node, 'predicate')) {
    switch (node.tag) {
      case '$remove':
        return { ...EMPTY, register: { by: assertion.by, expires: undefined } }
      case '$ttl':
        return fromNode(node.positional[0] as Node, withTtl(node, assertion))
      case '$set':
        return {
          ...EMPTY,
          register: { by: assertion.by, expires: undefined },
          ...definedOnly(fromNode(node.positional[0] as Node, assertion)),
        }
    }
  }
  if (isKind(node, 'dict')) {
    return {
      ...EMPTY,
      dict: assertion,
      entries: new Map(Array.from((node as Dict).byKey(), ([id, value]) => [id, fromNode(value, assertion)])),
    }
  }
  if (isKind(node, 'list')) {
    return {
      ...EMPTY,
      list: assertion,
      members: new Map(Array.from(node as List, (member) => fromMember(member, assertion))),
    }
  }
  return { ...EMPTY, register: assertion }
}

function fromMember(member: Node, assertion: { by: Update; expires: number }): [string, Assertion] {
  if (isKind(member, 'predicate') && member.tag === '$remove') {
    return [key(member.positional[0] as Node), { by: assertion.by, expires: undefined }]
  }
  if (isKind(member, 'predicate') && member.tag === '$ttl') {
    return [key(member.positional[0] as Node), withTtl(member, assertion)]
  }
  return [key(member), assertion]
}

function withTtl(operator: Predicate, { by }: { by: Update }): { by: Update; expires: number } {
  return { by, expires: Math.floor(by.seq / 1000) + Number(operator.positional[1]) * 1000 }
}

function definedOnly(state: State): Partial<State> {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined))
}

/** The join of two states. */
export function join(a: State, b: State): State {
  return overwritten(union(a, b), undefined)
}

function union(a: State, b: State): State {
  return {
    register: later(a.register, b.register),
    dict: later(a.dict, b.dict),
    list: later(a.list, b.list),
    entries: merged(a.entries, b.entries, union),
    members: merged(a.members, b.members, (x, y) => later(x, y) as Assertion),
  }
}

function merged<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>, both: (a: T, b: T) => T): Map<string, T> {
  const all = new Map(a)
  for (const [id, value] of b) {
    const other = all.get(id)
    all.set(id, other === undefined ? value : both(other, value))
  }
  return all
}

function later<T extends Assertion>(a: T | undefined, b: T | undefined): T | undefined {
  return a === undefined || (b !== undefined && compareStamps(b.by, a.by) > 0) ? b : a
}

/** Whether `a` has the earlier stamp. */
function before(a: Assertion | undefined, b: Assertion | undefined): boolean {
  return a !== undefined && b !== undefined && compareStamps(a.by, b.by) < 0
}

/** Removes everything older than a stamp, recursively; an assertion replaced by another kind loses its expiry. */
function overwritten(state: State, stamp: Assertion | undefined): State {
  const notOlder = <T extends Assertion>(
    assertion: T | undefined,
    ...stamps: Array<Assertion | undefined>
  ): T | undefined => (stamps.some((one) => before(assertion, one)) ? undefined : assertion)
  const register = notOlder(state.register, stamp)
  const dict = notOlder(state.dict, stamp, register)
  const list = notOlder(state.list, stamp, register)
  const entriesStamp = later(stamp, later(register, list))
  const membersStamp = later(stamp, later(register, dict))
  const entries = new Map(
    Array.from(state.entries, ([id, entry]) => [id, overwritten(entry, entriesStamp)] as const).filter(
      ([, entry]) => !isEmpty(entry),
    ),
  )
  const members = new Map([...state.members].filter(([, member]) => !before(member, membersStamp)))
  return {
    register: before(register, later(dict, list)) ? withoutExpiry(register) : register,
    dict: before(dict, list) ? withoutExpiry(dict) : dict,
    list: before(list, dict) ? withoutExpiry(list) : list,
    entries,
    members,
  }
}

function withoutExpiry(assertion: Assertion | undefined): Assertion | undefined {
  return assertion === undefined ? undefined : { by: assertion.by, expires: undefined }
}

/** Prunes a state at `now`. */
export function prune(state: State, now: number): State {
  const entries = new Map(
    Array.from(state.entries, ([id, entry]) => [id, prune(entry, now)] as const).filter(([, entry]) => !isEmpty(entry)),
  )
  const members = new Map(
    Array.from(state.members, ([id, member]) => [id, pruned(member, now)] as const).filter(
      ([, member]) => member !== undefined,
    ),
  ) as Map<string, Assertion>
  return {
    register: pruned(state.register, now),
    dict: entries.size > 0 ? expired(state.dict, now) : pruned(state.dict, now),
    list: members.size > 0 ? expired(state.list, now) : pruned(state.list, now),
    entries,
    members,
  }
}

function expired(assertion: Assertion | undefined, now: number): Assertion | undefined {
  return assertion?.expires !== undefined && assertion.expires <= now ? withoutExpiry(assertion) : assertion
}

function pruned(assertion: Assertion | undefined, now: number): Assertion | undefined {
  const left = expired(assertion, now)
  return left !== undefined && left.expires === undefined && left.by.retain <= now ? undefined : left
}

function isEmpty({ register, dict, list, entries, members }: State): boolean {
  return register === undefined && dict === undefined && list === undefined && entries.size === 0 && members.size === 0
}

/** All statements in a state. */
export function* components(state: State): IterableIterator<Assertion> {
  for (const assertion of [state.register, state.dict, state.list, ...state.members.values()]) {
    if (assertion !== undefined) {
      yield assertion
    }
  }
  for (const entry of state.entries.values()) {
    yield* components(entry)
  }
}

/** The number of components of a state and their updates, in stamp order. */
export function holdings(state: State): { slots: number; live: string[] } {
  const all = [...components(state)]
  const updates = new Set(all.map(({ by }) => by))
  return { slots: all.length, live: [...updates].sort(compareStamps).map(({ hash }) => hash) }
}
