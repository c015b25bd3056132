import { describe, expect, it } from '@jest/globals'
import { type ClientSession, type ByteDuplex, duplexPair, frame, ProtocolError } from '@sr/protocol'
import { goDocument, goMessage } from '../src/index.ts'
import { print } from '@sr/xr'
import { RequestStream } from '../src/client/request-stream.ts'
import { BODY, connect, echo, failure, peer, withSession, WRITER } from './scripted-peer.ts'

const OTHER = '12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE'
const ANSWER = frame(goMessage.encode({ type: 'update', key: Uint8Array.of(107) }))

const put = async (session: ClientSession): Promise<{ code: string; applied: string }> =>
  await failure(async () => {
    await session.update('k', BODY, { ttl: 1 })
  })

/** Lets everything run that waits for nothing but its turn. */
const settled = async (): Promise<void> => {
  await new Promise((resolve) => setImmediate(resolve))
}

/** A stream of which each call does what a test says. */
function stream(calls: Partial<ByteDuplex>): ByteDuplex {
  return {
    open: true,
    read: async () => await new Promise(() => {}),
    write: async () => {},
    close: async () => {},
    abort: () => {},
    ...calls,
  }
}

describe('an update that fails', () => {
  it('may have been applied when the stream died after it was sent; when no stream opens, it was not', async () => {
    const { open, asked } = peer((message, _stream, request) => (request === 1 ? 'reset' : echo(message)))
    let dials = 0
    await withSession(
      { open: async () => (++dials === 1 ? await open() : await Promise.reject(new Error('no route'))) },
      async (session) => {
        await session.update('k', BODY, { ttl: 1 })
        expect(await put(session)).toEqual({ code: 'PROTOCOL_RESET', applied: 'unknown' })
        expect(await put(session)).toEqual({ code: 'PROTOCOL_UNREACHABLE', applied: 'no' })
      },
    )
    expect(asked.map((messages) => messages.length)).toEqual([2])
  })

  it.each([null, undefined, 'enough', 0])('is aborted for any reason: %p', async (reason) => {
    const caller = new AbortController()
    const { open } = peer(() => {
      caller.abort(reason)
      return 'nothing'
    })
    await withSession({ open }, async (session) => {
      for (const applied of ['unknown', 'no']) {
        // while it is under way, and before
        expect(
          await failure(async () => {
            await session.update('k', BODY, { ttl: 1, signal: caller.signal })
          }),
        ).toEqual({ code: 'PROTOCOL_ABORTED', applied })
      }
    })
  })

  it.each(Array.from({ length: 12 }, (_, turns) => turns))(
    'may have happened only when it went out: given up after %p turns',
    async (turns) => {
      const { open } = peer((message, _stream, request) => (request === 0 ? echo(message) : 'nothing'))
      let writes = 0
      const counted = async (): Promise<ByteDuplex> => {
        const ours = await open()
        return stream({
          read: async () => await ours.read(),
          write: async (bytes) => {
            writes++
            await ours.write(bytes)
          },
          abort: (reason) => {
            ours.abort(reason)
          },
        })
      }
      await withSession({ open: counted }, async (session) => {
        await session.update('k', BODY, { ttl: 1 })
        const caller = new AbortController()
        const answer = failure(async () => {
          await session.update('k', BODY, { ttl: 1, signal: caller.signal })
        })
        for (let i = 0; i < turns; i++) {
          await Promise.resolve()
        }
        caller.abort()
        expect(await answer).toEqual({ code: 'PROTOCOL_ABORTED', applied: writes === 2 ? 'unknown' : 'no' })
      })
    },
  )

  it.each([null, undefined, 'gone'])(
    'is a lost connection, which may be retried, when the stream fails with %p',
    async (reason) => {
      const open = async (): Promise<ByteDuplex> => stream({ read: async () => await Promise.reject(reason) })
      await withSession({ open }, async (session) => {
        expect(await put(session)).toEqual({ code: 'PROTOCOL_CLOSED', applied: 'unknown' })
      })
    },
  )
})

