import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { set } from '@sr/ir'
import { from } from '@sr/xr'
import { Feed } from '../src/feed/feed.ts'
import { recordId, type StoreEvent } from '../src/index.ts'
import { codeOf, KEY, START, startMachine } from './setup.ts'

const index = (hash: string) => ({
  record: 'aa',
  hash,
  retain: 1,
  writer: 'ann',
  chargedTo: 'ann',
  cost: 1,
  resumed: false,
  signed: true,
  local: false,
})

describe('a feed', () => {
  it('tells every put and drop after its commit, in order, with its source', async () => {
    const at = await startMachine()
    const feed = at.machine.feed()
    const first = await at.sign('ann', { a: 1 }, { seq: START * 1000, expires: START + 7_200_000 })
    await at.say('ann', set(from({ a: 2 })) as never, 5)
    await at.clock.advance(7_300_000)
    const events: StoreEvent[] = []
    while (events.length < 4) events.push((await feed.next()).value as StoreEvent)
    const record = recordId(KEY)
    expect(events).toMatchObject([
      { kind: 'put', number: 1, record, writer: 'ann', hash: first.hash, signed: true, local: false, via: 'peer' },
      { kind: 'drop', number: 2, hash: first.hash, via: 'author' },
      { kind: 'put', number: 3, signed: false, local: true, via: 'author' },
      { kind: 'drop', number: 4, via: 'own' },
    ])
    expect(await at.machine.readUpdate(KEY, first.hash)).toBeUndefined()
    await feed.return?.()
    expect(await feed.next()).toEqual({ done: true, value: undefined })
  })

  it('adds up to the store, whatever happens meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('ann', 'bob'), fc.nat(2), fc.integer({ min: 1, max: 9 })), { maxLength: 40 }),
        async (steps) => {
          const at = await startMachine()
          const feed = at.machine.feed()
          for (const [writer, value, seconds] of steps) {
            await at.say(writer, { [`k${value}`]: value }, seconds, Uint8Array.of(value))
            await at.clock.advance(seconds * 300)
          }
          const abort = new AbortController()
          const live = new Set<string>()
          const stored = await at.machine.indexPage({ limit: 1000 })
          const { revision } = await at.machine.info()
          const stop = at.machine.feed({ after: { epoch: revision.epoch, number: 0 }, signal: abort.signal })
          for (let number = 1; number > 0;) {
            const pulled = await Promise.race([
              feed.next(),
              new Promise<undefined>((r) => setImmediate(() => r(undefined))),
            ])
            const event = pulled?.value as StoreEvent | undefined
            if (event === undefined) break
            expect(event.number).toBe(number++)
            if (event.kind === 'put') live.add(event.hash)
            else live.delete(event.hash)
          }
          expect([...live].sort()).toEqual(stored.map(({ hash }) => hash).sort())
          abort.abort(new Error('done'))
          await expect(stop.next()).rejects.toThrow('done')
          await at.machine.close()
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)

  it('that is not read costs nothing and tells of a gap; one that is closed ends', async () => {
    const epoch = new Uint8Array(8)
    const feed = new Feed(epoch)
    const [behind, late] = [feed.read({}), feed.read({ after: { epoch, number: 0 } })]
    const waiting = behind.next()
    for (let n = 1; n <= 40_000; n++) feed.append('put', index(String(n)), 'own')
    feed.wake()
    expect((await waiting).value).toEqual({ kind: 'gap', number: 40_001 - 16_384 })
    expect((await behind.next()).value).toMatchObject({ kind: 'put', number: 40_001 - 16_384 })
    expect((await late.next()).value).toEqual({ kind: 'gap', number: 40_001 - 16_384 })
    feed.close(new Error('closed'))
    await expect(behind.next()).rejects.toThrow('closed')
    const foreign = feed.read({ after: { epoch: new Uint8Array(8).fill(1), number: 40_000 } })
    expect((await foreign.next()).value).toMatchObject({ kind: 'gap' })
    const abort = AbortSignal.abort(new Error('before'))
    await expect(feed.read({ signal: abort }).next()).rejects.toThrow('before')
    const at = await startMachine()
    await at.machine.close()
    expect(await codeOf((async () => at.machine.feed())())).toBe('VM_SHUTDOWN')
  })
})
