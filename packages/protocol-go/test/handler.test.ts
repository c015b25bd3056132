import { describe, expect, it } from '@jest/globals'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { FrameReader, MAX_FRAME_BYTES, ProtocolError, serveContext, type ServedDocument } from '@sr/protocol'
import { type Dict, equal } from '@sr/xr'
import { goMessage, goRecordValue } from '../src/index.ts'
import { handle, type HandlerInit } from '../src/server/handler.ts'
import { bytes, dict, SELF, verdicts } from './samples.ts'

const PEERS = await Promise.all(
  Array.from({ length: 60 }, async (_, i) =>
    peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(i))).toString(),
  ),
)

/** A record of many writers, and which documents were looked at. */
function recordOf(writers: number, document: Dict): { record: Map<string, ServedDocument>; seen: string[] } {
  const seen: string[] = []
  const record = new Map(
    PEERS.slice(0, writers).map((peer) => {
      const view: ServedDocument = {
        get document() {
          seen.push(peer)
          return document
        },
        signed: false,
        next: undefined,
      }
      return [peer, view]
    }),
  )
  return { record, seen }
}

const large = dict(Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`k${i}`, 'x'.repeat(50_000)])))

const counted = new Map<string, number>()

/** The message that answers a GET of the record. */
async function ask(
  record: Map<string, ServedDocument>,
  own: Partial<HandlerInit> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Uint8Array> {
  const machine = {
    self: SELF,
    limits: { maxTtl: 1 },
    get: async () => record,
    updateUnsigned: async () => {
      throw new Error('not used')
    },
    update: async () => {
      throw new Error('not used')
    },
  }
  counted.clear()
  const context = serveContext({ machine, peer: SELF, count: (name, by) => counted.set(name, by) })
  const request = goMessage.decode(goMessage.encode({ type: 'get', key: bytes('k') }))
  const frame = await handle(request, context, { verdicts, signal, onHeld: () => {}, ...own })
  const reader = new FrameReader()
  reader.push(frame)
  return reader.next() as Uint8Array
}

describe('an answer of many documents', () => {
  it('that do not fit into a frame holds those that fit, the smallest first, in order', async () => {
    const { record } = recordOf(60, large)
    const writers = [...record.keys()].sort()
    const small = dict({ small: true })
    // the last two writers in order have small documents
    for (const peer of writers.slice(-2)) {
      record.set(peer, { document: small, signed: false, next: undefined })
    }
    const message = await ask(record)
    expect(message.length).toBeLessThanOrEqual(MAX_FRAME_BYTES)
    const value = goRecordValue.decode(goMessage.decode(message).value)
    const each = goRecordValue.encode(new Map([[writers[0] as string, large]])).length - 1
    const fit = Math.floor((MAX_FRAME_BYTES - 2000) / each)
    expect([...value.keys()]).toEqual([...writers.slice(0, fit), ...writers.slice(-2)])
    expect(equal(value.get(writers.at(-1) as string) as Dict, small)).toBe(true)
    expect([...counted]).toEqual([
      ['answers.partial', 1],
      ['answers.writersLeftOut', 60 - fit - 2],
    ])
  })

  it('is empty when the only document does not fit', async () => {
    const huge = dict(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, 'x'.repeat(60_000)])))
    const { record } = recordOf(1, huge)
    expect(goRecordValue.decode(goMessage.decode(await ask(record)).value).size).toBe(0)
    expect(counted.get('answers.writersLeftOut')).toBe(1)
  })

  it('lets others have their turn between two large ones', async () => {
    const { record, seen } = recordOf(10, large)
    const looks: number[] = []
    let over = false
    const look = (): void => {
      looks.push(seen.length)
      if (!over) {
        setImmediate(look)
      }
    }
    setImmediate(look)
    const value = goRecordValue.decode(goMessage.decode(await ask(record)).value)
    over = true
    expect([value.size, [...value.values()].every((document) => equal(document, large))]).toEqual([10, true])
    // a document at a time; the next is made before it is known whether there is a next
    for (const [i, now] of looks.entries()) {
      expect(now - (looks[i - 1] ?? 0)).toBeLessThanOrEqual(2)
    }
    expect(looks.length).toBeGreaterThan(5)
  })

  it('says what it holds while others have their turn, and stops when that is too much', async () => {
    const { record, seen } = recordOf(10, large)
    const held: number[] = []
    const full = new ProtocolError('PROTOCOL_BUSY', 'full')
    await expect(
      ask(record, {
        onHeld: (now) => {
          held.push(now)
          if (held.length === 3) {
            throw full
          }
        },
      }),
    ).rejects.toBe(full)
    expect(seen).toHaveLength(3)
    expect(held.map((now, i) => now >= (i + 1) * 250_000)).toEqual([true, true, true])
  })

  it('stops when its session is over, and holds no more', async () => {
    const { record, seen } = recordOf(10, large)
    const over = new AbortController()
    const held: number[] = []
    await expect(
      ask(
        record,
        {
          onHeld: (now) => {
            held.push(now)
            over.abort(new Error('over'))
          },
        },
        over.signal,
      ),
    ).rejects.toThrow('over')
    expect([seen.length, held.length]).toEqual([1, 1])
  })
})
