import { describe, expect, it } from '@jest/globals'
import { Negotiation } from '../src/negotiation.ts'

const line = (text: string): Uint8Array => {
  const bytes = new TextEncoder().encode(`${text}\n`)
  const length = bytes.length < 0x80 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7]
  return Uint8Array.from([...length, ...bytes])
}
const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]))
const HEADER = line('/multistream/1.0.0')
const kindOf = (state: unknown): unknown => (typeof state === 'string' ? state : (state as { code: string }).code)
const inbound = (): Negotiation => Negotiation.inbound(() => ['/a/1', `/${'long'.repeat(100)}`])

describe('what a peer that offers protocols sends', () => {
  it.each<[string, Uint8Array, string]>([
    ['the header', HEADER, 'open'],
    ['the header and a protocol', concat(HEADER, line('/a/1')), 'done'],
    ['a long protocol', concat(HEADER, line(`/${'long'.repeat(100)}`)), 'done'],
    ['a protocol that is not spoken', concat(HEADER, line('/b/1')), 'open'],
    ['a second choice', concat(HEADER, line('/b/1'), line('/a/1')), 'done'],
    ['a question', concat(HEADER, line('ls')), 'open'],
    ['anything behind the end', concat(HEADER, line('/a/1'), new Uint8Array(100).fill(0x80)), 'done'],
    ['a length without end', new Uint8Array(3).fill(0x80), 'PROTOCOL_FRAME'],
    ['the same behind the header', concat(HEADER, new Uint8Array(3).fill(0x80)), 'PROTOCOL_FRAME'],
    [
      'the same behind a refused protocol',
      concat(HEADER, line('/b/1'), new Uint8Array(2).fill(0xff)),
      'PROTOCOL_FRAME',
    ],
    ['a length above 1,024', Uint8Array.of(0x81, 0x08), 'PROTOCOL_FRAME'],
    ['an empty line', Uint8Array.of(0), 'PROTOCOL_FRAME'],
    ['a line without end', concat(Uint8Array.of(3), new TextEncoder().encode('/a/')), 'PROTOCOL_FRAME'],
    ['65 lines', concat(...new Array<Uint8Array>(65).fill(line('/b'))), 'PROTOCOL_FRAME'],
  ])('%s', (_what, bytes, expected) => {
    const whole = inbound().take(bytes)
    const inPieces = inbound()
    let state: unknown = 'open'
    for (let i = 0; i < bytes.length && state === 'open'; i++) {
      state = inPieces.take(bytes.subarray(i, i + 1))
    }
    expect([kindOf(whole), kindOf(state)]).toEqual([expected, expected])
  })
})

describe('what a peer that is offered protocols answers', () => {
  it.each<[string, Uint8Array, string]>([
    ['the header', HEADER, 'open'],
    ['a refusal', concat(HEADER, line('na')), 'open'],
    ['the protocol', concat(HEADER, line('na'), line('/b/1')), 'done'],
  ])('%s', (_what, bytes, expected) => {
    expect(Negotiation.outbound().take(bytes)).toBe(expected)
  })
})
