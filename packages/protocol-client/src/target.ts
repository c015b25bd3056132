import { isPeerId, type PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, CODE_P2P_CIRCUIT, isMultiaddr, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { ProtocolError } from '@sr/protocol'

/** Which peer to ask: its id, or one or more of its addresses. Text is a peer id, or an address when it begins with `/`. */
export type Target = PeerId | Multiaddr | string | ReadonlyArray<Multiaddr | string>

/** A peer as a {@link Target} names it. */
export interface ResolvedTarget {
  /** undefined when no address ends in a peer id */
  readonly id: PeerId | undefined
  readonly addresses: Multiaddr[]
}

/**
 * The peer that a target names, whatever its spelling.
 *
 * @throws ProtocolError `PROTOCOL_PEER` when it names no peer, or more than one
 */
export function resolveTarget(target: Target): ResolvedTarget {
  try {
    if (isPeerId(target)) {
      return { id: target, addresses: [] }
    }
    if (typeof target === 'string' && !target.startsWith('/')) {
      return { id: peerIdFromString(target), addresses: [] }
    }
    return resolveAddresses((Array.isArray(target) ? target : [target]).map(toAddress))
  } catch (cause) {
    const message = 'expected a peer id, or addresses of one peer, as multiaddrs or text'
    throw new ProtocolError('PROTOCOL_PEER', `${message}: ${(cause as Error).message}`, { cause })
  }
}

function toAddress(value: unknown): Multiaddr {
  if (typeof value === 'string') {
    return multiaddr(value)
  }
  if (!isMultiaddr(value)) {
    throw new TypeError(`got ${value === null ? 'null' : typeof value}`)
  }
  return value
}

function resolveAddresses(addresses: Multiaddr[]): ResolvedTarget {
  const [first, ...others] = addresses
  if (first === undefined) {
    throw new TypeError('got no address')
  }
  const id = peerOf(first)
  if (others.some((address) => peerOf(address)?.toString() !== id?.toString())) {
    throw new TypeError('got addresses of several peers')
  }
  return { id, addresses: addresses.filter((address) => address.getComponents().some(({ code }) => code !== CODE_P2P)) }
}

/** Peers of addresses that were resolved: most calls repeat an address, and decoding a peer id takes as long as a small request. */
const PEERS = new WeakMap<Multiaddr, PeerId | undefined>()

/** The peer at the end of an address; the id before `/p2p-circuit` is the relay's. */
function peerOf(address: Multiaddr): PeerId | undefined {
  if (!PEERS.has(address)) {
    const components = address.getComponents()
    const end = components.slice(components.findLastIndex(({ code }) => code === CODE_P2P_CIRCUIT) + 1)
    const text = end.findLast(({ code }) => code === CODE_P2P)?.value
    PEERS.set(address, text === undefined ? undefined : peerIdFromString(text))
  }
  return PEERS.get(address)
}
