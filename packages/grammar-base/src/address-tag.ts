import { isKind, type Predicate } from '@sr/xr'
import { type Address, parseAddress } from './address.ts'
import { TagError } from './errors.ts'

/** A tag with the argument `address=multiaddr("…")`. */
export interface AddressTag {
  readonly address: Address
  /** the predicate as its author wrote it, with all other arguments */
  readonly predicate: Predicate
}

/**
 * Parses such a predicate as the Go peers do: `address` is a predicate `multiaddr` with exactly one
 * positional String that parses. Other arguments of the two are ignored and kept.
 *
 * @throws TagError
 */
export function parseAddressTag(predicate: Predicate): AddressTag {
  const address = predicate.named.get('address')
  if (address === undefined || !isKind(address, 'predicate') || address.tag !== 'multiaddr') {
    throw new TagError('TAG_FORM', `${predicate.tag} needs the argument address=multiaddr("…")`)
  }
  const [text] = address.positional
  if (address.positional.length !== 1 || typeof text !== 'string') {
    throw new TagError('TAG_FORM', 'multiaddr takes one positional argument, a String')
  }
  return { address: parseAddress(text), predicate }
}

/** Returns the predicate unchanged. */
export function formatAddressTag({ predicate }: AddressTag): Predicate {
  return predicate
}
