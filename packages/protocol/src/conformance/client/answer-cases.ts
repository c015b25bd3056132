import { encodeGot, encodePong, encodeRefusal, encodeUpdated } from '../../messages/index.ts'
import { assertSame } from '../case.ts'
import { documentItem, EPOCH, message, part, STORED, WRITER } from './samples.ts'
import { type ClientCase, errorOf, given } from './setup.ts'

const REVISION = { epoch: EPOCH, counter: 8 }

/** What a client does with answers that it expects, that are later versions', or that no request of its belongs to. */
export const answerCases: readonly ClientCase[] = [
  given('ignores further elements of answers, documents and results', async (server, session) => {
    const calls = [session.get('k'), session.update('k', { nick: 'bob' }, { ttl: 60 }), session.ping()] as const
    const stream = await server.stream()
    const [get, update, ping] = [await stream.expect('get'), await stream.expect('update'), await stream.expect('ping')]
    const { writer, seq, next, ends, tree } = documentItem({ nick: 'bob' })
    const more = ['later', null, new Map()]
    await stream.send(
      message(ping.id, 0, 99, ...more),
      message(update.id, 0, [[0, 3, 7, 7, 1_800_000_000_000, 700, [], ...more]], ...more),
      message(
        get.id,
        0,
        [EPOCH, 8],
        [[writer, 0, seq, next, ends, tree, ...more]],
        null,
        new Map([['later', 1]]),
        ...more,
      ),
    )
    const [view, receipt, now] = await Promise.all(calls)
    assertSame(
      [view.documents.get(WRITER)?.document.get('nick'), receipt.changed, now],
      ['bob', true, 99],
      'the answers',
    )
  }),
  given('ignores unknown keys of a detail', async (server, session) => {
    const call = errorOf(session.ping())
    const stream = await server.stream()
    const { id } = await stream.expect('ping')
    await stream.send(
      message(
        id,
        33,
        new Map<string, string | number>([
          ['name', 'policy'],
          ['later', 1],
        ]),
      ),
    )
    const { code, retryable, ...rest } = await call
    assertSame([code, retryable, (rest as { subject?: string }).subject], ['E_DENIED', false, 'policy'], 'the error')
  }),
  given('decides by bit 6 of an unknown code whether to repeat', async (server, session) => {
    const [lasting, passing] = [
      errorOf(session.ping()),
      session.info().then(
        () => 'fulfilled',
        () => 'rejected',
      ),
    ]
    const stream = await server.stream()
    const [ping, info] = [await stream.expect('ping'), await stream.expect('info')]
    await stream.send(message(ping.id, 63, new Map()), message(info.id, 127, new Map([['wait', 1]])))
    const again = await stream.expect('info')
    await stream.send(message(again.id, 62, new Map()))
    assertSame([(await lasting).code, await passing], ['E_INTERNAL', 'rejected'], 'what the calls came to')
  }),
  given('matches answers by id, in any order', async (server, session) => {
    const calls = [session.ping(), session.ping(), session.ping()]
    const stream = await server.stream()
    const ids = [await stream.next(), await stream.next(), await stream.next()].map(({ id }) => id)
    assertSame(
      ids.every((id, i) => i === 0 || id > (ids[i - 1] as number)),
      true,
      'ids rise',
    )
    await stream.send(...ids.map((id, i) => encodePong(id, i)).reverse())
    assertSame(await Promise.all(calls), [0, 1, 2], 'the answers')
  }),
  ...(
    [
      ['an answer to no request', (id) => [encodePong(id + 1000, 0)]],
      ['a second answer', (id) => [encodePong(id, 0), encodePong(id, 0)]],
      ['a part after the end', (id) => [encodePong(id, 0), part(id, { kind: 'gap', counter: 1 })]],
      ['a part of a request without parts', (id) => [part(id, { kind: 'gap', counter: 1 })]],
      ['an answer without an id', () => [encodePong(0, 0)]],
      ['a refusal that cannot be read', (id) => [message(id, 33, new Map([['at', [Uint8Array.of(0xff)]]]))]],
      ['what is no message', () => [Uint8Array.of(0xff)]],
    ] as ReadonlyArray<readonly [string, (id: number) => Uint8Array[]]>
  ).map(([name, messages]) =>
    given(`abandons the stream after ${name}, and repeats what may be`, async (server, session) => {
      const ping = session.ping()
      const first = await server.stream()
      const { id } = await first.expect('ping')
      const get = session.get('k')
      await first.expect('get')
      await first.send(...messages(id))
      assertSame(await first.gone(), 'reset', 'the stream')
      const second = await server.stream()
      second.serve(({ id: again, request: { op } }) =>
        op === 'ping' ? encodePong(again, 5) : encodeGot(again, REVISION, { documents: [] }, undefined),
      )
      assertSame([(await get).documents.size, [0, 5].includes(await ping)], [0, true], 'the answers')
    }),
  ),
  given('reads a record page by page, and joins what was cut', async (server, session) => {
    const call = session.get('k')
    const stream = await server.stream()
    const first = await stream.expect('get')
    const cursor = Uint8Array.of(9)
    const cut = { ...documentItem({ peers: ['ann'] }), goesOn: true }
    await stream.send(encodeGot(first.id, REVISION, { documents: [cut] }, cursor))
    const second = await stream.expect('get')
    assertSame([...(second.request.after ?? [])], [9], 'the cursor')
    const later = { ...REVISION, counter: 9 }
    await stream.send(
      encodeGot(second.id, later, { documents: [documentItem({ nick: 'bob', peers: ['eve'] })] }, undefined),
    )
    const { documents, revision } = await call
    const found = String(documents.get(WRITER)?.document)
    assertSame([found, revision?.counter], ['{peers=["ann" "eve"] nick="bob"}', 8], 'the record')
  }),
  given('says what the server refused', async (server, session) => {
    const call = errorOf(session.update('k', { nick: 'bob' }, { ttl: 60 }))
    const stream = await server.stream()
    const { id } = await stream.expect('update')
    const refusal = {
      status: 'E_QUOTA_WRITER',
      retryable: true,
      applied: 'no',
      limit: 'bytes',
      max: 5,
      got: 6,
    } as const
    await stream.send(encodeUpdated(id, [refusal]))
    const { code, ...rest } = await call
    const { limit, max, got } = rest as { limit?: string; max?: number; got?: number }
    assertSame([code, limit, max, got], ['E_QUOTA_WRITER', 'bytes', 5, 6], 'the error')
  }),
  given(
    'cancels on the wire when its caller aborts, and takes no offence at the end that follows',
    async (server, session) => {
      const controller = new AbortController()
      const call = errorOf(session.get('k', { signal: controller.signal }))
      const stream = await server.stream()
      const { id } = await stream.expect('get')
      controller.abort()
      assertSame((await call).code, 'PROTOCOL_ABORTED', 'the error')
      assertSame((await stream.expect('cancel')).id, id, 'the id')
      const ping = session.ping()
      const { id: next } = await stream.expect('ping')
      await stream.send(
        encodeRefusal(id, { status: 'E_CANCELLED', retryable: false, applied: 'no' }),
        encodePong(next, 3),
      )
      assertSame([await ping, stream.ended], [3, undefined], 'the next answer, on the same stream')
    },
  ),
  given('repeats what the server refuses for the moment', async (server, session) => {
    const call = session.update('k', { nick: 'bob' }, { ttl: 60 })
    const stream = await server.stream()
    const first = await stream.expect('update')
    const refusal = { status: 'E_BUSY', retryable: true, applied: 'no', waitMs: 5 } as const
    await stream.send(encodeRefusal(first.id, refusal))
    const second = await stream.expect('update')
    await stream.send(encodeUpdated(second.id, [refusal]))
    const third = await stream.expect('update')
    await stream.send(encodeUpdated(third.id, [STORED]))
    assertSame((await call).counter, 7, 'the receipt')
  }),
]
