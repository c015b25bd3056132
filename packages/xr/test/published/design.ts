import { readFileSync } from 'node:fs'
import { toHex } from '../hex.ts'
import { canonicalOf, specOf } from '../oracle/natural.ts'
import type { Ipld } from '../oracle/ipld.ts'

/** What the list of refusals says: for every source, each case by the reason it is refused for. */
export interface Refusals {
  /** the reasons, in a sentence each */
  readonly reasons: Record<string, string>
  readonly refused: Record<string, Record<string, string>>
}

export const REFUSALS: Refusals = JSON.parse(
  readFileSync(new URL('../refused-by-design.json', import.meta.url), 'utf8'),
) as Refusals

/** Why this data model has no place for a value, as the oracle finds by itself; undefined when it has. */
export function reasonOf(value: Ipld): string | undefined {
  if (holds(value, ({ kind }) => kind === 'null')) {
    return 'null'
  }
  if (holds(value, (inner) => inner.kind === 'map' && inner.value.some(([name]) => name === '/'))) {
    return 'slash'
  }
  if (holds(value, (inner) => inner.kind === 'list' && repeats(inner.value))) {
    return 'twice'
  }
  return undefined
}

function holds(value: Ipld, test: (inner: Ipld) => boolean): boolean {
  const below = value.kind === 'list' ? value.value : value.kind === 'map' ? value.value.map(([, inner]) => inner) : []
  return test(value) || below.some((inner) => holds(inner, test))
}

function repeats(members: readonly Ipld[]): boolean {
  const seen = new Set<string>()
  for (const member of members) {
    const id = idOf(member)
    if (seen.has(id)) {
      return true
    }
    seen.add(id)
  }
  return false
}

/** What stands for a member that may repeat another inside itself too. */
function idOf(member: Ipld): string {
  try {
    return toHex(canonicalOf(specOf(member)))
  } catch {
    return JSON.stringify(member, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner))
  }
}
