import { remove, SET } from '@sr/ir'
import { Dict, isKind, Predicate, type Node } from '@sr/xr'

/** The key of the machine's own document under which its facts stand. Only effects write there. */
export const FACTS = 'facts'

/** What states a fact: the request is the key, the verdict the value. */
export function factBody(request: Predicate, verdict: Node): Dict {
  return Dict.from([[FACTS, Dict.from([[request, new Predicate(SET, [verdict])]])]])
}

/** What takes a fact back. */
export function withdrawalBody(request: Node): Dict {
  return Dict.from([[FACTS, Dict.from([[request, remove()]])]])
}

/**
 * The verdict that a machine's own document holds on a request, or undefined.
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

/** Whether a body would write where only effects may: it names the facts, or clears the document they are in. */
export function touchesFacts(body: Node): boolean {
  return !isKind(body, 'dict') || body.has(FACTS)
}
