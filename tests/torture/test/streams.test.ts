import { describe, expect, test } from '@jest/globals'
import { createDocument } from '@sr/ir'
import { validateUpdate } from '@sr/ir/validate'
import { Dict, from } from '@sr/xr'
import { bodyOf, isWritten, lastApplied } from '../src/streams.ts'

const BYTES = 100

/** The document after updates up to `n`, as a machine merges them. */
function merged(n: number, skip = -1): Dict {
  const document = createDocument()
  for (let one = 0; one <= n; one++) {
    const hash = one.toString(16).padStart(64, '0')
    if (one !== skip)
      document.apply(validateUpdate({ seq: one + 1, hash, expires: 1000, retain: 1000, body: bodyOf(one, BYTES) }))
  }
  return document.show(0) as Dict
}

describe('the state of a stream', () => {
  test.each([0, 1, 5, 6, 40, 41, 42, 47, 100])('tells that update %i was the last', (n) => {
    expect(lastApplied(merged(n), BYTES)).toBe(n)
    expect(isWritten(merged(n), n, BYTES)).toBe(true)
  })

  test('tells that nothing was written, that an update is absent, that one is half', () => {
    expect(lastApplied(undefined, BYTES)).toBe(-1)
    expect(lastApplied(merged(20, 18), BYTES)).toBe('half')
    const half = Dict.from([...merged(20)].map(([key, value]) => [key, key === 'c2' ? 14n : value]))
    expect(lastApplied(half, BYTES)).toBe('half')
    expect(isWritten(half, 20, BYTES)).toBe(true)
    expect(isWritten(from({ a1: 2 }), 20, BYTES)).toBe(false)
  })
})
