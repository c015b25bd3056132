import { describe, expect, it } from '@jest/globals'
import { Predicate, from, print, size, toPlain } from '../src/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import * as dagJson from '../src/dag-json.ts'
import { parse } from '../src/text/index.ts'
import { codeOf } from './code-of.ts'
import { hex, toHex, utf8 } from './hex.ts'

const DIGEST = '11'.repeat(32)

/** Tag 42 around the bytes of a CID. */
function block(cid: string): Uint8Array {
  const length = 1 + cid.length / 2
  const head = length < 24 ? Uint8Array.of(0x40 | length) : Uint8Array.of(0x58, length)
  return hex(`d82a${toHex(head)}00${cid}`)
}

describe('the CIDs of links', () => {
  it.each([
    ['version 0', `1220${DIGEST}`],
    ['version 1, raw', `01551220${DIGEST}`],
    ['version 1, dag-pb, as version 0 might be', `01701220${DIGEST}`],
    ['version 1, identity, empty', '01550000'],
    ['version 1, a two-byte code', `01a9021220${DIGEST}`],
  ])('%s', (_, cid) => {
    const bytes = block(cid)
    const node = dagCbor.decode(bytes)
    expect(dagCbor.encode(node)).toEqual(bytes)
    expect(dagCbor.encode(dagJson.decode(dagJson.encode(node)))).toEqual(bytes)
    expect(dagCbor.encode(parse(print(node)))).toEqual(bytes)
  })

  it.each([
    ['version 0 with a short digest', `1210${'11'.repeat(16)}`, 'XR_VALUE'],
    ['version 0 with a long digest', `1221${DIGEST}11`, 'XR_VALUE'],
    ['version 0 that says another length', `1221${DIGEST}`, 'XR_VALUE'],
    ['version 0 cut', `1220${DIGEST.slice(2)}`, 'XR_VALUE'],
    ['version 2', `02551220${DIGEST}`, 'XR_VALUE'],
    ['version 18 in two bytes', `92001220${DIGEST}`, 'XR_VALUE'],
    ['a digest too short', `01551220${DIGEST.slice(2)}`, 'XR_VALUE'],
    ['a digest too long', `01551220${DIGEST}11`, 'XR_VALUE'],
    ['a number that never ends', '0155ffffffffffffffffff', 'XR_VALUE'],
    ['a code beyond 2^53', `01ffffffffffffff7f1220${DIGEST}`, 'XR_VALUE'],
    ['only a version', '01', 'XR_VALUE'],
    ['an over-long version', `8100551220${DIGEST}`, 'XR_FORM'],
    ['an over-long codec', `01d5001220${DIGEST}`, 'XR_FORM'],
    ['an over-long hash', `01559200a000${DIGEST}`, 'XR_FORM'],
    ['an over-long length', `015512a000${DIGEST}`, 'XR_FORM'],
  ])('%s', (_, cid, code) => {
    expect(codeOf(() => dagCbor.decode(block(cid)))).toBe(code)
  })

  // base58 takes time quadratic in its length: were this text decoded, the test would run for an hour
  it('does not decode a long text that begins like a CID', () => {
    const text = `Qm${'z'.repeat(2_000_000)}`
    const limits = { string: 1e7, size: 1e7 }
    expect(codeOf(() => dagJson.decode(utf8(`{"/":"${text}"}`), limits))).toBe('XR_VALUE')
    expect(codeOf(() => dagJson.decode(utf8(`{"/":"${text}"}`)))).toBe('XR_STRING')
    expect(size(parse(`link("${text}")`, limits))).toBe(size(new Predicate('link', [text])))
    expect(codeOf(() => parse(`link("${text}")`))).toBe('XR_STRING')
  })
})

describe('Bytes', () => {
  it('are copies, of a Buffer too', () => {
    for (const make of [
      (source: Uint8Array) => dagCbor.decode(source),
      (source: Uint8Array) => from(source.subarray(1)),
      (source: Uint8Array) => toPlain(source.subarray(1)),
    ]) {
      for (const source of [Buffer.from([0x43, 1, 2, 3]), Uint8Array.of(0x43, 1, 2, 3)]) {
        const node = make(source)
        source.fill(9)
        expect(node).toEqual(Uint8Array.of(1, 2, 3))
        expect(Object.getPrototypeOf(node)).toBe(Uint8Array.prototype)
      }
    }
  })
})
