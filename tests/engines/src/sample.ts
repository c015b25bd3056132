import type { StoreEntry, StoreIndex, UsageChange } from '@sr/vm'

/** Bytes of a small signed update. */
const UPDATE_BYTES = 300
const START_MS = 1_900_000_000_000

/** The entry number `n`: the same on each call, distinct for each `n`, one record each. Ten expire in the same second. */
export function sampleEntry(n: number, record: string = sampleRecord(n)): StoreEntry {
  const bytes = new Uint8Array(UPDATE_BYTES)
  let state = (n + 1) * 2_654_435_761
  for (let i = 0; i < bytes.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[i] = state & 0xff
  }
  return {
    record,
    hash: n.toString(16).padStart(64, '0'),
    retain: START_MS + n * 100,
    writer: `12D3KooW${String(n % 100).padStart(44, '0')}`,
    chargedTo: `12D3KooW${String(n % 100).padStart(44, '0')}`,
    cost: UPDATE_BYTES + 300,
    resumed: false,
    signed: true,
    local: false,
    bytes,
  }
}

/** A record key of 32 characters of base32, spread over the key space. */
export function sampleRecord(n: number): string {
  const spread = (Math.imul(n, 2_654_435_761) >>> 0).toString(8)
  return `${spread}${n.toString(8)}`.replaceAll('0', 'a').replaceAll('1', 'b').padEnd(32, 'z')
}

/** What putting an entry, or dropping it, adds to the usage of its writer. */
export function usageOf({ chargedTo, cost }: StoreIndex, sign: 1 | -1 = 1): UsageChange {
  return { writer: chargedTo, bytes: sign * cost, records: sign }
}
