import { describe, expect, it } from '@jest/globals'
import { remove, ttl } from '@sr/ir'
import { createMachine, factOn, type Receipt } from '@sr/vm'
import { manualClock, plainUpdates } from '@sr/vm/testing'
import { Dict, from, List, Predicate, print, type Plain } from '@sr/xr'
import { polls } from '../src/index.ts'

const SELF = 'server'
const KEY = Uint8Array.of(1)

const ballot = (choice: string, poll = 'lunch'): Predicate => new Predicate('ballot', [poll, choice])
const count = (quorum?: bigint): Predicate =>
  new Predicate('count', ['lunch'], quorum === undefined ? Dict.empty : Dict.from([['quorum', quorum]]))

interface Table {
  say(writer: string, body: Plain, seconds?: number): Promise<Receipt>
  /** the fact on a request, as text */
  fact(request: Predicate): Promise<string | undefined>
  /** advances the clock */
  wait(seconds: number): Promise<void>
}

async function table(): Promise<Table> {
  const clock = manualClock()
  const machine = createMachine({ self: SELF, updates: plainUpdates(SELF), grammar: polls, clock, random: () => 0 })
  await machine.start()
  return {
    async say(writer, body, seconds = 600) {
      const receipt = await machine.updateUnsigned(
        { key: KEY, writer, body: from(body), ttl: seconds },
        { via: 'author' },
      )
      await receipt.effects
      return receipt
    },
    async fact(request) {
      const own = (await machine.get(KEY)).documents.get(SELF)?.document
      const verdict = own === undefined ? undefined : factOn(own, request)
      return verdict === undefined ? undefined : print(verdict)
    },
    wait: async (seconds) => {
      await clock.advance(seconds * 1000)
    },
  }
}

describe('a poll on a machine', () => {
  it('is counted across the writers of a record and answered with a fact', async () => {
    const { say, fact } = await table()
    await say('ann', { vote: ballot('soup') })
    await say('bob', { vote: ballot('fish') })
    await say('cid', { vote: ballot('soup') })
    await say('dan', { asks: count() })
    expect(await fact(count())).toBe('counted(3, result={soup=2 fish=1})')
  })

  it('is counted again when the record changes', async () => {
    const { say, fact, wait } = await table()
    await say('dan', { asks: count() })
    expect(await fact(count())).toBe('counted(0)')
    await say('ann', { vote: ballot('soup') })
    await wait(3)
    expect(await fact(count())).toBe('counted(1, result={soup=1})')
    await say('ann', { vote: ballot('fish') })
    await wait(3)
    expect(await fact(count())).toBe('counted(1, result={fish=1})')
    await say('ann', { vote: remove() })
    await wait(3)
    expect(await fact(count())).toBe('counted(0)')
  })

  it('omits the result below the quorum', async () => {
    const { say, fact, wait } = await table()
    await say('ann', { vote: ballot('soup') })
    await say('dan', { asks: [count(2n), count()] })
    expect([await fact(count(2n)), await fact(count())]).toEqual(['counted(1)', 'counted(1, result={soup=1})'])
    await say('bob', { vote: ballot('soup') })
    await wait(3)
    expect(await fact(count(2n))).toBe('counted(2, result={soup=2})')
  })

  it('counts one vote for each writer at any path, and no vote of a writer with two choices', async () => {
    const { say, fact } = await table()
    await say('ann', { votes: [ballot('soup'), ballot('soup', 'dinner')], again: ballot('soup') })
    await say('bob', { votes: List.of(ballot('soup'), ballot('fish')) })
    await say('cid', { quote: new Predicate('quote', [ballot('fish')]), bad: new Predicate('ballot', ['lunch', 1n]) })
    await say('dan', { asks: count() })
    expect(await fact(count())).toBe('counted(1, result={soup=1})')
  })

  it('answers with the ten leading choices, for any number and length of choices', async () => {
    const { say, fact } = await table()
    const choice = (i: number): string => String.fromCharCode(97 + i).repeat(62)
    for (let i = 0; i < 12; i++) await say(`writer ${i}`, { vote: ballot(choice(i)) })
    await say('ann', { vote: ballot(choice(11)) })
    await say('bob', { vote: ballot('x'.repeat(60_000)) })
    await say('dan', { asks: count() })
    const leading = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => `${choice(i)}=1`)
    expect(await fact(count())).toBe(`counted(13, result={${[`${choice(11)}=2`, ...leading].join(' ')}})`)
  })

  it('counts no expired vote, and stops when no request remains', async () => {
    const { say, fact, wait } = await table()
    await say('ann', { vote: ttl(ballot('soup'), 100) })
    await say('dan', { asks: count() }, 200)
    expect(await fact(count())).toBe('counted(1, result={soup=1})')
    await wait(150)
    expect(await fact(count())).toBe('counted(0)')
    await wait(50)
    expect(await fact(count())).toBeUndefined()
  })

  it('accepts no fact from the document of a writer', async () => {
    const { say, fact } = await table()
    await say('ann', { facts: Dict.from([[count(), new Predicate('counted', [99n])]]) })
    expect(await fact(count())).toBeUndefined()
    await say('ann', { vote: ballot('soup') })
    await say('dan', { asks: count() })
    expect(await fact(count())).toBe('counted(1, result={soup=1})')
  })

  it('reports a malformed count and states no fact', async () => {
    const { say } = await table()
    const { problems } = await say('dan', { asks: count(0n) })
    expect(problems).toEqual([{ path: ['asks'], tag: 'count', message: 'a quorum is an Int from 1' }])
  })
})