describe('the time of a call', () => {
  const ms = async (time: number): Promise<void> => {
    await new Promise((resolve) => {
      setTimeout(resolve, time)
    })
  }

  it("is not the peer's while it waits for earlier calls: each has the whole time of the peer", async () => {
    const { open } = peer(async (message) => {
      await ms(150)
      return echo(message)
    })
    await withSession({ open, timeoutMs: 400 }, async (session) => {
      const records = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(async (key) => await session.get(key)))
      expect(records.map(({ documents }) => documents.size)).toEqual([1, 1, 1, 1, 1, 1])
    })
  })

  it('does not run for the answer while the stream is opened', async () => {
    const { open } = peer(async (message) => {
      await ms(250)
      return echo(message)
    })
    const slow = async (): Promise<ByteDuplex> => {
      await ms(250)
      return await open()
    }
    await withSession({ open: slow, timeoutMs: 400 }, async (session) => {
      expect((await session.get('k')).documents.size).toBe(1)
    })
  })

  it.each([
    ['waits for earlier ones', 'PROTOCOL_BUSY', 'waitMs', 'no', /earlier calls .* 30 ms; .* not sent/],
    ['opens a stream', 'PROTOCOL_TIMEOUT', 'timeoutMs', 'no', /no stream .* within 60 ms/],
    ['waits for its answer', 'PROTOCOL_TIMEOUT', 'timeoutMs', 'unknown', /did not answer within 60 ms/],
  ] as const)('that %s is limited, and its error says what took too long', async (what, code, limit, applied, text) => {
    const { open, asked } = peer(() => 'nothing')
    const never = what === 'opens a stream'
    const setup = {
      open: never ? async () => await new Promise<never>(() => {}) : open,
      timeoutMs: what === 'waits for earlier ones' ? Infinity : 60,
      waitMs: 30,
    }
    await withSession(setup, async (session) => {
      const first = session.update('k', BODY, { ttl: 1 }).catch((err: unknown) => err)
      const err =
        what === 'waits for earlier ones'
          ? await session.update('k', BODY, { ttl: 1 }).catch((reason: unknown) => reason)
          : await first
      expect(err).toMatchObject({ name: 'ProtocolError', code, limit, applied, retryable: true })
      expect((err as Error).message).toMatch(text)
    })
    expect(asked.flat().length).toBe(never ? 0 : 1)
  })
})

