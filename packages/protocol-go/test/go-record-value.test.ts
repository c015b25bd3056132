import { describe, expect, it } from '@jest/globals'
import { Dict, equal, from, Predicate, print } from '@sr/xr'
import { CID } from 'multiformats/cid'
import { base58btc } from 'multiformats/bases/base58'
import * as Digest from 'multiformats/hashes/digest'
import { goDocument, goRecordValue, GoRecordWriter } from '../src/index.ts'
import { MAX_FRAME_BYTES } from '@sr/protocol'
import { DOCUMENT_LIMITS } from '../src/index.ts'

const BOB = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
const ANN = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
const RSA = 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'
const EMPTY = 'ewoJIkRpY3RfSVBMRCI6IHsKCQkiUGFpcnMiOiBbXQoJfQp9Cg=='

// WIRE section 4, the worked example
const EXAMPLE = `{"${BOB}":"ewoJIkRpY3RfSVBMRCI6IHsKCQkiUGFpcnMiOiBbCgkJCXsKCQkJCSJLZXkiOiB7CgkJCQkJIlN0cmluZ19JUExEIjogIngiCgkJCQl9LAoJCQkJIlZhbHVlIjogewoJCQkJCSJJbnRfSVBMRCI6IDEKCQkJCX0KCQkJfQoJCV0KCX0KfQo="}`

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array): string => new TextDecoder().decode(value)
const base64 = (document: Uint8Array): string => Buffer.from(document).toString('base64')

function code(input: string): string {
  try {
    goRecordValue.decode(bytes(input))
    return 'accepted'
  } catch (err) {
    return (err as { code: string }).code
  }
}

