import type { EffectContext, Grammar, Verdict } from '@sr/ir'
import { Dict, type Node, Predicate, print } from '@sr/xr'

export const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
export const SELF = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
/** the same peer as PEER, as a CID */
export const PEER_CID = 'bafzaajaiaejcao3ke66m5nvefvrkhkgqfjxq243fgikxohpciotdvqciugfvtwrj'
export const NOW = Date.UTC(2025, 0) + 789

/** `tag(address=multiaddr("…"))` */
export function asking(tag: string, address: Node): Predicate {
  return new Predicate(tag, [], Dict.from([['address', new Predicate('multiaddr', [address])]]))
}

export function context(change: Partial<EffectContext> = {}): EffectContext {
  return {
    key: Uint8Array.of(1),
    writer: PEER,
    now: NOW,
    record: new Map(),
    self: SELF,
    observed: '/ip4/1.2.3.4/tcp/55555',
    signal: new AbortController().signal,
    permit: () => {},
    ...change,
  }
}

/** Has a grammar answer a request, in its words; undefined when policy refuses. */
export async function answer(
  grammar: Grammar,
  request: Predicate,
  change: Partial<EffectContext> = {},
): Promise<string | undefined> {
  const verdict = await run(grammar, request, change)
  return verdict === undefined ? undefined : print(verdict.value)
}

export async function run(
  grammar: Grammar,
  request: Predicate,
  change: Partial<EffectContext> = {},
): Promise<Verdict | undefined> {
  const rule = grammar.rule(request.tag)
  if (rule?.effect === undefined) {
    throw new Error(`${request.tag} asks for nothing`)
  }
  return await rule.effect.run(rule.parse(request), context(change))
}