describe('closing a session', () => {
  it('fails what is asked and what waits, dials nothing for it, and serves what comes later', async () => {
    const { promise: asking, resolve: ask } = Promise.withResolvers<void>()
    const { open, asked, ended } = peer((message, number) => {
      ask()
      return number === 0 ? 'nothing' : echo(message)
    })
    const session = connect({ open })
    const [first, second] = [put(session), put(session)]
    await asking
    session.close()
    const later = session.get('later')
    expect(await first).toEqual({ code: 'PROTOCOL_SHUTDOWN', applied: 'unknown' })
    expect(await second).toEqual({ code: 'PROTOCOL_SHUTDOWN', applied: 'no' })
    expect(await ended[0]).toBe('reset')
    expect((await later).documents.size).toBe(1)
    session.close()
    expect(asked.map((messages) => messages.map(({ type }) => type))).toEqual([['update'], ['get']])
  })

  it.each([
    ['after', false],
    ['in the moment of', true],
  ])('lets a stream go that opens %s the closing', async (_name, before) => {
    const [ours, theirs] = duplexPair()
    const { promise: opening, resolve } = Promise.withResolvers<ByteDuplex>()
    const signals: AbortSignal[] = []
    const session = connect({
      open: (signal) => {
        signals.push(signal)
        return opening
      },
    })
    const answer = put(session)
    await settled()
    if (before) {
      resolve(ours)
      // the race for the stream is won now, and the loser does not know yet
      await Promise.resolve()
      await Promise.resolve()
    }
    session.close()
    resolve(ours)
    expect(await answer).toEqual({ code: 'PROTOCOL_SHUTDOWN', applied: 'no' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    await expect(theirs.read()).rejects.toMatchObject({ code: 'PROTOCOL_RESET' })
    expect(session.idle).toBe(true)
  })
})

describe('one request on one stream', () => {
  const ask = async (calls: Partial<ByteDuplex>): Promise<Uint8Array> =>
    await new RequestStream(stream(calls)).ask(Uint8Array.of(1, 2), new AbortController().signal)
  const refused = async (): Promise<never> => {
    throw new ProtocolError('PROTOCOL_CLOSED', 'the stream takes no more')
  }
  /** Some turns of the event loop's own, as a stream takes that has the bytes at hand. */
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      await Promise.resolve()
    }
  }

  it('has its answer though not all of it could be sent', async () => {
    const read = async (): Promise<Uint8Array> => {
      await turns()
      return ANSWER
    }
    expect(frame(await ask({ write: refused, read }))).toEqual(ANSWER)
  })

  it('fails with what the peer did, not with the write that this broke', async () => {
    const read = async (): Promise<never> => {
      await turns()
      throw new ProtocolError('PROTOCOL_RESET', 'the other side reset the stream')
    }
    await expect(ask({ write: refused, read })).rejects.toMatchObject({ code: 'PROTOCOL_RESET' })
  })

  it('fails with the write when nothing comes', async () => {
    await expect(ask({ write: refused })).rejects.toMatchObject({ code: 'PROTOCOL_CLOSED' })
  })

  it('is not followed by another on a stream that did not take it whole', async () => {
    const { promise: writing, resolve } = Promise.withResolvers<void>()
    const requests = new RequestStream(
      stream({
        write: async () => {
          await writing
        },
        read: async () => ANSWER,
      }),
    )
    await requests.ask(Uint8Array.of(1, 2), new AbortController().signal)
    expect(requests.usable).toBe(false)
    resolve()
    await settled()
    expect(requests.usable).toBe(true)
  })

  it.each([null, 'enough'])('tells its stream an Error when it is aborted for %p', async (reason) => {
    const stop = new AbortController()
    const told: unknown[] = []
    const { promise: reset, reject } = Promise.withResolvers<never>()
    const requests = new RequestStream(
      stream({
        read: async () => await reset,
        abort: (err) => {
          told.push(err)
          reject(err)
        },
      }),
    )
    const answer = requests.ask(Uint8Array.of(1, 2), stop.signal)
    stop.abort(reason)
    await expect(answer).rejects.toBeInstanceOf(Error)
    expect(told).toEqual([expect.any(Error)])
    expect(told).toMatchObject([{ cause: reason }])
  })
})

describe('a record with a document that cannot be read', () => {
  const readable = btoa(String.fromCharCode(...goDocument.encode(BODY)))
  const value = new TextEncoder().encode(`{"${WRITER}":"${btoa('{"type":')}","${OTHER}":"${readable}"}`)
  const { open } = peer(({ type, key }) => frame(goMessage.encode({ type, key, value })))

  it('fails, and the error says whose it is and what to do', async () => {
    await withSession({ open }, async (session) => {
      const err = await session.get('k').catch((reason: unknown) => reason)
      expect(err).toMatchObject({ name: 'XrError', code: 'XR_SYNTAX', path: [WRITER] })
      expect((err as Error).message).toContain(WRITER)
      expect((err as Error).message).toContain('onUnreadable')
    })
  })

  it('gives the others when a caller takes it', async () => {
    const taken: string[] = []
    await withSession({ open }, async (session) => {
      const { documents } = await session.get('k', {
        onUnreadable: (writer, { code }) => {
          taken.push(`${writer} ${code}`)
        },
      })
      expect([...documents].map(([writer, { document }]) => `${writer} ${print(document)}`)).toEqual([`${OTHER} {x=1}`])
    })
    expect(taken).toEqual([`${WRITER} XR_SYNTAX`])
  })
})
