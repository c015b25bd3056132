import { Dict, isKind, type Node } from '@sr/xr'

/** The key of the machine's own document under which its facts are. Only effects write there. */
export const FACTS = 'facts'

/** The body that writes `value` as the fact on a request; a `$set` states it, a `$remove` revokes it. */
export function factBody(request: Node, value: Node): Dict {
  return Dict.from([[FACTS, Dict.from([[request, value]])]])
}

/**
 * The verdict on a request in a machine's own document, or undefined.
 *
 * @example
 * ```ts
 * import { Dict, from, Predicate } from '@sr/xr'
 * import { factOn } from '@sr/vm'
 *
 * const request = new Predicate('ask')
 * const document = Dict.from([['facts', Dict.from([[request, from('yes')]])]])
 * console.log(factOn(document, request)) // yes
 * ```
 */
export function factOn(own: Dict, request: Node): Node | undefined {
  const facts = own.get(FACTS)
  return facts !== undefined && isKind(facts, 'dict') ? facts.get(request) : undefined
}

/** Whether a body would write facts: it has their key, or replaces the whole document. */
export function touchesFacts(body: Node): boolean {
  return !isKind(body, 'dict') || body.has(FACTS)
}
