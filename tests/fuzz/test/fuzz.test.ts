import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import type { Plan } from '../src/fuzz.ts'
import { minimise } from '../src/minimise.ts'
import { change } from '../src/mutate/change.ts'
import { changeCbor, itemsOf } from '../src/mutate/cbor.ts'
import { Random } from '@sr/tests-kit/random'
import { BUGS, buggyModule } from '../src/seeded-bugs.ts'
import { runInWorker } from '../src/run-in-worker.ts'
import { textOf } from '../src/targets/text.ts'

// A thread loads and instruments two packages first.
const THREAD_MS = 60_000
const PACKAGES = fileURLToPath(new URL('../../../packages/', import.meta.url))

// The vectors are tried first, some nine thousand of them; only what comes after goes by the seed.
const quiet = { found(): void {}, progress(): void {} }
const plan = (seed: string, more: Partial<Plan> = {}): Plan => ({
  seed,
  executions: 25_000,
  ms: THREAD_MS,
  first: false,
  ...more,
})

describe('the fuzzer', () => {
  it(
    'does the same again with the same seed, and something else with another',
    async () => {
      const [first, second, other] = [
        await runInWorker('dag-cbor', plan('a'), quiet),
        await runInWorker('dag-cbor', plan('a'), quiet),
        await runInWorker('dag-cbor', plan('b'), quiet),
      ]
      const known = ({ progress: { executions, accepted, corpus, edges, steps } }: typeof first): unknown => ({
        executions,
        accepted,
        corpus,
        edges,
        steps,
      })
      expect(known(second)).toEqual(known(first))
      expect(known(other)).not.toEqual(known(first))
      expect(first.progress.edges).toBeGreaterThan(300)
    },
    THREAD_MS,
  )

  it(
    'finds a bug that was put in',
    async () => {
      const bug = BUGS.find(({ fields }) => fields['target'] === 'dag-cbor')
      const {
        found: [found],
      } = await runInWorker('dag-cbor', plan('a', { executions: 100_000, first: true }), quiet, bug)
      expect(found).toMatchObject({ property: 'accepted, and encoded to other bytes', alone: true })
      expect(found?.smallest.length).toBeLessThan(32)
    },
    THREAD_MS,
  )

  it.each(BUGS.map((bug) => [bug.name, bug] as const))('has a place for the bug: %s', (_name, bug) => {
    const built = PACKAGES + bug.file.slice('packages/'.length).replace('/src/', '/dist/').replace(/ts$/, 'js')
    expect(buggyModule(built, bug)).not.toBe(readFileSync(built, 'utf8'))
  })
})

describe('the smallest input', () => {
  it('is a part, without what is not needed, of plain bytes', () => {
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
    const holds = (bytes: Uint8Array): boolean => /x.?y/.test(text(bytes))
    expect(text(minimise(Buffer.from('the fox yells, and [fox ply]'), holds, (input) => [input.slice(4, 14)]))).toBe(
      'xy',
    )
  })
})

describe('changes', () => {
  it('differ, and keep to the longest input', () => {
    const random = new Random('changes')
    const stock = { tokens: [Uint8Array.of(0xf6)], donor: Buffer.from('a26161016162820102', 'hex'), most: 64 }
    const seen = new Set<string>()
    for (let i = 0; i < 2000; i++) {
      const changed = change(stock.donor, random, stock, 'cbor')
      expect(changed.length).toBeLessThanOrEqual(64)
      seen.add(Buffer.from(changed).toString('hex'))
    }
    expect(seen.size).toBeGreaterThan(1000)
  })

  it('of CBOR often leave whole items behind', () => {
    const random = new Random('items')
    const input = Buffer.from('a3616101616282010261638361786179617a', 'hex')
    let whole = 0
    for (let i = 0; i < 1000; i++) {
      const changed = changeCbor(input, random, { tokens: [Uint8Array.of(0xf5)], donor: input, most: 1000 })
      const [top] = itemsOf(changed)
      if (top?.to === changed.length && changed.length > 0) whole++
    }
    expect(whole).toBeGreaterThan(500)
  })
})

describe('the text of bytes', () => {
  it('is UTF-8, with halves of pairs where WTF-8 has them', () => {
    expect(textOf(Buffer.from('aé😀'))).toBe('aé😀')
    expect(textOf(Uint8Array.of(0x61, 0xed, 0xa0, 0xbd, 0x62))).toBe('a\ud83db')
    expect(textOf(Uint8Array.of(0xed, 0x9f, 0xbf, 0xff))).toBe('\ud7ff\ufffd')
  })
})
