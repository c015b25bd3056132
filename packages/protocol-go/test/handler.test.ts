import { describe, expect, it } from '@jest/globals'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { FrameReader, MAX_FRAME_BYTES, ProtocolError, serveContext, type ServedDocument } from '@sr/protocol'
import { type Dict, equal, Predicate } from '@sr/xr'
import { goMessage, goRecordValue } from '../src/index.ts'
import { handle, type HandlerInit } from '../src/server/handler.ts'
import { bytes, dict, SELF, verdicts } from './samples.ts'

const PEERS = await Promise.all(
  Array.from({ length: 60 }, async (_, i) =>
    peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(i))).toString(),
  ),
)

/** What a view says of a document beside it. */
const UNSIGNED = { seq: 1, signed: false, forked: false, next: undefined, ends: 1 } as const

/** A record of many writers, and which documents were looked at. */
function recordOf(writers: number, document: Dict): { record: Map<string, ServedDocument>; seen: string[] } {
  const seen: string[] = []
  const record = new Map(
    PEERS.slice(0, writers).map((peer) => {
      const view: ServedDocument = {
        ...UNSIGNED,
        get document() {
          seen.push(peer)
          return document
        },
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
    get: async () => ({ revision: { epoch: new Uint8Array(16), counter: 1 }, documents: record }),
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
  const parts = await handle(request, context, {
    verdicts,
    signal,
    onHeld: () => {},
    yield: context.scheduler.yield,
    ...own,
  })
  const reader = new FrameReader()
  for (const part of parts) {
    reader.push(part)
  }
  return reader.next() as Uint8Array
}

describe('an answer of many documents', () => {
  it('that do not fit into a frame holds those that fit, the smallest first, in order', async () => {
    const { record } = recordOf(60, large)
    const writers = [...record.keys()].sort()
    const small = dict({ small: true })
    // the last two writers in order have small documents
    for (const peer of writers.slice(-2)) {
      record.set(peer, { document: small, ...UNSIGNED })
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

  it.each<[string, number, Dict]>([
    ['ten large documents', 10, large],
    [
      'one document of 5,000 entries',
      1,
      dict(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, { x: { y: 'z' } }]))),
    ],
    [
      'one document of 2,000 predicates that are rewritten',
      1,
      dict(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, new Predicate('dialed', [BigInt(i)])]))),
    ],
  ])('yields every few milliseconds within %s', async (_what, writers, document) => {
    const { record } = recordOf(writers, document)
    await ask(record) // compiles the code
    const slices: number[] = []
    let since = process.threadCpuUsage()
    const message = await ask(record, {
      yield: async () => {
        const { user, system } = process.threadCpuUsage(since)
        slices.push((user + system) / 1000)
        since = process.threadCpuUsage()
      },
    })
    expect(goRecordValue.decode(goMessage.decode(message).value).size).toBe(writers)
    expect(slices.length).toBeGreaterThan(1)
    // milliseconds of the processor: 2, the part that was begun then, and what collecting garbage takes
    expect(slices.toSorted((a, b) => a - b)[slices.length >> 1]).toBeLessThan(10)
  })

  it('says what it holds while others have their turn, and stops when that is too much', async () => {
    const { record, seen } = recordOf(10, large)
    const held: number[] = []
    const full = new ProtocolError('PROTOCOL_BUSY', 'full')
    await expect(
      ask(record, {
        onHeld: (now) => {
          held.push(now)
          if (held.length === 2) {
            throw full
          }
        },
      }),
    ).rejects.toBe(full)
    expect(seen.length).toBeLessThan(10)
    expect(held[1]).toBeGreaterThan(Math.max(100_000, held[0] as number))
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
    expect(held).toHaveLength(1)
    expect(seen.length).toBeLessThan(10)
  })
})
