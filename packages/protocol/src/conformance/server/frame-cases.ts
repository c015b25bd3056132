import { encode } from '@sr/xr/cbor'
import { frame } from '../../frame.ts'
import { encodeRequest, MAX_MESSAGE_BYTES, readPong } from '../../messages/index.ts'
import { assertSame } from '../case.ts'
import { codeOf, type RawClient } from './raw-client.ts'
import { serving, type ServerCase } from './setup.ts'

const PING = frame(encodeRequest(1, { op: 'ping' }))

/** A message about the stream with a status, and then its end. */
async function assertEnds(client: RawClient, code: string): Promise<void> {
  const notice = await client.next()
  assertSame([notice?.id, codeOf(notice)], [0, code], 'the message about the stream')
  assertSame(await client.next(), undefined, 'what follows it')
}

function ends(name: string, bytes: Uint8Array, code: string): ServerCase {
  return serving(name, async ({ client }) => {
    client.write(bytes)
    await assertEnds(client, code)
  })
}

/** Messages that are not canonical: each ends the stream, since no id can be trusted. */
const NOT_CANONICAL: ReadonlyArray<readonly [name: string, bytes: readonly number[]]> = [
  ['a list of a length that is not shortest', [0x98, 2, 1, 7]],
  ['an id that is not shortest', [0x82, 0x18, 1, 7]],
  ['a list of indefinite length', [0x9f, 1, 7, 0xff]],
  ['a float', [0x82, 1, 0xf9, 0, 0]],
  ['a tag', [0x82, 1, 0xc1, 7]],
  ['options out of order', [0x84, 1, 2, 0x41, 1, 0xa2, 0x62, 0x6d, 0x73, 1, 0x61, 0x77, 0x80]],
  ['an option twice', [0x84, 1, 2, 0x41, 1, 0xa2, 0x62, 0x6d, 0x73, 1, 0x62, 0x6d, 0x73, 1]],
  ['a text that is not UTF-8', [0x84, 1, 2, 0x41, 1, 0xa1, 0x61, 0xff, 1]],
  ['bytes behind it', [0x82, 1, 7, 0]],
]

/** Frames, canonical messages and ids. */
export const frameCases: readonly ServerCase[] = [
  ends('frame-varint-4th-byte', Uint8Array.of(0x80, 0x80, 0x80), 'E_FRAME'),
  ends('frame-zero', Uint8Array.of(0), 'E_FRAME'),
  ends('frame-nonminimal', Uint8Array.of(0x83, 0), 'E_FRAME'),
  ends('frame-too-large', frame(new Uint8Array(MAX_MESSAGE_BYTES + 1)).subarray(0, 8), 'E_TOO_LARGE'),
  serving('frame-split-every-byte', async ({ client }) => {
    for (const byte of PING) {
      client.write(Uint8Array.of(byte))
      await Promise.resolve()
    }
    assertSame(readPong(await client.answer(1)) > 0, true, 'the answer')
  }),
  serving('frame-64-in-a-chunk', async ({ client }) => {
    const frames = Array.from({ length: 64 }, (_, i) => frame(encodeRequest(i + 1, { op: 'ping' })))
    const chunk = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const one of frames) {
      chunk.set(one, at)
      at += one.length
    }
    client.write(chunk)
    for (let id = 1; id <= 64; id++) {
      assertSame((await client.answer(id)).type, 'answer', `the answer to ${id}`)
    }
  }),
  serving('fin-inside a frame', async ({ client }) => {
    client.write(PING.subarray(0, PING.length - 1))
    await client.end()
    await assertEnds(client, 'E_FRAME')
  }),
  serving(
    'stall inside a frame',
    async ({ client }) => {
      client.write(PING.subarray(0, 1))
      await assertEnds(client, 'E_TIMEOUT')
    },
    { needs: ['timeouts'], frameMs: 100 },
  ),
  serving(
    'idle: the server ends its side',
    async ({ client }) => {
      assertSame(await client.next(), undefined, 'what the server sends')
    },
    { needs: ['timeouts'], idleMs: 100 },
  ),
  ...NOT_CANONICAL.map(([name, bytes]) => ends(`not canonical: ${name}`, frame(Uint8Array.from(bytes)), 'E_PROTO')),
  ends('id-0', frame(encode([0, 7])), 'E_PROTO'),
  ends('id-max', frame(encode([2 ** 32, 7])), 'E_PROTO'),
  ...(['repeat', 'down'] as const).map((name) =>
    serving(`id-${name}`, async ({ client }) => {
      await client.ask(5, { op: 'ping' })
      client.send(name === 'repeat' ? 5 : 4, { op: 'ping' })
      await assertEnds(client, 'E_PROTO')
    }),
  ),
  serving('ids may leave gaps, up to 2^32 - 1', async ({ client }) => {
    await client.ask(7, { op: 'ping' })
    assertSame((await client.ask(2 ** 32 - 1, { op: 'ping' })).type, 'answer', 'the answer to the greatest id')
  }),
  serving('half-close-finishes', async ({ client }) => {
    client.send(1, { op: 'ping' })
    await client.end()
    assertSame((await client.answer(1)).type, 'answer', 'the answer')
    assertSame(await client.next(), undefined, 'what follows')
  }),
  serving('shutdown-last', async ({ client, server }) => {
    await client.ask(3, { op: 'ping' })
    server.stop()
    const notice = await client.next()
    const detail = notice?.rest[0] as ReadonlyMap<string, unknown>
    assertSame([notice?.id, codeOf(notice), detail.get('last')], [0, 'E_SHUTDOWN', 3], 'the message about the stream')
    assertSame(await client.next(), undefined, 'what follows')
  }),
]
