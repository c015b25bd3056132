import { isKind, type Predicate } from '@sr/xr'
import { type Address, parseAddress } from './address.ts'
import { TagError } from './errors.ts'

/** A tag that says `address=multiaddr("…")`. */
export interface AddressTag {
  readonly address: Address
  /** the predicate as said, with whatever else its author put into it */
  readonly said: Predicate
}

/**
 * Reads such a predicate, as the Go peers do: `address` is a predicate `multiaddr` with exactly one
 * positional String that parses. What else the two hold does not matter, and is kept.
 *
 * @throws TagError
 */
export function parseAddressTag(said: Predicate): AddressTag {
  const address = said.named.get('address')
  if (address === undefined || !isKind(address, 'predicate') || address.tag !== 'multiaddr') {
    throw new TagError('TAG_FORM', `${said.tag} says address=multiaddr("…")`)
  }
  const [text] = address.positional
  if (address.positional.length !== 1 || typeof text !== 'string') {
    throw new TagError('TAG_FORM', 'multiaddr has one positional argument, a String')
  }
  return { address: parseAddress(text), said }
}

/** The predicate again. */
export function formatAddressTag({ said }: AddressTag): Predicate {
  return said
}
