import { frame, statusOfCode } from '@sr/protocol'
import { readServerMessage } from '@sr/protocol/messages'
import { type CborValue, encode } from '@sr/xr/cbor'
import type { Row } from '../report/row.ts'
import { recordScenario } from './pair.ts'

const KEY = new TextEncoder().encode('refusals')
const OP = { get: 2, watch: 4, ping: 7, cancel: 8, credit: 9 }
const MAX_ID = 2 ** 32 - 1

/** An answer, part, refusal or notice, with its id. */
function messageText(bytes: Uint8Array): string {
  const { id, type, code, rest } = readServerMessage(bytes)
  if (type !== 'refusal') {
    return `${id} ${type}${type === 'part' ? ` ${String(rest[0])}` : ''}`
  }
  return `${id === 0 ? 'notice' : id} ${statusOfCode(code) ?? code}`
}

const message = (...elements: CborValue[]): Uint8Array => frame(encode(elements))
const options = (fields: Record<string, CborValue>): CborValue => new Map(Object.entries(fields))
const raw = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)

interface Case {
  readonly name: string
  readonly sent: readonly Uint8Array[]
  /** what comes back; `end` behind it where the server ends its side */
  readonly wanted: string
}

const ping = (id: number): Uint8Array => message(id, OP.ping)
const PAST_KEY = new Uint8Array(1025)
const PEER_OF_33 = new Uint8Array(33)

/** Requests after which the stream goes on. */
const LIVES: readonly Case[] = [
  { name: 'unknown op', sent: [message(1, 42), ping(2)], wanted: '1 E_TYPE, 2 answer' },
  { name: 'op 0', sent: [message(1, 0), ping(2)], wanted: '1 E_TYPE, 2 answer' },
  { name: 'key of 0 bytes', sent: [message(1, OP.get, raw()), ping(2)], wanted: '1 E_KEY, 2 answer' },
  { name: 'key of 1,025 bytes', sent: [message(1, OP.get, PAST_KEY), ping(2)], wanted: '1 E_KEY, 2 answer' },
  {
    name: 'unknown option',
    sent: [message(1, OP.get, KEY, options({ x: 1 })), ping(2)],
    wanted: '1 E_UNSUPPORTED, 2 answer',
  },
  {
    name: 'at with updates',
    sent: [message(1, OP.get, KEY, options({ as: 1, at: [] })), ping(2)],
    wanted: '1 E_UNSUPPORTED, 2 answer',
  },
  { name: 'an element too many', sent: [message(1, OP.ping, options({}), 1), ping(2)], wanted: '1 E_PROTO, 2 answer' },
  { name: 'empty options', sent: [message(1, OP.get, KEY, options({})), ping(2)], wanted: '1 answer, 2 answer' },
  {
    name: 'default values of options',
    sent: [message(1, OP.get, KEY, options({ as: 0, at: [], max: 65_536, ms: 10_000 })), ping(2)],
    wanted: '1 answer, 2 answer',
  },
  {
    name: 'renewed false',
    sent: [message(1, OP.watch, KEY, 0, options({ renewed: false })), ping(2)],
    wanted: '1 E_PROTO, 2 answer',
  },
  {
    name: 'max below 1,024',
    sent: [message(1, OP.get, KEY, options({ max: 1023 })), ping(2)],
    wanted: '1 E_PROTO, 2 answer',
  },
  {
    name: 'writer of 33 bytes',
    sent: [message(1, OP.get, KEY, options({ w: [PEER_OF_33] })), ping(2)],
    wanted: '1 E_PROTO, 2 answer',
  },
  {
    name: 'path of 65 keys',
    sent: [message(1, OP.get, KEY, options({ at: Array.from({ length: 65 }, () => raw(0x61, 0x61)) })), ping(2)],
    wanted: '1 E_PROTO, 2 answer',
  },
  {
    name: 'path of no value',
    sent: [message(1, OP.get, KEY, options({ at: [raw(0xf6)] })), ping(2)],
    wanted: '1 E_DOC, 2 answer',
  },
  {
    name: 'cursor of another server',
    sent: [message(1, OP.get, KEY, options({ after: raw(1, 2, 3) })), ping(2)],
    wanted: '1 E_PROTO, 2 answer',
  },
  { name: 'an update without items', sent: [message(1, 1, []), ping(2)], wanted: '1 E_PROTO, 2 answer' },
  { name: 'greatest id', sent: [ping(MAX_ID)], wanted: `${MAX_ID} answer` },
  { name: 'gap of ids', sent: [ping(5), ping(9)], wanted: '5 answer, 9 answer' },
  {
    name: 'controls of an id that was skipped',
    sent: [ping(5), message(3, OP.cancel), message(3, OP.credit, 1024), ping(6)],
    wanted: '5 answer, 6 answer',
  },
  {
    name: 'credit of a request that is no watch',
    sent: [ping(1), message(1, OP.credit, 1024), ping(2)],
    wanted: '1 answer, 2 answer',
  },
  {
    name: 'watch without credit, cancelled',
    sent: [message(1, OP.watch, KEY, 0), message(1, OP.credit, 0), message(1, OP.cancel), ping(2)],
    wanted: '1 E_CANCELLED, 2 answer',
  },
]

