import { delay } from '@sr/runtime'
import { encodePong, encodeRefusal, encodeUpdated, type UpdateItem } from '../../messages/index.ts'
import { assertSame } from '../case.ts'
import { STORED } from './samples.ts'
import { type ClientCase, errorOf, given } from './setup.ts'

const SHUTDOWN = { status: 'E_SHUTDOWN', retryable: true, applied: 'no', waitMs: 1 } as const

/** What a client repeats by itself, and what it does not. */
export const repeatCases: readonly ClientCase[] = [
  given('does not repeat an own update that may have been applied', async (server, session) => {
    const call = errorOf(session.update('k', { nick: 'bob' }, { ttl: 60 }))
    const stream = await server.stream()
    await stream.expect('update')
    stream.reset()
    const { applied } = await call
    const ping = session.ping()
    const second = await server.stream()
    await second.send(encodePong((await second.expect('ping')).id, 4))
    assertSame([applied, await ping], ['unknown', 4], 'the error, and the first request on the next stream')
  }),
  given('repeats signed updates, and own ones with ifSeq', async (server, session) => {
    const signed = Uint8Array.of(0x0a, 1, 2, 3)
    const results = session.submit([{ signed }, { key: 'k', body: { nick: 'bob' }, ttl: 60, ifSeq: 0 }])
    const first = await server.stream()
    const { request } = await first.expect('update')
    first.reset()
    const second = await server.stream()
    const again = await second.expect('update')
    assertSame(plain(again.request.items), plain(request.items), 'the items sent again')
    await second.send(encodeUpdated(again.id, [STORED, STORED]))
    assertSame(
      (await results).map((one) => 'stored' in one && one.stored),
      [true, true],
      'the results',
    )
  }),
  given('reports that a first attempt may be what the second one found', async (server, session) => {
    const call = errorOf(session.update('k', { nick: 'bob' }, { ttl: 60, ifSeq: 0 }))
    const first = await server.stream()
    await first.expect('update')
    first.reset()
    const second = await server.stream()
    const { id } = await second.expect('update')
    await second.send(encodeUpdated(id, [{ status: 'E_STALE', retryable: false, applied: 'no', seq: 7 }]))
    const { code, applied } = await call
    assertSame([code, applied], ['E_STALE', 'unknown'], 'the error')
  }),
  given('repeats what a stopping server says that it has not begun, own updates too', async (server, session) => {
    const begun = session.update('a', { x: 1 }, { ttl: 60 })
    const untouched = session.update('b', { x: 2 }, { ttl: 60 })
    const first = await server.stream()
    const [one] = [await first.expect('update'), await first.expect('update')]
    await first.send(encodeRefusal(0, SHUTDOWN, { last: one.id }))
    const second = await server.stream()
    const again = await second.expect('update')
    await second.send(encodeUpdated(again.id, [{ ...STORED, counter: 9 }]))
    await first.send(encodeUpdated(one.id, [STORED]))
    assertSame([(await begun).counter, (await untouched).counter], [7, 9], 'the receipts')
    await first.close()
    assertSame(await first.gone(), 'end', 'the first stream')
  }),
  given(
    'does not conclude that time is up when its process has slept',
    async (server, session) => {
      const call = session.ping()
      const stream = await server.stream()
      const { id } = await stream.expect('ping')
      await stream.send(encodePong(id, 6))
      const until = performance.now() + 1500
      while (performance.now() < until) {
        // holds the event loop, as a frozen page does
      }
      assertSame(await call, 6, 'the answer')
    },
    600,
  ),
  given(
    'fails with PROTOCOL_TIMEOUT when the server is silent, and opens another stream for what follows',
    async (server, session) => {
      const call = errorOf(session.update('k', { x: 1 }, { ttl: 60 }))
      const first = await server.stream()
      await first.expect('update')
      const { code, applied } = await call
      assertSame([code, applied], ['PROTOCOL_TIMEOUT', 'unknown'], 'the error')
      const ping = session.ping()
      const second = await server.stream()
      await second.send(encodePong((await second.expect('ping')).id, 1))
      assertSame([await ping, await first.gone()], [1, 'reset'], 'the next answer')
      await delay(0)
    },
    300,
  ),
  given('fails at once when no stream can be opened', async (server, session) => {
    server.isDown = true
    const { code, applied } = await errorOf(session.update('k', { x: 1 }, { ttl: 60 }))
    assertSame([code, applied], ['PROTOCOL_UNREACHABLE', 'no'], 'the error')
  }),
]

function plain(items: readonly UpdateItem[]): unknown {
  return items.map((item) => Object.values(item).map((value) => (value instanceof Uint8Array ? [...value] : value)))
}
