import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type ByteDuplex, duplexPair, frame, FrameReader, type SrpError } from '@sr/protocol/wire'
import { goDocument, goMessage, type GoMessage, goRecordValue } from '@sr/protocol/go'
import { Dict, equal } from '@sr/xr'
import { createExchange, type Exchange } from '../src/exchange.ts'

const WRITER = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
const BODY = Dict.from([['x', 1n]])

/** What a peer does with a request: its answer's bytes, or the end of the stream. */
type Answer = Uint8Array | 'reset' | 'end' | 'nothing'

/** A peer in memory that answers by a script, and remembers what it was asked, stream by stream. */
function peer (answer: (message: GoMessage, stream: number, request: number) => Answer | Promise<Answer>): { open: () => Promise<ByteDuplex>, asked: GoMessage[][], ends: ByteDuplex[] } {
  const asked: GoMessage[][] = []
  const ends: ByteDuplex[] = []
  return {
    asked,
    ends,
    open: async () => {
      const [ours, theirs] = duplexPair()
      const stream = asked.push([]) - 1
      ends.push(theirs)
      serve(theirs, asked[stream] as GoMessage[], async (message, request) => await answer(message, stream, request)).catch(() => {})
      return ours
    }
  }
}

async function serve (end: ByteDuplex, asked: GoMessage[], answer: (message: GoMessage, request: number) => Promise<Answer>): Promise<void> {
  const reader = new FrameReader()
  for (let chunk = await end.read(); chunk !== undefined; chunk = await end.read()) {
    reader.push(chunk)
    for (let bytes = reader.next(); bytes !== undefined; bytes = reader.next()) {
      const message = goMessage.decode(bytes)
      asked.push(message)
      const reply = await answer(message, asked.length - 1)
      if (reply === 'reset') {
        end.abort(new Error('refused'))
      } else if (reply === 'end') {
        await end.close()
      } else if (reply !== 'nothing') {
        await end.write(reply)
      }
    }
  }
}

const echo = ({ type, key }: GoMessage): Uint8Array => frame(goMessage.encode({
  type, key, ...(type === 'get' ? { value: goRecordValue.encode(new Map([[WRITER, Dict.from([['key', key]])]])) } : {})
}))

async function failure (run: () => Promise<unknown>): Promise<{ code: string, applied: string }> {
  try {
    await run()
  } catch (err) {
    const { code, applied } = err as SrpError
    return { code, applied }
  }
  return { code: 'none', applied: 'none' }
}

async function withExchange (init: Parameters<typeof createExchange>[0], run: (exchange: Exchange) => Promise<void>): Promise<void> {
  const exchange = createExchange(init)
  try {
    await run(exchange)
  } finally {
    exchange.close()
  }
}

