import { multiaddr } from '@multiformats/multiaddr'
import { type Dict, from, type Plain } from '@sr/xr'

export const SELF = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
export const ANN = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
export const BOB = '12D3KooWLrdaWuiZ6aaWn1HarqtwVy7Q3h1Q17jy9kWD7eao6Fsg'

export const dict = (plain: Plain): Dict => from(plain) as Dict
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The verdicts of a Go server. */
export const verdicts: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['dialable', new Set(['dialed', 'notDialable'])],
  ['connectivity', new Set(['connected', 'notConnected', 'notDialable'])],
])

export function normalizeAddress(text: string): string {
  try {
    return multiaddr(multiaddr(text).bytes).toString()
  } catch {
    return text
  }
}
