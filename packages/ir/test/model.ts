// Documents as immutable values: an update is a state, states are joined, an overwrite removes older parts, time
// prunes. Slow and simple. It computes what the interpreter cannot: which updates are still needed, and the number of
// components.
import { isKind, key, type Dict, type List, type Node, type Predicate } from '@sr/xr'
import { compareStamps, type Update } from '../src/index.ts'

/** A statement of an update; without `expires` when it has expired or was replaced. */
interface Said {
  readonly by: Update
  readonly expires: number | undefined
}

export interface State {
  /** the update that replaced the path last; without `expires` it has no value */
  readonly register: Said | undefined
  readonly dict: Said | undefined
  readonly list: Said | undefined
  readonly kids: ReadonlyMap<string, State>
  readonly members: ReadonlyMap<string, Said>
}

export const NOTHING: State = {
  register: undefined,
  dict: undefined,
  list: undefined,
  kids: new Map(),
  members: new Map(),
}

/** Returns the state of a single update. */
export function stateOf(update: Update): State {
  return said(update.body, { by: update, expires: update.expires })
}

function said(node: Node, life: { by: Update; expires: number }): State {
  if (isKind(node, 'predicate')) {
    switch (node.tag) {
      case '$remove':
        return { ...NOTHING, register: { by: life.by, expires: undefined } }
      case '$ttl':
        return said(node.positional[0] as Node, lasting(node, life))
      case '$set':
        return {
          ...NOTHING,
          register: { by: life.by, expires: undefined },
          ...defined(said(node.positional[0] as Node, life)),
        }
    }
  }
  if (isKind(node, 'dict')) {
    return {
      ...NOTHING,
      dict: life,
      kids: new Map(Array.from((node as Dict).byKey(), ([id, value]) => [id, said(value, life)])),
    }
  }
  if (isKind(node, 'list')) {
    return { ...NOTHING, list: life, members: new Map(Array.from(node as List, (member) => sayMember(member, life))) }
  }
  return { ...NOTHING, register: life }
}

function sayMember(member: Node, life: { by: Update; expires: number }): [string, Said] {
  if (isKind(member, 'predicate') && member.tag === '$remove') {
    return [key(member.positional[0] as Node), { by: life.by, expires: undefined }]
  }
  if (isKind(member, 'predicate') && member.tag === '$ttl') {
    return [key(member.positional[0] as Node), lasting(member, life)]
  }
  return [key(member), life]
}

function lasting(operator: Predicate, { by }: { by: Update }): { by: Update; expires: number } {
  return { by, expires: Math.floor(by.seq / 1000) + Number(operator.positional[1]) * 1000 }
}

function defined(state: State): Partial<State> {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined))
}

/** The join of two states. */
export function join(a: State, b: State): State {
  return floored(raw(a, b), undefined)
}

function raw(a: State, b: State): State {
  return {
    register: later(a.register, b.register),
    dict: later(a.dict, b.dict),
    list: later(a.list, b.list),
    kids: merged(a.kids, b.kids, raw),
    members: merged(a.members, b.members, (x, y) => later(x, y) as Said),
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

function later<T extends Said>(a: T | undefined, b: T | undefined): T | undefined {
  return a === undefined || (b !== undefined && compareStamps(b.by, a.by) > 0) ? b : a
}

/** Whether `a` has the earlier stamp. */
function before(a: Said | undefined, b: Said | undefined): boolean {
  return a !== undefined && b !== undefined && compareStamps(a.by, b.by) < 0
}

/** Removes everything older than a stamp, recursively; an assertion replaced by another kind loses its expiry. */
function floored(state: State, floor: Said | undefined): State {
  const above = <T extends Said>(said: T | undefined, ...floors: Array<Said | undefined>): T | undefined =>
    floors.some((one) => before(said, one)) ? undefined : said
  const register = above(state.register, floor)
  const dict = above(state.dict, floor, register)
  const list = above(state.list, floor, register)
  const kidsFloor = later(floor, later(register, list))
  const membersFloor = later(floor, later(register, dict))
  const kids = new Map(
    Array.from(state.kids, ([id, kid]) => [id, floored(kid, kidsFloor)] as const).filter(([, kid]) => !isNothing(kid)),
  )
  const members = new Map([...state.members].filter(([, member]) => !before(member, membersFloor)))
  return {
    register: before(register, later(dict, list)) ? ended(register) : register,
    dict: before(dict, list) ? ended(dict) : dict,
    list: before(list, dict) ? ended(list) : list,
    kids,
    members,
  }
}

function ended(said: Said | undefined): Said | undefined {
  return said === undefined ? undefined : { by: said.by, expires: undefined }
}

/** Prunes a state at `now`. */
export function prune(state: State, now: number): State {
  const kids = new Map(
    Array.from(state.kids, ([id, kid]) => [id, prune(kid, now)] as const).filter(([, kid]) => !isNothing(kid)),
  )
  const members = new Map(
    Array.from(state.members, ([id, member]) => [id, rest(member, now)] as const).filter(
      ([, member]) => member !== undefined,
    ),
  ) as Map<string, Said>
  return {
    register: rest(state.register, now),
    dict: kids.size > 0 ? expired(state.dict, now) : rest(state.dict, now),
    list: members.size > 0 ? expired(state.list, now) : rest(state.list, now),
    kids,
    members,
  }
}

function expired(said: Said | undefined, now: number): Said | undefined {
  return said?.expires !== undefined && said.expires <= now ? ended(said) : said
}

function rest(said: Said | undefined, now: number): Said | undefined {
  const left = expired(said, now)
  return left !== undefined && left.expires === undefined && left.by.retain <= now ? undefined : left
}

function isNothing({ register, dict, list, kids, members }: State): boolean {
  return register === undefined && dict === undefined && list === undefined && kids.size === 0 && members.size === 0
}

/** All statements in a state. */
export function* components(state: State): IterableIterator<Said> {
  for (const said of [state.register, state.dict, state.list, ...state.members.values()]) {
    if (said !== undefined) {
      yield said
    }
  }
  for (const kid of state.kids.values()) {
    yield* components(kid)
  }
}

/** The number of components of a state and their updates, in stamp order. */
export function holdings(state: State): { slots: number; live: string[] } {
  const all = [...components(state)]
  const updates = new Set(all.map(({ by }) => by))
  return { slots: all.length, live: [...updates].sort(compareStamps).map(({ hash }) => hash) }
}
