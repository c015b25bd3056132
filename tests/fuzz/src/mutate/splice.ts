/** A change to make: what stands from `from` to `to` becomes `bytes`. */
export interface Edit {
  from: number
  to: number
  bytes: Uint8Array
}

/** Makes changes that do not overlap, given in any order. */
export function edited(input: Uint8Array, edits: Edit[]): Uint8Array {
  const sorted = edits.toSorted((a, b) => a.from - b.from || a.to - b.to)
  const parts: Uint8Array[] = []
  let at = 0
  for (const { from, to, bytes } of sorted) {
    if (from < at) continue // within another change
    parts.push(input.subarray(at, from), bytes)
    at = to
  }
  parts.push(input.subarray(at))
  return joined(parts)
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** The same bytes so many times. */
export function repeated(bytes: Uint8Array, times: number): Uint8Array {
  const out = new Uint8Array(bytes.length * times)
  for (let i = 0; i < times; i++) out.set(bytes, i * bytes.length)
  return out
}

export const EMPTY: Uint8Array = new Uint8Array(0)
