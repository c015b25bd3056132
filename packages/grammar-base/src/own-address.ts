import { type Address, parseAddress } from './address.ts'

/** Whether an address is one of those that this server has itself. Without its peer id the place alone decides. */
export function isOwn(address: Address, own: Iterable<string>): boolean {
  for (const text of own) {
    if (placeOf(text) === address.place) {
      return true
    }
  }
  return false
}

// what a transport lists may be of a kind that is not known here: then it is not the one asked for
function placeOf(text: string): string | undefined {
  try {
    return parseAddress(text).place
  } catch {
    return undefined
  }
}
