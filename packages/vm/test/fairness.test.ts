import { describe, expect, it } from '@jest/globals'
import { yieldToEventLoop } from '@sr/runtime'
import { joinPieces, type Node, print } from '@sr/xr'
import fc from 'fast-check'
import type { Watch, WatchEvent } from '../src/index.ts'
import { recordId } from '../src/records/record-id.ts'
import { RetainIndex, compareRefs } from '../src/store/retain-index.ts'
import type { StoreRef } from '../src/store/store.ts'
import { EventIndex, eventsAt } from '../src/watch/events.ts'
import { KEY, startMachine, type TestMachine } from './setup.ts'

const TIMEOUT_MS = 60_000
const WRITERS = 200
/** Pairs of each writer: more than are shown in one turn of the event loop, in all. */
const PAIRS = 120

/** Runs work and counts the turns of the event loop meanwhile. */
async function turnsOf<T>(work: Promise<T>): Promise<[T, number]> {
  let turns = 0
  let done = false
  const count = async (): Promise<void> => {
    for (; !done; turns++) {
      await yieldToEventLoop()
    }
  }
  const counting = count()
  const result = await work
  done = true
  await counting
  return [result, turns]
}

const pairs = (writer: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: PAIRS }, (_, n) => [`k${n}`, `${writer} ${n}`]))

/** A machine with a record of many writers; those with an odd number expire after 30 s, the others after 60 s. */
async function crowded(): Promise<{ at: TestMachine; said: ReadonlyMap<string, string> }> {
  const at = await startMachine()
  const said = new Map<string, string>()
  for (let n = 0; n < WRITERS; n++) {
    const { machine } = at
    const writer = `w${String(n).padStart(3, '0')}`
    await at.say(writer, pairs(n), n % 2 === 1 ? 30 : 60)
    // as a record with this writer alone shows it
    const alone = Uint8Array.of(9, n)
    await at.say(writer, pairs(n), 60, alone)
    said.set(writer, print((await machine.get(alone)).documents.get(writer)?.document as Node))
  }
  return { at, said }
}

const printed = (documents: Iterable<readonly [string, Node]>): ReadonlyMap<string, string> =>
  new Map(Array.from(documents, ([writer, node]) => [writer, print(node)] as const))

describe('a record of many writers', () => {
  it(
    'is shown in several turns of the event loop, as in one',
    async () => {
      const { at, said } = await crowded()
      const [{ documents }, turns] = await turnsOf(at.machine.get(KEY))
      expect(printed(Array.from(documents, ([writer, { document }]) => [writer, document] as const))).toEqual(said)
      expect(turns).toBeGreaterThan(1)
      const [, again] = await turnsOf(at.machine.get(KEY))
      expect(again).toBeLessThan(turns)
      await at.machine.close()
    },
    TIMEOUT_MS,
  )

  it(
    'is read from the store, in pages, and watched with the same result',
    async () => {
      const { at, said } = await crowded()
      const cold = await startMachine({ store: at.store, clock: at.clock })
      const [{ documents }, turns] = await turnsOf(cold.machine.get(KEY))
      expect(printed(Array.from(documents, ([writer, { document }]) => [writer, document] as const))).toEqual(said)
      expect(turns).toBeGreaterThan(1)
      const pieces = new Map<string, Node[]>()
      for (let after: Uint8Array | undefined, n = 0; n === 0 || after !== undefined; n++) {
        const page = await at.machine.getPage(KEY, after === undefined ? {} : { after })
        page.documents.forEach(({ writer, node }) => pieces.set(writer, [...(pieces.get(writer) ?? []), node]))
        after = page.after
      }
      const sorted = (map: ReadonlyMap<string, string>): string[][] =>
        Array.from(map, ([writer, text]) => [
          writer,
          ...text
            .slice(1, -1)
            .split(/ (?=k)/)
            .sort(),
        ])
      const joined = printed(Array.from(pieces, ([writer, parts]) => [writer, joinPieces(parts) as Node] as const))
      expect(sorted(joined)).toEqual(sorted(said))
      const watch = await cold.machine.watch(KEY)
      const { value } = await watch.next()
      const watched = value?.kind === 'snapshot' ? value.documents : []
      expect(printed(watched.map(({ writer, node }) => [writer, node] as const))).toEqual(said)
      await cold.machine.close()
      await at.machine.close()
    },
    TIMEOUT_MS,
  )

  it(
    'changes as a whole: a get in between shows the record before or after an update',
    async () => {
      const { at, said } = await crowded()
      const reads = [at.machine.get(KEY)]
      const update = at.say('w000', { k0: 'new', k1: 'new' })
      for (let turn = 0; turn < 5; turn++) {
        reads.push(at.machine.get(KEY))
        await yieldToEventLoop()
      }
      const seen = (await Promise.all(reads)).map(({ documents }) => {
        const document = documents.get('w000')?.document
        return `${documents.size} ${String(document?.get('k0'))} ${String(document?.get('k1'))}`
      })
      const [before, after] = [`${said.size} 0 0 0 1`, `${said.size} new new`]
      expect(new Set(seen)).toEqual(new Set([before, after]))
      expect(seen).toEqual([...seen].sort())
      expect((await update).status).toBe('stored')
      await at.machine.close()
    },
    TIMEOUT_MS,
  )

  it(
    'expires exactly where it has ended, and in all in the end',
    async () => {
      const { at, said } = await crowded()
      await at.clock.advance(31_000)
      for (let turn = 0; turn < 100; turn++) await yieldToEventLoop()
      const { documents } = await at.machine.get(KEY)
      expect([...documents.keys()]).toEqual([...said.keys()].filter((_, n) => n % 2 === 0))
      expect((await at.store.index({ limit: 1000 })).filter(({ record }) => record === recordId(KEY)).length).toBe(
        WRITERS / 2,
      )
      await at.clock.advance(60_000)
      for (let turn = 0; turn < 200; turn++) await yieldToEventLoop()
      expect([at.store.size, (await at.machine.usage('w000')).bytes]).toEqual([0, 0])
      await at.machine.close()
    },
    TIMEOUT_MS,
  )

  it(
    'has the pages of its signed updates in the order of their hashes, each once',
    async () => {
      const at = await startMachine()
      const now = at.machine.time().now
      const times = { expires: now + 60_000 }
      const hashes: string[] = []
      for (let n = 0; n < 1500; n++) {
        hashes.push((await at.sign('ann', { [`k${n}`]: 1 }, { ...times, seq: now * 1000 + n })).hash)
      }
      const read: string[] = []
      for (let after: Uint8Array | undefined, n = 0; n === 0 || after !== undefined; n++) {
        const page = await at.machine.getUpdates(KEY, {
          maxBytes: 1_000_000,
          ...(after === undefined ? {} : { after }),
        })
        for (const bytes of page.updates) read.push((await at.updates.decode(bytes)).update.hash)
        after = page.after
      }
      expect(read).toEqual(hashes.sort())
      await at.machine.close()
    },
    TIMEOUT_MS,
  )
})

