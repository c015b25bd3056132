import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { type CborValue, encode } from '@sr/xr/cbor'
import { ProtocolError, type Refusal, toRefusal } from '../src/index.ts'
import {
  encodeExplained,
  encodeGot,
  encodeInformed,
  encodePart,
  encodePong,
  encodeRefusal,
  encodeRequest,
  encodeRows,
  encodeUpdated,
  OPS,
  type Part,
  partMessage,
  readExplained,
  readGot,
  readInformed,
  readLast,
  readPart,
  readPong,
  readRefusal,
  readRequest,
  readRequestHead,
  readRows,
  readServerMessage,
  readUpdated,
  type UpdateResult,
} from '../src/messages/index.ts'

interface Example {
  readonly name: string
  readonly side: 'C' | 'S'
  readonly hex: string
}

const FILE = new URL('../../../vectors/wire/1.0.0/smart-record-1.0.0.json', import.meta.url)
const EXAMPLES = (JSON.parse(readFileSync(FILE, 'utf8')) as { messages: readonly Example[] }).messages

/** The message of an example, without its length. */
function messageOf({ hex }: Example): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
  return bytes.subarray((bytes[0] as number) < 0x80 ? 1 : 2)
}

/** Operation and options of the request with an id. */
const REQUESTS = new Map(
  EXAMPLES.filter(({ side }) => side === 'C').flatMap((example) => {
    const head = readRequestHead(messageOf(example))
    return head.op === OPS.cancel || head.op === OPS.credit ? [] : [[head.id, readRequest(head)] as const]
  }),
)

function isResult(result: UpdateResult | ProtocolError): result is UpdateResult {
  return !(result instanceof ProtocolError)
}

function results(of: ReadonlyArray<UpdateResult | ProtocolError>): Array<UpdateResult | Refusal> {
  return of.map((result) => (isResult(result) ? result : toRefusal(result)))
}

/** Reads what a server sent and writes it again. */
function roundTrip(bytes: Uint8Array): Uint8Array {
  const message = readServerMessage(bytes)
  const { id } = message
  if (message.type === 'refusal') {
    const err = readRefusal(message.code, message.rest[0])
    return encodeRefusal(id, toRefusal(err), { now: err.now, last: readLast(message) })
  }
  if (message.type === 'part') {
    return partMessage(id, encodePart(readPart(message) as Part))
  }
  const request = REQUESTS.get(id)
  switch (request?.op) {
    case 'update':
      return encodeUpdated(id, results(readUpdated(message)))
    case 'get': {
      const { revision, documents, updates, after } = readGot(message, request.as ?? 'view')
      const content = documents === undefined ? updates && { updates } : { documents }
      return encodeGot(id, revision, content, after)
    }
    case 'query': {
      const { revision, rows, after } = readRows(message)
      return encodeRows(id, revision, rows, after)
    }
    case 'explain': {
      const { result, ...rest } = readExplained(message)
      return encodeExplained(id, { ...rest, result: results([result])[0] as UpdateResult | Refusal })
    }
    case 'info':
      return encodeInformed(id, readInformed(message))
    default:
      return encodePong(id, readPong(message))
  }
}

describe('messages of /smart-record/1.0.0', () => {
  it('are those of the vectors', () => {
    expect(EXAMPLES).toHaveLength(36)
  })

  it.each(EXAMPLES.filter(({ side }) => side === 'C'))('client: $name', (example) => {
    const bytes = messageOf(example)
    const head = readRequestHead(bytes)
    const written = encodeRequest(head.id, readRequest(head))
    expect(Buffer.from(written).toString('hex')).toBe(Buffer.from(bytes).toString('hex'))
  })

  it.each(EXAMPLES.filter(({ side }) => side === 'S'))('server: $name', (example) => {
    const bytes = messageOf(example)
    expect(Buffer.from(roundTrip(bytes)).toString('hex')).toBe(Buffer.from(bytes).toString('hex'))
  })
})

const KEY = Uint8Array.of(107)
const WRITER = new Uint8Array(38)

