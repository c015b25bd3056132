import { type Component, multiaddr } from '@multiformats/multiaddr'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { TagError } from './errors.ts'

/** https://github.com/multiformats/multiaddr/blob/master/protocols.csv */
const IP4 = 4
const IP6 = 41
const P2P = 421

/** https://github.com/multiformats/multicodec/blob/master/table.csv */
const LIBP2P_KEY = 0x72

/** Longest multiaddr that is read, characters; those of WebTransport with two certificates have about 300. */
const MAX_CHARS = 1024

/** Most parts between slashes of a multiaddr that is read; one of WebTransport over a relay has about 20. */
const MAX_PARTS = 24

/** The parts of a multiaddr that the tags of this package use. */
export interface Address {
  /** its canonical form: `/ipfs/` is `/p2p/`, a peer id is base58 */
  readonly text: string
  /** the codes of its protocols, in order */
  readonly protocols: readonly number[]
  /** the IP address it begins with: 4 or 16 bytes; undefined when it begins with another protocol */
  readonly ip: Uint8Array | undefined
  /** the port of its first TCP or UDP part */
  readonly port: number | undefined
  /** the peer it ends in */
  readonly peer: string | undefined
  /** its text without that peer */
  readonly place: string
}

/**
 * Parses a multiaddr.
 *
 * @throws TagError `TAG_ADDRESS` when the text is no multiaddr
 * @example
 * ```ts
 * import { parseAddress } from '@sr/grammar-base'
 *
 * const address = parseAddress('/ip4/1.2.3.4/tcp/4001/ipfs/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')
 * console.log(address.place, address.peer) // /ip4/1.2.3.4/tcp/4001 12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN
 * ```
 */
export function parseAddress(text: string): Address {
  if (text.length > MAX_CHARS) {
    throw new TagError('TAG_ADDRESS', `a multiaddr has up to ${MAX_CHARS} characters`)
  }
  if (countSlashes(text) > MAX_PARTS) {
    throw new TagError('TAG_ADDRESS', `a multiaddr has up to ${MAX_PARTS} parts between slashes`)
  }
  try {
    const read = multiaddr(text)
    // peer ids as text: their bytes would not reveal a CID that is no peer id
    read.getComponents().forEach(plain)
    // everything else by way of its bytes, so that every part is validated
    const parts = multiaddr(read.bytes).getComponents().map(plain)
    const first = parts[0]
    if (first === undefined) {
      throw new TagError('TAG_ADDRESS', 'a multiaddr has at least one part')
    }
    const last = parts.at(-1)
    const peer = last?.code === P2P ? last.value : undefined
    const port = parts.find(({ name }) => name === 'tcp' || name === 'udp')?.value
    return {
      text: textOf(parts),
      protocols: parts.map(({ code }) => code),
      ip: first.code === IP4 ? first.bytes?.slice(-4) : first.code === IP6 ? first.bytes?.slice(-16) : undefined,
      port: port === undefined ? undefined : Number(port),
      peer,
      place: textOf(peer === undefined ? parts : parts.slice(0, -1)),
    }
  } catch (err) {
    throw err instanceof TagError ? err : new TagError('TAG_ADDRESS', 'the address is not a multiaddr', err)
  }
}

function countSlashes(text: string): number {
  let slashes = 0
  for (let at = text.indexOf('/'); at !== -1; at = text.indexOf('/', at + 1)) {
    slashes++
  }
  return slashes
}

/** A part with its peer id, if it names one, in base58. */
function plain(part: Component): Component {
  if (part.code !== P2P || part.value === undefined) {
    return part
  }
  return { ...part, value: peerId(part.value) }
}

function peerId(text: string): string {
  if (!text.startsWith('Qm') && !text.startsWith('1')) {
    const cid = CID.parse(text)
    if (cid.code !== LIBP2P_KEY) {
      throw new TagError('TAG_ADDRESS', 'the peer id is a CID of another type')
    }
    return base58btc.baseEncode(cid.multihash.bytes)
  }
  return base58btc.baseEncode(Digest.decode(base58btc.baseDecode(text)).bytes)
}

function textOf(parts: readonly Component[]): string {
  return parts.map(({ name, value }) => (value === undefined ? `/${name}` : `/${name}/${value}`)).join('')
}