describe('more watchers than are woken in one turn', () => {
  it(
    'receive every change of theirs in order, and others have their turn',
    async () => {
      const at = await startMachine()
      const count = 2500
      const watches: Watch[] = []
      for (let n = 0; n < count; n++) {
        const watch = await at.machine.watch(KEY, { at: [`k${n}`] })
        await watch.next()
        await watch.next()
        watches.push(watch)
      }
      const received = Promise.all(
        watches.map(async (watch) => [(await watch.next()).value, (await watch.next()).value] as const),
      )
      const all = (value: number): Record<string, number> =>
        Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, value + n]))
      await at.say('ann', all(0))
      await at.say('ann', all(count))
      const [parts, turns] = await turnsOf(received)
      expect(turns).toBeGreaterThan(1)
      parts.forEach((both, n) => {
        const values = both.map((part) => (part?.kind === 'changes' ? part.documents[0]?.events[0]?.value : undefined))
        expect(values).toEqual([BigInt(n), BigInt(count + n)])
      })
      await at.machine.close()
    },
    TIMEOUT_MS,
  )
})

describe('the events of a path', () => {
  const path = fc.array(fc.constantFrom<Node>('a', 'b', 1n), { maxLength: 3 })
  const event: fc.Arbitrary<WatchEvent> = fc.record({
    cause: fc.constantFrom('set' as const, 'removed' as const),
    path,
    isMember: fc.boolean(),
    value: fc.constantFrom<Node | undefined>(undefined, 1n),
    old: fc.constantFrom<Node | undefined>(undefined, 2n),
    expires: fc.nat(),
  })

  it('are those that a look at all events finds, in the same order', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), path, (events, at) => {
        expect(new EventIndex(events).at(at)).toEqual(eventsAt(events, at))
      }),
    )
  })
})

describe('the index of entries by retain', () => {
  const ref = fc.record({ retain: fc.nat(3000), record: fc.nat(200).map(String), hash: fc.nat(200).map(String) })
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: fc.array(ref, { maxLength: 3000, size: 'max' }) }) },
    { weight: 2, arbitrary: fc.record({ remove: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 2, arbitrary: fc.record({ after: fc.option(ref, { nil: undefined }), until: fc.nat(3000) }) },
  )

  it('has them in order, however many were added and removed between reads', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const index = new RetainIndex<StoreRef>()
        const kept = new Set<StoreRef>()
        const reads: string[][] = []
        const expected: string[][] = []
        for (const one of steps) {
          if ('add' in one) {
            for (const added of one.add) {
              index.add(added)
              kept.add(added)
            }
          } else if ('remove' in one) {
            for (const [n, removed] of [...kept].entries()) {
              if (n % one.remove === 0) {
                index.remove(removed)
                kept.delete(removed)
              }
            }
          } else {
            const { after, until } = one
            const range = after === undefined ? { until } : { after, until }
            const inRange = [...kept].filter(
              (entry) => entry.retain <= until && (after === undefined || compareRefs(entry, after) > 0),
            )
            reads.push([...index.range(range)].map(text))
            expected.push(inRange.sort(compareRefs).map(text))
          }
        }
        expect(reads).toEqual(expected)
        expect(index.size).toBe(kept.size)
      }),
      { numRuns: 60 },
    )
  })
})

function text({ retain, record, hash }: StoreRef): string {
  return `${retain} ${record} ${hash}`
}
