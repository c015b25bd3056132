import type { ViewPart } from './view-part.ts'

/**
 * A place in a document: the orders of the steps that lead there, as in `ViewPart.order`. Positions compare step by step,
 * and a container comes before its content. A position stays meaningful when the document changes.
 */
export type Position = readonly string[]

/** Which parts a walk visits, and what it knows of each. */
export interface Route<S> {
  /** the children of a part to visit, in the order of `order`, none of them before `from` */
  children(part: ViewPart, state: S, from: string): Iterable<ViewPart>
  /** what is known of a child, given what is known of its parent */
  enter(state: S, child: ViewPart): S
}

/** A visited part with the parts above it. */
export interface Visit<S> {
  readonly part: ViewPart
  readonly state: S
  readonly up: Visit<S> | undefined
}

/** An open container of a walk. */
interface Level<S> {
  readonly visit: Visit<S>
  readonly children: Iterator<ViewPart>
}

/**
 * Visits parts in canonical order, each container before its content, strictly behind `after`. Each step does a bounded
 * amount of work, so that a caller may stop at any time and go on later from `positionOf` the last visit, also in another
 * view of the document: what shows in both comes exactly once. `state` belongs to the root.
 */
export function* walk<S>(root: ViewPart, state: S, route: Route<S>, after?: Position): IterableIterator<Visit<S>> {
  const first: Visit<S> = { part: root, state, up: undefined }
  if (after === undefined) {
    yield first
  }
  const levels: Array<Level<S>> = [levelOf(first, route, after?.[0])]
  // while every open container but the root is on the way to `after`
  let bound = after !== undefined
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const next = level.children.next()
    if (next.done === true) {
      levels.pop()
      continue
    }
    const part = next.value
    const depth = levels.length
    const visit: Visit<S> = { part, state: route.enter(level.visit.state, part), up: level.visit }
    bound &&= part.order === after?.[depth - 1]
    if (!bound) {
      yield visit
    }
    if (!part.isLeaf) {
      levels.push(levelOf(visit, route, bound ? after?.[depth] : undefined))
    }
  }
}

function levelOf<S>(visit: Visit<S>, route: Route<S>, from = ''): Level<S> {
  return { visit, children: route.children(visit.part, visit.state, from)[Symbol.iterator]() }
}

/** The position of a visited part. */
export function positionOf(visit: Visit<unknown>): string[] {
  const position: string[] = []
  for (let at: Visit<unknown> = visit; at.up !== undefined; at = at.up) {
    position.push(at.part.order)
  }
  return position.reverse()
}

const EVERYTHING: Route<undefined> = { children: (part, _, from) => part.children(from), enter: () => undefined }

/**
 * Iterates over the leaves of a part in canonical order, strictly behind `after`: leaves, List members and empty containers.
 *
 * @example
 * ```ts
 * import { createDocument, leaves, positionOf, validateUpdate } from '@sr/ir'
 * import { from } from '@sr/xr'
 *
 * const document = createDocument()
 * document.apply(validateUpdate({ seq: 1000, hash: '01'.repeat(32), expires: 9000, retain: 9000, body: from({ nick: 'bob', at: ['sea', 'home'] }) }))
 * const root = document.view(0).part()
 * const [first, ...rest] = root === undefined ? [] : leaves(root)
 * console.log(first?.part.node, rest.length) // sea 2
 * if (root && first) console.log(Array.from(leaves(root, positionOf(first)), ({ part }) => part.node)) // [ 'home', 'bob' ]
 * ```
 */
export function* leaves(root: ViewPart, after?: Position): IterableIterator<Visit<undefined>> {
  for (const visit of walk(root, undefined, EVERYTHING, after)) {
    if (visit.part.isLeaf) {
      yield visit
    }
  }
}