describe('readRequest refuses', () => {
  const options = (entries: ReadonlyArray<readonly [string, CborValue]>): CborValue => new Map(entries)
  const table: ReadonlyArray<readonly [name: string, message: CborValue, code: string]> = [
    ['an unknown operation', [1, 10], 'PROTOCOL_TYPE'],
    ['an unknown option', [1, 2, KEY, options([['x', 1]])], 'PROTOCOL_UNSUPPORTED'],
    ['an option of another request', [1, 2, KEY, options([['tags', ['a']]])], 'PROTOCOL_UNSUPPORTED'],
    ['an element too many', [1, 2, KEY, options([]), 1], 'PROTOCOL_PROTO'],
    ['an element too many of ping', [1, 7, 1], 'PROTOCOL_PROTO'],
    ['options that are no map', [1, 2, KEY, [1]], 'PROTOCOL_PROTO'],
    ['an empty key', [1, 2, new Uint8Array(0)], 'PROTOCOL_KEY'],
    ['a key of 1,025 bytes', [1, 2, new Uint8Array(1025)], 'PROTOCOL_KEY'],
    ['a key that is a text', [1, 2, 'k'], 'PROTOCOL_PROTO'],
    ['no items', [1, 1, []], 'PROTOCOL_PROTO'],
    ['257 items', [1, 1, Array.from({ length: 257 }, () => KEY)], 'PROTOCOL_PROTO'],
    ['an item of one element', [1, 1, [[KEY]]], 'PROTOCOL_PROTO'],
    ['an item of five elements', [1, 1, [[KEY, KEY, 1, 1, 1]]], 'PROTOCOL_PROTO'],
    ['no writers', [1, 2, KEY, options([['w', []]])], 'PROTOCOL_PROTO'],
    ['257 writers', [1, 2, KEY, options([['w', Array.from({ length: 257 }, () => WRITER)]])], 'PROTOCOL_PROTO'],
    ['a page of 1,023 bytes', [1, 2, KEY, options([['max', 1023]])], 'PROTOCOL_PROTO'],
    ['a page of 524,289 bytes', [1, 2, KEY, options([['max', 524_289]])], 'PROTOCOL_PROTO'],
    ['a time of 0 ms', [1, 2, KEY, options([['ms', 0]])], 'PROTOCOL_PROTO'],
    ['a time of 60,001 ms', [1, 2, KEY, options([['ms', 60_001]])], 'PROTOCOL_PROTO'],
    ['a form that is neither view nor updates', [1, 2, KEY, options([['as', 2]])], 'PROTOCOL_PROTO'],
    ['an epoch of 7 bytes', [1, 2, KEY, options([['have', [new Uint8Array(7), 1]]])], 'PROTOCOL_PROTO'],
    ['a cursor of 262,145 bytes', [1, 2, KEY, options([['after', new Uint8Array(262_145)]])], 'PROTOCOL_PROTO'],
    ['501 rows', [1, 3, KEY, [0], options([['n', 501]])], 'PROTOCOL_PROTO'],
    [
      '17 tags',
      [1, 3, KEY, [0], options([['tags', Array.from({ length: 17 }, (_, i) => String(i))]])],
      'PROTOCOL_PROTO',
    ],
    ['a step that is neither key, 0 nor 1', [1, 3, KEY, [2]], 'PROTOCOL_PROTO'],
    ['renewed that is false', [1, 4, KEY, 0, options([['renewed', false]])], 'PROTOCOL_PROTO'],
    ['a credit of 1,023 bytes', [1, 9, 1023], 'PROTOCOL_PROTO'],
    ['a negative credit', [1, 9, -1], 'PROTOCOL_PROTO'],
  ]

  it.each(table)('%s', (_, message, code) => {
    const head = readRequestHead(encode(message))
    expect(() => readRequest(head)).toThrow(expect.objectContaining({ code }))
  })
})

describe('readRequestHead refuses', () => {
  const table: ReadonlyArray<readonly [name: string, bytes: Uint8Array]> = [
    ['nothing', new Uint8Array(0)],
    ['what is no list', encode(new Map([['a', 1]]))],
    ['an empty list', encode([])],
    ['id 0', encode([0, 7])],
    ['id 2^32', encode([2 ** 32, 7])],
    ['an operation that is a text', encode([1, 'ping'])],
    ['a length that is not the shortest', Uint8Array.of(0x82, 0x18, 1, 7)],
    ['bytes behind the message', Uint8Array.of(0x82, 1, 7, 0)],
    ['depth 9', encode([1, 2, [[[[[[[[1]]]]]]]]])],
    ['4,097 items', encode([1, 2, Array.from({ length: 4094 }, () => 1)])],
  ]

  it.each(table)('%s', (_, bytes) => {
    expect(() => readRequestHead(bytes)).toThrow(expect.objectContaining({ code: 'PROTOCOL_PROTO' }))
  })
})

describe('an answer', () => {
  it('may have further elements and keys', () => {
    const result: CborValue = [0, 3, 5, 6, 7, 8, [], 'later']
    const message = readServerMessage(encode([1, 0, [result], 'later', 9]))
    expect(readUpdated(message)).toEqual([expect.objectContaining({ stored: true, changed: true, seq: 5, charge: 8 })])
    const epoch = new Uint8Array(8)
    const got = readGot(
      readServerMessage(encode([2, 0, [epoch, 1, 'later'], [], null, new Map([['later', 1]]), 1])),
      'view',
    )
    expect(got).toEqual({ revision: { epoch, counter: 1 }, documents: [], after: undefined, partial: false })
  })

  it.each([
    [100, true],
    [50, false],
  ])('with the unknown code %i is retryable by its bit: %s', (code, retryable) => {
    expect(readRefusal(code, new Map())).toMatchObject({ code: 'E_INTERNAL', retryable })
  })
})
