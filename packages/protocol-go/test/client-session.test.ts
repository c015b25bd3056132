import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type ClientSession, type DocumentView, duplexPair, frame, type ProtocolError } from '@sr/protocol'
import { goDocument, goMessage, type GoMessage } from '../src/index.ts'
import { Dict, equal } from '@sr/xr'
import { type Answer, BODY, connect, echo, failure, peer, withSession, WRITER } from './scripted-peer.ts'

describe('a session', () => {
  it('writes and reads on one stream', async () => {
    const { open, asked } = peer(echo)
    await withSession({ open }, async (session) => {
      await session.update('k', BODY, { ttl: 60 })
      const { documents } = await session.get(Uint8Array.of(107))
      expect(equal(documents.get(WRITER)?.document as Dict, Dict.from([['key', Uint8Array.of(107)]]))).toBe(true)
    })
    expect(asked.map((stream) => stream.map(({ type, ttl }) => [type, ttl]))).toEqual([
      [
        ['update', 60n],
        ['get', 0n],
      ],
    ])
    const [update] = asked[0] as [GoMessage]
    expect(equal(goDocument.decode(update.value), BODY)).toBe(true)
  })

  it('gives each of many calls at once its own answer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(255), fc.boolean()), { minLength: 1, maxLength: 12 }),
        async (calls) => {
          const { open, asked } = peer(echo)
          await withSession({ open }, async (session) => {
            const answers = await Promise.all(
              calls.map(async ([byte, gives]) => {
                const stop = new AbortController()
                const answer = session.get(Uint8Array.of(byte), { signal: stop.signal })
                if (gives) {
                  const [{ document }] = [...(await answer).documents.values()] as [DocumentView]
                  return (document.get('key') as Uint8Array)[0]
                }
                stop.abort()
                return await answer.catch((err: ProtocolError) => err.code)
              }),
            )
            answers.forEach((answer, i) => {
              const [byte, gives] = calls[i] as [number, boolean]
              expect(answer).toBe(gives ? byte : 'PROTOCOL_ABORTED')
            })
            expect(asked.length).toBeLessThanOrEqual(1 + calls.length)
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it.each<['get' | 'update', string, (stream: number, request: number) => Answer | undefined, number, string]>([
    [
      'get',
      'a stream reset after it was used: once more on a new one',
      (stream, request) => (stream === 0 && request === 1 ? 'reset' : undefined),
      2,
      'none',
    ],
    [
      'get',
      'a stream ended after it was used: once more on a new one',
      (stream, request) => (stream === 0 && request === 1 ? 'end' : undefined),
      2,
      'none',
    ],
    [
      'get',
      'a refusal on the new one too: no third time',
      (stream, request) => (request === 1 || stream === 1 ? 'reset' : undefined),
      2,
      'PROTOCOL_RESET',
    ],
    [
      'get',
      'a reset within an answer: not again',
      (stream, request) => (stream === 0 && request === 1 ? Uint8Array.of(9, 8) : undefined),
      1,
      'PROTOCOL_TIMEOUT',
    ],
    [
      'update',
      'a stream reset after it was used: sent once',
      (_stream, request) => (request === 1 ? 'reset' : undefined),
      1,
      'PROTOCOL_RESET',
    ],
    [
      'update',
      'a stream ended after it was used: sent once',
      (_stream, request) => (request === 1 ? 'end' : undefined),
      1,
      'PROTOCOL_CLOSED',
    ],
  ])('%s on %s', async (type, _name, odd, streams, code) => {
    const { open, asked } = peer((message, stream, request) => odd(stream, request) ?? echo(message))
    await withSession({ open, ...(code === 'PROTOCOL_TIMEOUT' ? { timeoutMs: 300 } : {}) }, async (session) => {
      await session.update('k', BODY, { ttl: 1 })
      const again = async (): Promise<unknown> =>
        type === 'get' ? await session.get('k') : await session.update('k', BODY, { ttl: 1 })
      expect(await failure(again)).toEqual({
        code,
        applied: code === 'none' ? 'none' : type === 'update' ? 'unknown' : 'no',
      })
    })
    expect(asked.length).toBe(streams)
  })

  it('an update that was applied and not answered is not sent again: it would undo a removal in between', async () => {
    const members = new Set<string>()
    const { open, asked } = peer((message, _stream, request) => {
      members.add('chess')
      return request === 1 ? 'reset' : echo(message)
    })
    await withSession({ open }, async (session) => {
      await session.get('k')
      expect(await failure(async () => await session.update('k', { topics: ['chess'] }, { ttl: 9 }))).toEqual({
        code: 'PROTOCOL_RESET',
        applied: 'unknown',
      })
      members.delete('chess')
      await session.get('k')
    })
    expect(asked.flat().filter(({ type }) => type === 'update').length).toBe(1)
  })

  it.each<[string, Answer, string]>([
    ['a reset on a fresh stream', 'reset', 'PROTOCOL_RESET'],
    ['an end without an answer', 'end', 'PROTOCOL_CLOSED'],
    ['silence', 'nothing', 'PROTOCOL_TIMEOUT'],
    ['an empty frame', Uint8Array.of(0), 'PROTOCOL_FRAME'],
    ['a length without end', Uint8Array.of(0x80, 0x80, 0x80, 0x80), 'PROTOCOL_FRAME'],
    ['an answer of 5 MiB', Uint8Array.of(0x80, 0x80, 0xc0, 0x02), 'PROTOCOL_TOO_LARGE'],
    ['no message', Uint8Array.of(1, 0xff), 'PROTOCOL_PROTO'],
    [
      'the answer to another key',
      frame(goMessage.encode({ type: 'update', key: Uint8Array.of(1) })),
      'PROTOCOL_ANSWER',
    ],
    [
      'the answer to another type',
      frame(goMessage.encode({ type: 'get', key: Uint8Array.of(107) })),
      'PROTOCOL_ANSWER',
    ],
  ])('%s', async (_name, answer, code) => {
    const { open, asked } = peer(() => answer)
    await withSession({ open, ...(code === 'PROTOCOL_TIMEOUT' ? { timeoutMs: 50 } : {}) }, async (session) => {
      expect(
        await failure(async () => {
          await session.update('k', BODY, { ttl: 1 })
        }),
      ).toEqual({ code, applied: 'unknown' })
    })
    expect(asked.length).toBe(1)
  })

  it.each<[string, (session: ClientSession) => Promise<unknown>, string]>([
    ['an empty key', async (one) => await one.get(''), 'PROTOCOL_KEY'],
    ['a key of 1,025 bytes', async (one) => await one.get('k'.repeat(1025)), 'PROTOCOL_KEY'],
    ['a key with half a surrogate pair', async (one) => await one.get('a\ud800'), 'PROTOCOL_KEY'],
    [
      'no time to live',
      async (one) => {
        await one.update('k', BODY, { ttl: 0 })
      },
      'PROTOCOL_TTL',
    ],
    [
      'half a second to live',
      async (one) => {
        await one.update('k', BODY, { ttl: 0.5 })
      },
      'PROTOCOL_TTL',
    ],
    [
      'a body that is no Dict',
      async (one) => {
        await one.update('k', 1n as never, { ttl: 1 })
      },
      'PROTOCOL_DOC',
    ],
    [
      'a body of 300 KiB',
      async (one) => {
        await one.update('k', Dict.from(Array.from({ length: 5 }, (_, i) => [`k${i}`, 'x'.repeat(60_000)])), { ttl: 1 })
      },
      'PROTOCOL_TOO_LARGE',
    ],
    [
      'a body of 4 MiB',
      async (one) => {
        await one.update('k', Dict.from([['x', 'x'.repeat(4 << 20)]]), { ttl: 1 })
      },
      'PROTOCOL_TOO_LARGE',
    ],
    [
      'a signal that is aborted already',
      async (one) => await one.get('k', { signal: AbortSignal.abort() }),
      'PROTOCOL_ABORTED',
    ],
  ])('refuses %s, and sends nothing', async (_name, run, code) => {
    const { open, asked } = peer(echo)
    await withSession({ open }, async (session) => {
      expect(await failure(async () => await run(session))).toEqual({ code, applied: 'no' })
    })
    expect(asked).toEqual([])
  })

  it('says that a peer cannot be reached', async () => {
    await withSession(
      {
        open: async () => {
          throw new Error('no route')
        },
      },
      async (session) => {
        expect(await failure(async () => await session.get('k'))).toEqual({
          code: 'PROTOCOL_UNREACHABLE',
          applied: 'no',
        })
      },
    )
  })

  it('does not wait for a stream that does not open, and lets it go when it does', async () => {
    const [late, theirs] = duplexPair()
    const { promise: opening, resolve } = Promise.withResolvers<typeof late>()
    await withSession({ open: () => opening, timeoutMs: 30 }, async (session) => {
      expect(
        await failure(async () => {
          await session.update('k', BODY, { ttl: 1 })
        }),
      ).toEqual({ code: 'PROTOCOL_TIMEOUT', applied: 'no' })
      resolve(late)
      await expect(theirs.read()).rejects.toMatchObject({ code: 'PROTOCOL_RESET' })
    })
  })

  it('is idle when nothing is asked and no stream is left', async () => {
    const { open } = peer(echo)
    const session = connect({ open })
    expect(session.idle).toBe(true)
    const answer = session.get('k')
    expect(session.idle).toBe(false)
    await answer
    expect(session.idle).toBe(false)
    session.close()
    expect(session.idle).toBe(true)
  })

  it('leaves no timer and no listener behind', async () => {
    const { open } = peer(echo)
    const caller = new AbortController()
    let listeners = 0
    const add = caller.signal.addEventListener.bind(caller.signal)
    const remove = caller.signal.removeEventListener.bind(caller.signal)
    caller.signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    caller.signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    }
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    await withSession({ open }, async (session) => {
      for (let i = 0; i < 20; i++) {
        await session.get('k', { signal: caller.signal })
      }
    })
    expect([listeners, timers() - before]).toEqual([0, 0])
  })

  it('goes on after a caller gave up, on a stream of its own', async () => {
    const { promise: hanging, resolve: hang } = Promise.withResolvers<void>()
    const { open, asked } = peer((message, stream) => {
      hang()
      return stream === 0 ? 'nothing' : echo(message)
    })
    await withSession({ open }, async (session) => {
      const stop = new AbortController()
      const given = failure(async () => await session.get('a', { signal: stop.signal }))
      const after = session.get('b')
      await hanging
      stop.abort()
      expect((await given).code).toBe('PROTOCOL_ABORTED')
      expect((await after).documents.size).toBe(1)
    })
    expect(asked.map((stream) => stream.length)).toEqual([1, 1])
  })

  it('ends an unused stream, and opens another for the next request', async () => {
    const { open, asked, ended } = peer(echo)
    await withSession({ open, idleMs: 1 }, async (session) => {
      await session.get('a')
      expect(await ended[0]).toBe('end')
      await session.get('b')
    })
    expect(asked.map((stream) => stream.length)).toEqual([1, 1])
  })
})
