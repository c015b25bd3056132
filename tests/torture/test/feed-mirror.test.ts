import { describe, expect, test } from '@jest/globals'
import { createMachine, type FeedGap, type LocalMachine, memoryStore, type StoreBatch, type StoreEvent } from '@sr/vm'
import { from } from '@sr/xr'
import { createAuthors } from '../src/authors.ts'
import { FeedMirror } from '../src/soak/feed-mirror.ts'

type Feed = AsyncIterableIterator<StoreEvent | FeedGap, undefined>
type Bug = (event: StoreEvent | FeedGap, seen: number) => ReadonlyArray<StoreEvent | FeedGap>

/** The machine with a bug in its feed. */
function withBug(machine: LocalMachine, bug: Bug): Pick<LocalMachine, 'feed' | 'indexPage'> {
  async function* changed(feed: Feed): ReturnType<LocalMachine['feed']> {
    let seen = 0
    for await (const event of feed) yield* bug(event, seen++)
  }
  return {
    feed: (options) => changed(machine.feed(options)),
    indexPage: async (page) => await machine.indexPage(page),
  }
}

/** A mirror that has followed 20 updates of records of their own; commit 5 has its effect and fails. */
async function followed(bug: Bug): Promise<{ mirror: FeedMirror; differences: string[] }> {
  const inner = memoryStore()
  let commits = 0
  const store = {
    ...inner,
    async commit(batch: StoreBatch) {
      await inner.commit(batch)
      if (++commits === 5) throw new Error('no answer')
    },
  }
  const { self, codec } = await createAuthors('plain', 1)
  const machine = createMachine({ self, updates: codec, store })
  await machine.start()
  const mirror = new FeedMirror(withBug(machine, bug))
  await mirror.start()
  const failures: unknown[] = []
  for (let n = 0; n < 20; n++) {
    const update = { key: Uint8Array.of(n), writer: 'w0', body: from({ n }), ttl: 60 }
    await machine.updateUnsigned(update).catch((err: { code?: unknown }) => failures.push(err.code))
    await new Promise(setImmediate)
  }
  for (let n = 0; n < 20; n++) await new Promise(setImmediate)
  expect(failures).toEqual(['VM_STORAGE'])
  const differences = await mirror.differences()
  await mirror.stop()
  await machine.close()
  return { mirror, differences }
}

describe('the mirror of a feed', () => {
  test('equals the store, also after a gap', async () => {
    const { mirror, differences } = await followed((event) => [event])
    expect(differences).toEqual([])
    expect(mirror.problems).toEqual([])
    expect(mirror).toMatchObject({ events: 19, gaps: 1 })
  })

  test.each<[string, Bug, number, number]>([
    ['a gap that is not told', (event) => (event.kind === 'gap' ? [] : [event]), 1, 1],
    ['an event that is left out', (event, seen) => (seen === 10 ? [] : [event]), 1, 1],
    [
      'an event that is left out and not counted',
      (event, seen) => (seen === 10 ? [] : [seen > 10 ? { ...event, number: event.number - 1 } : event]),
      1,
      0,
    ],
    [
      'a drop in place of a put',
      (event, seen) => [seen === 10 ? ({ ...event, kind: 'drop' } as StoreEvent) : event],
      1,
      0,
    ],
  ])('shows %s', async (_name, bug, differences, problems) => {
    const found = await followed(bug)
    expect(found.differences).toHaveLength(differences)
    expect(found.mirror.problems).toHaveLength(problems)
  })
})