describe('the answer to a GET', () => {
  it('is encoded as by Go', () => {
    expect(text(goRecordValue.encode(new Map()))).toBe('{}')
    const one = goRecordValue.encode(new Map([[BOB, Dict.from([['x', 1n]])]]))
    expect([one.length, text(one)]).toEqual([239, EXAMPLE])
    expect(
      text(
        goRecordValue.encode(
          new Map([
            [RSA, Dict.empty],
            [BOB, Dict.empty],
            [ANN, Dict.empty],
          ]),
        ),
      ),
    ).toBe(`{"${ANN}":"${EMPTY}","${BOB}":"${EMPTY}","${RSA}":"${EMPTY}"}`)
  })

  it('is decoded', () => {
    const record = goRecordValue.decode(bytes(EXAMPLE))
    expect([...record.keys()]).toEqual([BOB])
    expect(print(record.get(BOB) as Dict)).toBe('{x=1}')
    const large = new Map(
      [ANN, BOB, RSA].map((peer, i) => [
        peer,
        from(Object.fromEntries(Array.from({ length: 200 + i }, (_, k) => [`k${k}`, k]))) as Dict,
      ]),
    )
    const again = goRecordValue.decode(goRecordValue.encode(large))
    for (const [peer, document] of large) {
      expect(equal(again.get(peer) as Dict, document)).toBe(true)
    }
  })

  it('is decoded with any space, in any order, with peer ids as CIDs; of equal ones the last is kept', () => {
    expect(goRecordValue.decode(bytes(' null\n')).size).toBe(0)
    expect(goRecordValue.decode(bytes(' { } ')).size).toBe(0)
    const cid = CID.createV1(0x72, Digest.decode(base58btc.baseDecode(BOB))).toString()
    const x = base64(goDocument.encode(from({ x: 1 })))
    expect(cid.startsWith('baf')).toBe(true)
    const record = goRecordValue.decode(bytes(` {\n"${RSA}" : "${EMPTY}" ,"${BOB}":"${EMPTY}", "${cid}":"${x}"\t} `))
    expect([...record.keys()]).toEqual([RSA, BOB])
    expect(print(record.get(BOB) as Dict)).toBe('{x=1}')
  })

  it.each([
    ['nothing', '', 'PROTOCOL_DOC'],
    ['an array', '[]', 'PROTOCOL_DOC'],
    ['half a word', 'nul', 'PROTOCOL_DOC'],
    ['no peer id', `{"bob":"${EMPTY}"}`, 'PROTOCOL_DOC'],
    ['a CID of something else', `{"bafkqabiaaebagba":"${EMPTY}"}`, 'PROTOCOL_DOC'],
    ['a peer id that is no base58', `{"12D3KooW0000":"${EMPTY}"}`, 'PROTOCOL_DOC'],
    ['a peer id without end', `{"${'1'.repeat(100_000)}":"${EMPTY}"}`, 'PROTOCOL_DOC'],
    ['no base64', `{"${BOB}":"****"}`, 'PROTOCOL_DOC'],
    ['base64 for URLs', `{"${BOB}":"-w=="}`, 'PROTOCOL_DOC'],
    ['a null entry', `{"${BOB}":null}`, 'PROTOCOL_DOC'],
    ['a document that is empty', `{"${BOB}":""}`, 'XR_SYNTAX'],
    ['a document that is a List', `{"${BOB}":"${base64(goDocument.encode(from([1])))}"}`, 'XR_KIND'],
    ['something behind it', '{}x', 'PROTOCOL_DOC'],
    ['a comma too many', `{"${BOB}":"${EMPTY}",}`, 'PROTOCOL_DOC'],
    ['a comma too few', `{"${ANN}":"${EMPTY}""${BOB}":"${EMPTY}"}`, 'PROTOCOL_DOC'],
    ['an end too few', `{"${BOB}":"${EMPTY}"`, 'PROTOCOL_DOC'],
  ])('refuses %s', (_name, input, wanted) => {
    expect(code(input)).toBe(wanted)
  })

  it("reports which writer's document is invalid, and where", () => {
    const twice = base64(
      bytes(
        '{"Dict_IPLD":{"Pairs":[{"Key":{"String_IPLD":"x"},"Value":{"Int_IPLD":1}},{"Key":{"String_IPLD":"x"},"Value":{"Int_IPLD":1}}]}}',
      ),
    )
    expect(() => goRecordValue.decode(bytes(`{"${BOB}":"${twice}"}`))).toThrow(
      expect.objectContaining({ code: 'XR_DUPLICATE', path: [BOB, 'x'] }),
    )
    const unreadable: string[] = []
    const record = goRecordValue.decode(
      bytes(`{"${BOB}":"${twice}","${ANN}":"${EMPTY}"}`),
      {},
      {
        onUnreadable: (peer, err) => {
          unreadable.push(`${peer} ${err.code}`)
        },
      },
    )
    expect([[...record.keys()], unreadable]).toEqual([[ANN], [`${BOB} XR_DUPLICATE`]])
  })

  it('is limited to what a Go client reads', () => {
    const large = from(Object.fromEntries(Array.from({ length: 3000 }, (_, k) => [`k${k}`, 'x'.repeat(1000)]))) as Dict
    expect(() => goRecordValue.encode(new Map([[BOB, large]]))).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_TOO_LARGE', max: 4_194_304 }),
    )
    const exact = goRecordValue.encode(new Map([[BOB, Dict.from([['x', 1n]])]]), { max: 239 })
    expect(exact).toHaveLength(239)
    expect(() => goRecordValue.encode(new Map([[BOB, Dict.from([['x', 1n]])]]), { max: 238 })).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_TOO_LARGE' }),
    )
    expect(() => goRecordValue.encode(new Map([['bob"', Dict.empty]]))).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_DOC' }),
    )
  })

  it('is decoded for any number of nodes that fits into a frame', () => {
    // 5 slots on a server: a predicate is one, whatever it says
    const wide = Dict.from(
      [1n, 2n, 3n, 4n, 5n].map((name) => [
        name,
        new Predicate(
          'offer',
          Array.from({ length: 10_000 }, (_, i) => BigInt(i % 7)),
        ),
      ]),
    )
    const value = goRecordValue.encode(
      new Map([
        [ANN, Dict.empty],
        [BOB, wide],
      ]),
    )
    expect(equal(goRecordValue.decode(value).get(BOB) as Dict, wide)).toBe(true)
    // the densest that a frame can hold: nothing that fits is refused for its nodes
    const head = '{"List_IPLD":{"Elements":['
    const count = Math.floor(((MAX_FRAME_BYTES / 4) * 3 - head.length - 2) / '{"Int_IPLD":1},'.length)
    const dense = bytes(`${head}${new Array<string>(count).fill('{"Int_IPLD":1}').join()}]}}`)
    expect(base64(dense).length).toBeGreaterThan(MAX_FRAME_BYTES - 40)
    expect(equal(goDocument.decode(dense, DOCUMENT_LIMITS), from([1]))).toBe(true)
  })

  it('is encoded one document at a time, and refused at the first above the limit', () => {
    const x = Dict.from([['x', 1n]])
    const writer = new GoRecordWriter({ max: 480 })
    writer.add(ANN, x)
    writer.add(BOB, x)
    expect([writer.length, writer.held >= writer.length]).toEqual([476, true])
    expect(writer.take()).toEqual(
      goRecordValue.encode(
        new Map([
          [BOB, x],
          [ANN, x],
        ]),
      ),
    )
    const short = new GoRecordWriter({ max: 475 })
    short.add(ANN, x)
    expect(() => {
      short.add(BOB, x)
    }).toThrow(expect.objectContaining({ code: 'PROTOCOL_TOO_LARGE' }))
    const turned = new GoRecordWriter()
    turned.add(BOB, x)
    expect(() => {
      turned.add(ANN, x)
    }).toThrow(expect.objectContaining({ code: 'PROTOCOL_DOC' }))
    expect(() => {
      turned.add(BOB, x)
    }).toThrow(expect.objectContaining({ code: 'PROTOCOL_DOC' }))
  })
})
