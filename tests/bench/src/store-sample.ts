import type { StoreEntry } from '@sr/vm'

/** Writers of the sample; each update has one, as a peer id. */
export const WRITERS = 1000

/** Time within which the sample's updates expire out of the order of their puts, milliseconds. */
const SPREAD_MS = 3_600_000

/** Bytes of an update of one pair, signed. */
const BYTES = 300

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** The key of the n-th record: 16 bytes in no order. */
export function keyOf(n: number): Uint8Array {
  const key = new Uint8Array(16)
  const view = new DataView(key.buffer)
  let state = Math.imul(n + 1, 2_654_435_761) >>> 0 || 1
  for (let at = 0; at < 16; at += 4) {
    state = (state ^ (state << 13)) >>> 0
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0
    view.setUint32(at, state)
  }
  view.setUint32(12, n)
  return key
}

/** The n-th update, of a record of its own whose key has 16 bytes; a minute of every thousand updates expires later. */
export function sample(n: number): StoreEntry {
  const writer = `12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6${String(n % WRITERS).padStart(4, '0')}`
  return {
    record: digits(n + 1, 26, (value) => BASE32[value & 31] as string),
    hash: digits(n + 7, 8, (value) => value.toString(16).padStart(8, '0')),
    retain: 1_900_000_000_000 + n * 60 + ((Math.imul(n, 2_654_435_761) >>> 0) % SPREAD_MS),
    writer,
    chargedTo: writer,
    cost: 900,
    resumed: false,
    signed: true,
    local: false,
    bytes: Uint8Array.from({ length: BYTES }, (_, i) => (n * 31 + i * 7) & 255),
  }
}

/** Text of numbers that follow from `seed` and look random: xorshift. */
function digits(seed: number, count: number, toText: (value: number) => string): string {
  let state = Math.imul(seed, 2_654_435_761) >>> 0 || 1
  let text = ''
  for (let i = 0; i < count; i++) {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    text += toText(state)
  }
  return text
}
