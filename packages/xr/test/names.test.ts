import { describe, expect, it } from '@jest/globals'
import { Dict, equal } from '../src/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import * as dagJson from '../src/dag-json.ts'

describe('names that both codecs cache', () => {
  // bytes that are one name in CBOR and another in JSON must not be taken for each other
  it.each([
    ['\\n', '\n'],
    ['a\\"', 'a"'],
    ['\\\\', '\\'],
  ])('%j in CBOR is not %j in JSON', (inCbor, inJson) => {
    const one = Dict.from([[inCbor, true]])
    const other = Dict.from([[inJson, true]])
    for (let round = 0; round < 2; round++) {
      expect(equal(dagCbor.decode(dagCbor.encode(one)), one)).toBe(true)
      expect(equal(dagJson.decode(dagJson.encode(other)), other)).toBe(true)
      expect(equal(dagCbor.decode(dagCbor.encode(other)), other)).toBe(true)
      expect(equal(dagJson.decode(dagJson.encode(one)), one)).toBe(true)
    }
  })
})