describe('an exchange', () => {
  it('writes and reads on one stream', async () => {
    const { open, asked } = peer(echo)
    await withExchange({ open }, async (exchange) => {
      await exchange.update('k', BODY, { ttl: 60 })
      const record = await exchange.get(Uint8Array.of(107))
      expect(equal(record.get(WRITER) as Dict, Dict.from([['key', Uint8Array.of(107)]]))).toBe(true)
    })
    expect(asked.map((stream) => stream.map(({ type, ttl }) => [type, ttl]))).toEqual([[['update', 60n], ['get', 0n]]])
    const [update] = asked[0] as [GoMessage]
    expect(equal(goDocument.decode(update.value), BODY)).toBe(true)
  })

  it('gives each of many calls at once its own answer', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(255), fc.boolean()), { minLength: 1, maxLength: 12 }), async (calls) => {
      const { open, asked } = peer(echo)
      await withExchange({ open }, async (exchange) => {
        const answers = await Promise.all(calls.map(async ([byte, gives]) => {
          const stop = new AbortController()
          const answer = exchange.get(Uint8Array.of(byte), { signal: stop.signal })
          if (gives) {
            return await answer
          }
          stop.abort()
          return await answer.catch((err: SrpError) => err.code)
        }))
        answers.forEach((answer, i) => {
          const [byte, gives] = calls[i] as [number, boolean]
          const got = answer instanceof Map ? ((answer.get(WRITER) as Dict).get('key') as Uint8Array)[0] : answer
          expect(got).toBe(gives ? byte : 'SRP_ABORTED')
        })
        expect(asked.length).toBeLessThanOrEqual(1 + calls.length)
      })
    }), { numRuns: 60 })
  })

  it.each<[string, (stream: number, request: number) => Answer | undefined, number, string]>([
    ['a stream reset after it was used: once more on a new one', (stream, request) => stream === 0 && request === 1 ? 'reset' : undefined, 2, 'none'],
    ['a stream ended after it was used: once more on a new one', (stream, request) => stream === 0 && request === 1 ? 'end' : undefined, 2, 'none'],
    ['a refusal on the new one too: no third time', (_stream, request) => request === 1 || _stream === 1 ? 'reset' : undefined, 2, 'SRP_RESET'],
    ['a reset within an answer: not again', (stream, request) => stream === 0 && request === 1 ? Uint8Array.of(9, 8) : undefined, 1, 'SRP_TIMEOUT']
  ])('%s', async (_name, odd, streams, code) => {
    const { open, asked } = peer((message, stream, request) => odd(stream, request) ?? echo(message))
    await withExchange({ open, timeoutMs: 300 }, async (exchange) => {
      await exchange.update('k', BODY, { ttl: 1 })
      expect(await failure(async () => await exchange.update('k', BODY, { ttl: 1 }))).toEqual({ code, applied: code === 'none' ? 'none' : 'unknown' })
    })
    expect(asked.length).toBe(streams)
  })

  it.each<[string, Answer, string]>([
    ['a reset on a fresh stream', 'reset', 'SRP_RESET'],
    ['an end without an answer', 'end', 'SRP_CLOSED'],
    ['silence', 'nothing', 'SRP_TIMEOUT'],
    ['an empty frame', Uint8Array.of(0), 'SRP_FRAME'],
    ['a length without end', Uint8Array.of(0x80, 0x80, 0x80, 0x80), 'SRP_FRAME'],
    ['an answer of 5 MiB', Uint8Array.of(0x80, 0x80, 0xc0, 0x02), 'SRP_TOO_LARGE'],
    ['no message', Uint8Array.of(1, 0xff), 'SRP_PROTO'],
    ['the answer to another key', frame(goMessage.encode({ type: 'update', key: Uint8Array.of(1) })), 'SRP_ANSWER'],
    ['the answer to another type', frame(goMessage.encode({ type: 'get', key: Uint8Array.of(107) })), 'SRP_ANSWER']
  ])('%s', async (_name, answer, code) => {
    const { open, asked } = peer(() => answer)
    await withExchange({ open, timeoutMs: 200 }, async (exchange) => {
      expect(await failure(async () => { await exchange.update('k', BODY, { ttl: 1 }) })).toEqual({ code, applied: 'unknown' })
    })
    expect(asked.length).toBe(1)
  })

  it.each<[string, (exchange: Exchange) => Promise<unknown>, string]>([
    ['an empty key', async (one) => await one.get(''), 'SRP_KEY'],
    ['a key of 1,025 bytes', async (one) => await one.get('k'.repeat(1025)), 'SRP_KEY'],
    ['no time to live', async (one) => { await one.update('k', BODY, { ttl: 0 }) }, 'SRP_TTL'],
    ['half a second to live', async (one) => { await one.update('k', BODY, { ttl: 0.5 }) }, 'SRP_TTL'],
    ['a body that is no Dict', async (one) => { await one.update('k', 1n as never, { ttl: 1 }) }, 'SRP_DOC'],
    ['a body of 300 KiB', async (one) => { await one.update('k', Dict.from(Array.from({ length: 5 }, (_, i) => [`k${i}`, 'x'.repeat(60_000)])), { ttl: 1 }) }, 'SRP_TOO_LARGE'],
    ['a body of 4 MiB', async (one) => { await one.update('k', Dict.from([['x', 'x'.repeat(4 << 20)]]), { ttl: 1 }) }, 'SRP_TOO_LARGE'],
    ['a signal that is aborted already', async (one) => await one.get('k', { signal: AbortSignal.abort() }), 'SRP_ABORTED']
  ])('refuses %s, and sends nothing', async (_name, run, code) => {
    const { open, asked } = peer(echo)
    await withExchange({ open }, async (exchange) => {
      expect(await failure(async () => await run(exchange))).toEqual({ code, applied: 'no' })
    })
    expect(asked).toEqual([])
  })

  it('says that a peer cannot be reached', async () => {
    await withExchange({ open: async () => { throw new Error('no route') } }, async (exchange) => {
      expect(await failure(async () => await exchange.get('k'))).toEqual({ code: 'SRP_UNREACHABLE', applied: 'no' })
    })
  })

  it('does not wait for a stream that does not open, and lets it go when it does', async () => {
    const [late, theirs] = duplexPair()
    const { promise: opening, resolve } = Promise.withResolvers<typeof late>()
    await withExchange({ open: () => opening, timeoutMs: 30 }, async (exchange) => {
      expect(await failure(async () => { await exchange.update('k', BODY, { ttl: 1 }) })).toEqual({ code: 'SRP_TIMEOUT', applied: 'no' })
      resolve(late)
      await expect(theirs.read()).rejects.toMatchObject({ code: 'SRP_RESET' })
    })
  })

  it('is idle when nothing is asked and no stream is left', async () => {
    const { open } = peer(echo)
    const exchange = createExchange({ open })
    expect(exchange.idle).toBe(true)
    const answer = exchange.get('k')
    expect(exchange.idle).toBe(false)
    await answer
    expect(exchange.idle).toBe(false)
    exchange.close()
    expect(exchange.idle).toBe(true)
  })

  it('leaves no timer and no listener behind', async () => {
    const { open } = peer(echo)
    const caller = new AbortController()
    let listeners = 0
    const add = caller.signal.addEventListener.bind(caller.signal)
    const remove = caller.signal.removeEventListener.bind(caller.signal)
    caller.signal.addEventListener = (...args: Parameters<typeof add>) => { listeners++; add(...args) }
    caller.signal.removeEventListener = (...args: Parameters<typeof remove>) => { listeners--; remove(...args) }
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    await withExchange({ open }, async (exchange) => {
      for (let i = 0; i < 20; i++) {
        await exchange.get('k', { signal: caller.signal })
      }
    })
    expect([listeners, timers() - before]).toEqual([0, 0])
  })

  it('goes on after a caller gave up, on a stream of its own', async () => {
    const { open, asked } = peer((message, stream) => stream === 0 ? 'nothing' : echo(message))
    await withExchange({ open }, async (exchange) => {
      const stop = new AbortController()
      const given = failure(async () => await exchange.get('a', { signal: stop.signal }))
      const after = exchange.get('b')
      await new Promise((resolve) => setTimeout(resolve, 10))
      stop.abort()
      expect((await given).code).toBe('SRP_ABORTED')
      expect((await after).size).toBe(1)
    })
    expect(asked.map((stream) => stream.length)).toEqual([1, 1])
  })

  it('ends a stream that nobody uses, and opens another when somebody does', async () => {
    const { open, asked, ends } = peer(echo)
    await withExchange({ open, idleMs: 20 }, async (exchange) => {
      await exchange.get('a')
      await new Promise((resolve) => setTimeout(resolve, 60))
      expect(ends[0]?.open).toBe(false)
      await exchange.get('b')
    })
    expect(asked.map((stream) => stream.length)).toEqual([1, 1])
  })
})
