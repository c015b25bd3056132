import { describe, expect, it } from '@jest/globals'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { goMessage, goRecordValue } from '@sr/protocol-go'
import { MAX_FRAME_BYTES, ProtocolError } from '@sr/protocol'
import type { DocumentView } from '@sr/vm'
import { type Dict, equal } from '@sr/xr'
import { answer, type HandlerInit } from '../src/handler.ts'
import { bytes, dict, SELF } from './raw-peer.ts'

const PEERS = await Promise.all(
  Array.from({ length: 60 }, async (_, i) =>
    peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(i))).toString(),
  ),
)

/** A record of many writers, and which documents were looked at. */
function recordOf(writers: number, document: Dict): { record: Map<string, DocumentView>; seen: string[] } {
  const seen: string[] = []
  const record = new Map(
    PEERS.slice(0, writers).map((peer) => {
      const view: DocumentView = {
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

function ask(
  record: Map<string, DocumentView>,
  own: Partial<HandlerInit> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Uint8Array> {
  const machine = {
    self: SELF,
    limits: undefined as never,
    get: async () => record,
    updateUnsigned: async () => {
      throw new Error('nothing is written here')
    },
  }
  return answer(
    goMessage.decode(goMessage.encode({ type: 'get', key: bytes('k') })),
    {
      machine,
      peer: SELF,
      observed: undefined,
      address: (text) => text,
      effectsMs: undefined,
      onHeld: () => {},
      ...own,
    },
    signal,
  )
}

describe('an answer of many documents', () => {
  it('looks at none behind the one with which it is too long', async () => {
    const { record, seen } = recordOf(60, large)
    await expect(ask(record)).rejects.toMatchObject({ code: 'PROTOCOL_TOO_LARGE' })
    const [one] = record.keys()
    const each = goRecordValue.encode(new Map([[one as string, large]])).length - 1
    expect(seen).toEqual([...record.keys()].sort().slice(0, Math.ceil(MAX_FRAME_BYTES / each)))
    expect(seen.length).toBeLessThan(15)
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
    expect(seen).toHaveLength(4)
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
    expect([seen.length, held.length]).toEqual([2, 1])
  })
})