/** Faults of a stream. */
const ENDS: readonly Case[] = [
  { name: 'id 0', sent: [ping(0)], wanted: 'notice E_PROTO, end' },
  { name: 'id above 2^32 - 1', sent: [ping(MAX_ID + 1)], wanted: 'notice E_PROTO, end' },
  { name: 'id repeated', sent: [ping(5), ping(5)], wanted: 'notice E_PROTO, end' },
  { name: 'id that falls', sent: [ping(5), ping(4)], wanted: 'notice E_PROTO, end' },
  { name: 'id not rising and unknown op', sent: [ping(5), message(5, 42)], wanted: 'notice E_PROTO, end' },
  { name: 'control of a later id', sent: [ping(1), message(2, OP.cancel)], wanted: 'notice E_PROTO, end' },
  { name: 'credit of 1', sent: [ping(1), message(1, OP.credit, 1)], wanted: 'notice E_PROTO, end' },
  { name: 'list of one element', sent: [message(1)], wanted: 'notice E_PROTO, end' },
  { name: 'integer in more bytes than needed', sent: [raw(4, 0x82, 0x18, 1, 7)], wanted: 'notice E_PROTO, end' },
  { name: 'a float', sent: [message(1, 2, KEY), raw(4, 0x82, 0xf9, 0, 0)], wanted: 'notice E_PROTO, end' },
  { name: 'bytes behind the list', sent: [raw(4, 0x82, 1, 7, 0)], wanted: 'notice E_PROTO, end' },
  {
    name: 'map keys out of order',
    sent: [raw(10, 0x84, 1, 2, 0x41, 0x61, 0xa2, 0x61, 0x77, 0x61, 0x61)],
    wanted: 'notice E_PROTO, end',
  },
  {
    name: 'depth 9',
    sent: [raw(11, 0x82, 1, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0)],
    wanted: 'notice E_PROTO, end',
  },
  { name: 'frame of length 0', sent: [raw(0)], wanted: 'notice E_FRAME, end' },
  { name: 'length not minimal', sent: [raw(0x83, 0)], wanted: 'notice E_FRAME, end' },
  { name: 'length of four bytes', sent: [raw(0xff, 0xff, 0xff)], wanted: 'notice E_FRAME, end' },
  { name: 'frame too large', sent: [raw(0x81, 0x80, 0x40)], wanted: 'notice E_TOO_LARGE, end' },
]

function rowsOf(cases: readonly Case[], ends: boolean): Row[] {
  return cases.flatMap(({ name, sent, wanted }) =>
    recordScenario(`refusal: ${name}`, wanted, async ({ a }) => {
      const expected = ends ? Infinity : wanted.split(', ').length
      const { frames, ended } = await a.raw(Buffer.concat(sent), expected)
      const seen = frames.map(messageText)
      if (!ends) {
        // requests on one stream may be answered in any order
        return seen.sort(byId).join(', ')
      }
      // a request before the fault may have been answered; nothing follows the notice
      return [...seen.slice(seen[0]?.endsWith('answer') ? 1 : 0), ...(ended ? ['end'] : [])].join(', ')
    }),
  )
}

function byId(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10)
}

/** Frames that are made by hand. */
export const refusalRows: Row[] = [...rowsOf(LIVES, false), ...rowsOf(ENDS, true)]
