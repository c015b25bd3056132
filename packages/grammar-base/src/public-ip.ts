/** A block of addresses: those whose first `bits` bits are as in `start`. */
interface Block {
  readonly start: readonly number[]
  readonly bits: number
}

/** Blocks that are not unicast: never dialled, not on private networks either. */
const NEVER: readonly Block[] = [
  { start: [0], bits: 8 }, // this network
  { start: [224], bits: 4 }, // multicast
  { start: [240], bits: 4 }, // reserved, and broadcast
]

/**
 * IPv4 that is unicast but not public.
 * https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const PRIVATE: readonly Block[] = [
  { start: [10], bits: 8 },
  { start: [100, 64], bits: 10 }, // carrier-grade NAT
  { start: [127], bits: 8 },
  { start: [169, 254], bits: 16 }, // link-local, and the metadata servers of clouds
  { start: [172, 16], bits: 12 },
  { start: [192, 0, 0], bits: 24 },
  { start: [192, 0, 2], bits: 24 }, // documentation
  { start: [192, 31, 196], bits: 24 },
  { start: [192, 52, 193], bits: 24 },
  { start: [192, 88, 99], bits: 24 }, // 6to4 relays
  { start: [192, 168], bits: 16 },
  { start: [192, 175, 48], bits: 24 },
  { start: [198, 18], bits: 15 }, // benchmarks
  { start: [198, 51, 100], bits: 24 }, // documentation
  { start: [203, 0, 113], bits: 24 }, // documentation
]

/**
 * The one block of IPv6 that holds public addresses, and the blocks in it that are not public.
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const GLOBAL: Block = { start: [0x20], bits: 3 }
const NOT_GLOBAL: readonly Block[] = [
  { start: [0x20, 0x01, 0x00], bits: 23 }, // Teredo, ORCHID and other protocols' own
  { start: [0x20, 0x01, 0x0d, 0xb8], bits: 32 }, // documentation
  { start: [0x20, 0x02], bits: 16 }, // 6to4: an IPv4 address in disguise
  { start: [0x26, 0x20, 0x00, 0x4f, 0x80], bits: 48 }, // AS112
  { start: [0x3f, 0xff], bits: 20 }, // documentation
]

/** IPv6 of this host and of private networks. */
const LOCAL: readonly Block[] = [
  { start: [0xfc], bits: 7 },
  { start: [0xfe, 0x80], bits: 10 },
  { start: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], bits: 128 },
]

/** `::ffff:0:0/96`, IPv4 written as IPv6. */
const MAPPED: Block = { start: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], bits: 96 }

/** The scope of an address: public, private (or this host), or not to be dialled. */
export type Reach = 'public' | 'private' | 'none'

/** The scope of an IPv4 (4 bytes) or IPv6 (16 bytes) address. An address in no known block is not to be dialled. */
export function reachOf(ip: Uint8Array): Reach {
  if (ip.length === 4) {
    return within(ip, NEVER) ? 'none' : within(ip, PRIVATE) ? 'private' : 'public'
  }
  if (inBlock(ip, GLOBAL)) {
    return within(ip, NOT_GLOBAL) ? 'none' : 'public'
  }
  return within(ip, LOCAL) ? 'private' : 'none'
}

/** The IPv4 address inside an IPv4-mapped IPv6 address; otherwise the address itself. */
export function unmapped(ip: Uint8Array): Uint8Array {
  return ip.length === 16 && inBlock(ip, MAPPED) ? ip.slice(12) : ip
}

function within(ip: Uint8Array, blocks: readonly Block[]): boolean {
  return blocks.some((block) => inBlock(ip, block))
}

function inBlock(ip: Uint8Array, { start, bits }: Block): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 0xff : (0xff << (8 - (bits - bit))) & 0xff
    if (((ip[bit / 8] ?? 0) & mask) !== ((start[bit / 8] ?? 0) & mask)) {
      return false
    }
  }
  return true
}
