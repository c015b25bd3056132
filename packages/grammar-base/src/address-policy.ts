import { type Address, parseAddress } from './address.ts'
import { reachOf, unmapped } from './public-ip.ts'

/** Which addresses a server dials at the request of a stranger. The defaults are for the open internet. */
export interface AddressPolicy {
  /** also dial this host and private networks, for tests and closed networks; default false */
  readonly allowPrivate?: boolean
  /** dial only the IP address the asking writer was seen at, so that a writer cannot aim the server at others; default true */
  readonly observedOnly?: boolean
}

/**
 * Protocols that may follow the IP address: transports and their security. No names (a name may resolve to another address
 * by the time it is dialled), no relays, no files.
 * https://github.com/multiformats/multiaddr/blob/master/protocols.csv
 */
const TRANSPORTS: ReadonlySet<number> = new Set([
  6, // tcp
  273, // udp
  280, // webrtc-direct
  421, // p2p, checked to stand at the end alone
  448, // tls
  454, // noise
  460, // quic
  461, // quic-v1
  465, // webtransport
  466, // certhash
  477, // ws
  478, // wss
])

const P2P = 421

/** Returns why an address is not dialled, or undefined. Pure. */
export function addressRefusal(
  address: Address,
  observed: string | undefined,
  policy: AddressPolicy,
): string | undefined {
  const { ip, port, protocols } = address
  if (ip === undefined) {
    return 'the address does not begin with an IP address'
  }
  if (port === undefined || port === 0 || !protocols.slice(1).every((code) => TRANSPORTS.has(code))) {
    return 'the address is not one of a transport over TCP or UDP'
  }
  if (protocols.filter((code) => code === P2P).length > 1) {
    return 'the address leads through another peer'
  }
  const reach = reachOf(ip)
  if (reach === 'none' || (reach === 'private' && policy.allowPrivate !== true)) {
    return 'the IP address is not public'
  }
  if (policy.observedOnly !== false && !sameIp(ip, observed)) {
    return 'the IP address is not the one the writer was seen at'
  }
  return undefined
}

function sameIp(ip: Uint8Array, observed: string | undefined): boolean {
  const seen = observed === undefined ? undefined : ipOf(observed)
  return seen !== undefined && seen.length === ip.length && seen.every((byte, i) => byte === ip[i])
}

const P2P_CIRCUIT = 290

/**
 * The IP address in a transport's name of its other end: a multiaddr, or the IP address alone. Undefined over a relay,
 * whose address the multiaddr begins with: the writer's own is unknown then.
 */
function ipOf(observed: string): Uint8Array | undefined {
  const text = observed.startsWith('/') ? observed : `/${observed.includes(':') ? 'ip6' : 'ip4'}/${observed}`
  try {
    const { ip, protocols } = parseAddress(text)
    return ip === undefined || protocols.includes(P2P_CIRCUIT) ? undefined : unmapped(ip)
  } catch {
    return undefined
  }
}
