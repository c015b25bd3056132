import type { WatchPart } from '../../client.ts'
import { encodePong, encodeRefusal } from '../../messages/index.ts'
import { assertSame } from '../case.ts'
import { beginning, change, documentItem, EPOCH, message, part, WRITER } from './samples.ts'
import { type ClientCase, errorOf, given } from './setup.ts'

/** What a client does with the parts of a watch, and after a lost stream. */
export const watchCases: readonly ClientCase[] = [
  given('passes on snapshot, marker and changes', async (server, session) => {
    const watch = session.watch('k')
    const parts = take(watch, 3)
    const stream = await server.stream()
    const { id, request } = await stream.expect('watch')
    assertSame(request.from, undefined, 'the revision asked for')
    await stream.send(...beginning(id, 8, { nick: 'bob' }), change(id, 9, 'nick', 'rob'))
    assertSame(
      (await parts).map(describe),
      [`snapshot ${WRITER} {nick="bob"}`, 'marker 8', 'changes 9 nick=rob'],
      'the parts',
    )
    await watch.return?.()
    assertSame((await stream.expect('cancel')).id, id, 'the id of the cancel')
  }),
  given('skips parts of an unknown kind, and ignores further elements', async (server, session) => {
    const watch = session.watch('k')
    const parts = take(watch, 2)
    const stream = await server.stream()
    const { id } = await stream.expect('watch')
    const { writer, seq, next, ends, tree } = documentItem({ nick: 'bob' })
    await stream.send(
      message(id, 1, 6, 'later'),
      message(id, 1, 0, [[writer, 16, seq, next, ends, tree, 'later']], 'later'),
      message(id, 1, 1, [EPOCH, 8], 'later'),
    )
    assertSame((await parts).map(describe), [`snapshot ${WRITER} {nick="bob"}`, 'marker 8'], 'the parts')
    await watch.return?.()
  }),
  given('joins documents of a snapshot that come in pieces', async (server, session) => {
    const watch = session.watch('k')
    const parts = take(watch, 2)
    const stream = await server.stream()
    const { id } = await stream.expect('watch')
    await stream.send(
      part(id, { kind: 'snapshot', documents: [{ ...documentItem({ peers: ['ann'] }), goesOn: true }] }),
      part(id, { kind: 'snapshot', documents: [documentItem({ nick: 'bob', peers: ['eve'] })] }),
      part(id, { kind: 'marker', revision: { epoch: EPOCH, counter: 8 } }),
    )
    assertSame(
      (await parts).map(describe),
      [`snapshot ${WRITER} {peers=["ann" "eve"] nick="bob"}`, 'marker 8'],
      'the parts',
    )
    await watch.return?.()
  }),
  given('resumes after a lost stream from what it has received', async (server, session) => {
    const watch = session.watch('k')
    const parts = take(watch, 4)
    const first = await server.stream()
    const one = await first.expect('watch')
    await first.send(...beginning(one.id, 8, { nick: 'bob' }), part(one.id, { kind: 'gap', counter: 9 }))
    await first.close()
    const second = await server.stream()
    const two = await second.expect('watch')
    assertSame([two.request.from?.counter, [...(two.request.from?.epoch ?? [])]], [8, [...EPOCH]], 'the revision')
    await second.send(change(two.id, 9, 'nick', 'rob'), change(two.id, 10, 'nick', 'tom'))
    assertSame(
      (await parts).slice(2).map(describe),
      ['changes 9 nick=rob', 'changes 10 nick=tom'],
      'the parts after it',
    )
    second.reset()
    const third = await server.stream()
    assertSame((await third.expect('watch')).request.from?.counter, 10, 'the revision of the last change')
    await watch.return?.()
  }),
  given('has no revision between a reset and the next marker', async (server, session) => {
    const watch = session.watch('k')
    const parts = take(watch, 6)
    const first = await server.stream()
    const one = await first.expect('watch')
    await first.send(
      ...beginning(one.id, 8, { nick: 'bob' }),
      part(one.id, { kind: 'reset', epoch: EPOCH, why: 'too-old' }),
      part(one.id, { kind: 'snapshot', documents: [documentItem({ nick: 'tom' })] }),
    )
    first.reset()
    const second = await server.stream()
    const two = await second.expect('watch')
    assertSame(two.request.from, undefined, 'the revision')
    await second.send(...beginning(two.id, 12, { nick: 'ann' }))
    assertSame(
      (await parts).slice(2).map(describe),
      ['reset too-old', `snapshot ${WRITER} {nick="tom"}`, 'reset interrupted', `snapshot ${WRITER} {nick="ann"}`],
      'the parts after the marker',
    )
    await watch.return?.()
  }),
  given('gives credit back when the application has taken half of it', async (server, session) => {
    const watch = session.watch('k', { creditBytes: 2000 })
    const first = watch.next()
    const stream = await server.stream()
    const { id, request } = await stream.expect('watch')
    assertSame(request.credit, 2000, 'the credit')
    const long = 'x'.repeat(600)
    const messages = [1, 2, 3].map((i) => change(id, 8 + i, long, i))
    await stream.send(...messages)
    await first
    const ping = session.ping()
    const next = await stream.expect('ping')
    await stream.send(encodePong(next.id, 1))
    await ping
    await watch.next()
    const credit = await stream.expect('credit')
    assertSame(
      [credit.id, credit.request.bytes],
      [id, (messages[0]?.length ?? 0) + (messages[1]?.length ?? 0)],
      'the credit, after the second part was taken',
    )
    await watch.return?.()
  }),
  given('ends with the error of a refusal that lasts, after the parts before it', async (server, session) => {
    const watch = session.watch('k')
    const parts = take(watch, 2)
    const stream = await server.stream()
    const { id } = await stream.expect('watch')
    const refusal = { status: 'E_DENIED', retryable: false, applied: 'no' } as const
    await stream.send(...beginning(id, 8, {}), encodeRefusal(id, refusal))
    assertSame((await parts).length, 2, 'the parts')
    assertSame((await errorOf(watch.next())).code, 'E_DENIED', 'the error')
    assertSame(await watch.next(), { done: true }, 'what follows')
  }),
  given('ends when the signal aborts or the session closes', async (server, session) => {
    const controller = new AbortController()
    const [aborted, closed] = [session.watch('k', { signal: controller.signal }), session.watch('l')]
    const errors = [errorOf(aborted.next()), errorOf(closed.next())]
    const stream = await server.stream()
    const { id } = await stream.expect('watch')
    await stream.expect('watch')
    controller.abort()
    assertSame((await stream.expect('cancel')).id, id, 'the id of the cancel')
    session.close()
    const codes = (await Promise.all(errors)).map(({ code }) => code)
    assertSame(codes, ['PROTOCOL_ABORTED', 'PROTOCOL_SHUTDOWN'], 'the errors')
  }),
]

async function take(watch: AsyncIterator<WatchPart>, count: number): Promise<WatchPart[]> {
  const parts: WatchPart[] = []
  while (parts.length < count) {
    const { done, value } = await watch.next()
    if (done === true) {
      throw new Error(`the watch ended after ${parts.length} parts`)
    }
    parts.push(value)
  }
  return parts
}

function describe(one: WatchPart): string {
  switch (one.kind) {
    case 'snapshot':
      return `snapshot ${one.documents.map(({ writer, node }) => `${writer} ${String(node)}`).join()}`
    case 'marker':
      return `marker ${one.revision.counter}`
    case 'changes': {
      const events = one.documents.flatMap(({ events }) => events)
      return `changes ${one.counter} ${events.map(({ path, value }) => `${path.join('/')}=${String(value)}`).join()}`
    }
    case 'gap':
      return `gap ${one.counter}`
    case 'reset':
      return `reset ${one.why}`
    case 'updates':
      return `updates ${one.counter}`
  }
}
