import { CborReader } from '@sr/xr/cbor'
import type { ClientSession } from '../../client.ts'
import { duplexPair } from '../../memory-duplex.ts'
import { encodePong, encodeRefusal, encodeUpdated, RECORD_PROTOCOL } from '../../messages/index.ts'
import { assertSame } from '../case.ts'
import { STORED } from './samples.ts'
import { ScriptedServer, type ScriptedStream } from './scripted-server.ts'
import { type ClientCase, errorOf } from './setup.ts'

/** Time of the scripted server, and how far the clock of the client is ahead, milliseconds. */
const NOW = 1_800_000_000_000
const AHEAD_MS = 3_600_000

/** `/ipfs/smart-record/0.0.1`; get of the key `k`, and an answer without a document. */
const GO_PROTOCOL = '/ipfs/smart-record/0.0.1'
const GO_ANSWER = Uint8Array.of(9, 8, 1, 18, 1, 107, 26, 2, 123, 125)

/** What a client does that signs. */
const signingCases: readonly ClientCase[] = [
  signing(
    'signs, with a seq that rises, and returns the envelope',
    () => NOW,
    async (stream, session) => {
      const seqs: number[] = []
      for (let i = 0; i < 3; i++) {
        const call = session.update('k', { i }, { ttl: 60 })
        const update = await nextSigned(stream)
        seqs.push(update.seq)
        await stream.send(encodeUpdated(update.id, [{ ...STORED, seq: update.seq }]))
        assertSame([...((await call).signed ?? [])], [...update.bytes], 'the envelope of the receipt')
      }
      assertSame(
        seqs.every((seq, i) => seq > (seqs[i - 1] ?? 0) && Math.abs(seq / 1000 - NOW) < 2),
        true,
        `seq rises: ${String(seqs)}`,
      )
    },
  ),
  signing(
    'says again what another device has overtaken, above it',
    () => NOW,
    async (stream, session) => {
      const call = session.update('k', { nick: 'bob' }, { ttl: 60 })
      const first = await nextSigned(stream)
      const theirs = first.seq + 5_000_000
      await stream.send(encodeUpdated(first.id, [{ ...STORED, changed: false, seq: theirs }]))
      const second = await nextSigned(stream)
      await stream.send(encodeUpdated(second.id, [{ ...STORED, seq: second.seq }]))
      assertSame([second.seq > theirs, (await call).changed], [true, true], 'the second update')
    },
  ),
  signing(
    'does not follow a seq of the far future',
    () => NOW,
    async (stream, session) => {
      const call = session.update('k', { nick: 'bob' }, { ttl: 60 })
      const first = await nextSigned(stream)
      await stream.send(encodeUpdated(first.id, [{ ...STORED, changed: false, seq: 2 ** 53 - 2 }]))
      assertSame((await call).changed, false, 'the receipt')
      const next = session.update('k', { nick: 'bob' }, { ttl: 60 })
      const second = await nextSigned(stream)
      await stream.send(encodeUpdated(second.id, [{ ...STORED, seq: second.seq }]))
      await next
      assertSame(second.seq / 1000 < NOW + 1000, true, 'the clock of the next update')
    },
  ),
  signing(
    'goes by the clock of a server that answers E_CLOCK, and keeps seq where it was',
    () => NOW + AHEAD_MS,
    async (stream, session) => {
      const call = errorOf(session.update('k', { nick: 'bob' }, { ttl: 60 }))
      const first = await nextSigned(stream)
      await stream.send(encodeRefusal(first.id, { status: 'E_CLOCK', retryable: true, applied: 'no' }, { now: NOW }))
      const { code, ...rest } = await call
      const { now, aheadMs = 0 } = rest as { now?: number; aheadMs?: number }
      assertSame([code, now, Math.round(aheadMs / 1000)], ['E_CLOCK', NOW, AHEAD_MS / 1000], 'the error')
      const next = session.update('k', { nick: 'bob' }, { ttl: 60 })
      const second = await nextSigned(stream)
      await stream.send(encodeUpdated(second.id, [{ ...STORED, seq: second.seq }]))
      await next
      assertSame(
        Math.abs(second.seq / 1000 - NOW) < 1000,
        true,
        `seq of the second update is at the server's clock: ${second.seq}`,
      )
    },
  ),
]

const fallbackCases: readonly ClientCase[] = [
  {
    name: 'a client: offers both protocols at once, and speaks the one that was chosen',
    needs: ['fallback'],
    async run({ fallback }) {
      const offers: Array<readonly string[]> = []
      const session = (fallback as NonNullable<typeof fallback>)(async (protocols) => {
        offers.push(protocols)
        const [theirs, ours] = duplexPair()
        void ours.read().then(async () => await ours.write(GO_ANSWER))
        return { protocol: GO_PROTOCOL, duplex: theirs }
      })
      const { documents, revision } = await session.get('k')
      assertSame(
        [offers, documents.size, revision],
        [[[RECORD_PROTOCOL, GO_PROTOCOL]], 0, undefined],
        'offers and answer',
      )
      assertSame((await errorOf(session.getUpdates('k'))).code, 'PROTOCOL_UNSUPPORTED', 'what 0.0.1 does not have')
      session.close()
    },
  },
]

/** What a client does with another protocol, and with a key of its own. */
export const protocolCases: readonly ClientCase[] = [...signingCases, ...fallbackCases]

function signing(
  name: string,
  now: () => number,
  run: (stream: ScriptedStream, session: ClientSession) => Promise<void>,
): ClientCase {
  return {
    name: `a client that signs: ${name}`,
    needs: ['signing'],
    async run({ signing: connect }) {
      const server = new ScriptedServer()
      const session = await (connect as NonNullable<typeof connect>)(server.open, now)
      try {
        const ping = session.ping()
        const stream = await server.stream()
        await stream.send(encodePong((await stream.expect('ping')).id, 0))
        await ping
        await run(stream, session)
      } finally {
        session.close()
      }
    },
  }
}

interface Signed {
  readonly id: number
  readonly bytes: Uint8Array
  readonly seq: number
}

/** The next request, which must be an update that is signed. */
async function nextSigned(stream: ScriptedStream): Promise<Signed> {
  const { id, request } = await stream.expect('update')
  const [item] = request.items
  if (item === undefined || !('signed' in item)) {
    throw new Error('expected a signed update')
  }
  const reader = new CborReader(payloadOf(item.signed))
  reader.list()
  reader.text()
  reader.bytes()
  reader.bytes()
  return { id, bytes: item.signed, seq: reader.int() }
}

/** Field 3 of an envelope. */
function payloadOf(envelope: Uint8Array): Uint8Array {
  for (let at = 0; at < envelope.length;) {
    const tag = envelope[at++] as number
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const byte = envelope[at++] as number
      length |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        break
      }
    }
    if (tag >> 3 === 3) {
      return envelope.subarray(at, at + length)
    }
    at += length
  }
  throw new Error('expected an envelope with a payload')
}
