import { type Address, parseAddress } from './address.ts'

/** Whether an address is one of this server's own. The peer id at its end is not compared. */
export function isOwn(address: Address, own: Iterable<string>): boolean {
  for (const text of own) {
    if (placeOf(text) === address.place) {
      return true
    }
  }
  return false
}

// a transport may list an address of a type that cannot be parsed here: then it is not the requested one
function placeOf(text: string): string | undefined {
  try {
    return parseAddress(text).place
  } catch {
    return undefined
  }
}
