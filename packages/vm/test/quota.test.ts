import { describe, expect, it } from '@jest/globals'
import { remove, set } from '@sr/ir'
import { Dict, List, type Node } from '@sr/xr'
import { type QuotaDemand, exceededQuota, replacesAll } from '../src/admission/quota.ts'
import { LIMITS } from '../src/limits.ts'
import { DOCUMENT_BYTES } from '../src/admission/cost.ts'
import { type TestMachine, startMachine, codeOf, KEY, stateOf } from './setup.ts'

const NONE = { writers: 0, ownBytes: 0, othersExcess: 0, slots: 0 }
const FREE: QuotaDemand = { cost: 0, freed: 0, removesOnly: false, newcomer: false, ...NONE }
const UNUSED = { bytes: 0, records: 0 }
const key = (n: number): Uint8Array => Uint8Array.of(7, n)

describe('a quota', () => {
  const limits = {
    ...LIMITS,
    bytesPerWriter: 1000,
    recordsPerWriter: 3,
    writersPerRecord: 2,
    slotsPerDocument: 10,
    bytes: 10_000,
  }
  it.each<[string, Partial<QuotaDemand>, { bytes: number; records: number }, number, string | undefined]>([
    ['admits up to the limit', { cost: 400 }, { bytes: 600, records: 1 }, 600, undefined],
    [
      'refuses one byte above the limit',
      { cost: 401 },
      { bytes: 600, records: 1 },
      600,
      'WRITER bytesPerWriter 1000 1001',
    ],
    ['subtracts what is freed', { cost: 700, freed: 300 }, { bytes: 600, records: 1 }, 600, undefined],
    ['admits removals up to 110 %', { cost: 500, removesOnly: true }, { bytes: 600, records: 1 }, 600, undefined],
    [
      'refuses removals above 110 %',
      { cost: 501, removesOnly: true },
      { bytes: 600, records: 1 },
      600,
      'WRITER bytesPerWriter 1100 1101',
    ],
    [
      'refuses a writer one record more',
      { newcomer: true, freed: DOCUMENT_BYTES },
      { bytes: 600, records: 3 },
      600,
      'WRITER recordsPerWriter 3 4',
    ],
    ['counts a record once', {}, { bytes: 600, records: 3 }, 600, undefined],
    [
      'refuses one writer more in a record',
      { newcomer: true, writers: 2, freed: DOCUMENT_BYTES },
      UNUSED,
      0,
      'RECORD writersPerRecord 2 3',
    ],
    ['charges a new document', { newcomer: true }, UNUSED, 0, `WRITER bytesPerWriter 1000 ${DOCUMENT_BYTES}`],
    ['admits writers that are in a record', { writers: 2 }, UNUSED, 0, undefined],
    ['limits the slots of a document', { slots: 11 }, UNUSED, 0, 'RECORD slotsPerDocument 10 11'],
    ['limits the bytes in all', { cost: 2 }, { bytes: 1, records: 1 }, 9999, 'GLOBAL bytes 10000 10001'],
    ['reserves a fifth for writers with bytes', { cost: 1 }, UNUSED, 8000, 'GLOBAL bytes 8000 8001'],
    [
      'admits removals up to 110 % in all',
      { cost: 900, removesOnly: true },
      { bytes: 1, records: 1 },
      10_000,
      undefined,
    ],
  ])('%s', (_, demand, usage, all, told) => {
    const broken = exceededQuota({ ...FREE, ...demand }, usage, all, limits)
    expect(broken === undefined ? undefined : `${broken.scope} ${broken.limit} ${broken.max} ${broken.got}`).toBe(told)
  })

  it.each<[Node, boolean]>([
    [Dict.empty, false],
    [set(Dict.empty), true],
    [remove(), true],
    [Dict.from([['a', remove()]]), false],
  ])('replacesAll: %#', (body, whole) => {
    expect(replacesAll(body)).toBe(whole)
  })
})

/** what ann is charged for an update */
async function chargeOf(body: Node, at: TestMachine): Promise<number> {
  const before = (await at.machine.usage('ann')).bytes
  await at.say('ann', body as never)
  return (await at.machine.usage('ann')).bytes - before
}

describe('a writer', () => {
  const entry = (name: string): Dict => Dict.from([[name, 'x'.repeat(100)]])

  it('is charged for each byte, update, node, object and document until they expire', async () => {
    const at = await startMachine()
    const receipt = await at.say('ann', { a: 1, b: ['c'] }, 60)
    // Dict, a, 1, b, List, c
    const bytes = 2 * receipt.bytes + 512 + 6 * 120 + 2 * 430 + DOCUMENT_BYTES
    expect(await at.machine.usage('ann')).toEqual({ bytes, records: 1 })
    await at.clock.advance(61_000)
    expect(await at.machine.usage('ann')).toEqual({ bytes: 0, records: 0 })
    expect(await at.machine.usage('bob')).toEqual({ bytes: 0, records: 0 })
  })

  it('at its quota is refused more bytes, and may replace its document', async () => {
    const one = (await chargeOf(entry('a'), await startMachine())) - DOCUMENT_BYTES
    const max = DOCUMENT_BYTES + one * 4
    const at = await startMachine({ limits: { bytesPerWriter: max } })
    for (const name of ['a', 'b', 'c', 'd']) {
      await at.say('ann', entry(name) as never)
    }
    const before = await stateOf(at, ['ann'])
    await expect(at.say('ann', entry('e') as never)).rejects.toMatchObject({
      code: 'VM_QUOTA_WRITER',
      limit: 'bytesPerWriter',
      max,
      got: max + one,
      retryable: true,
      applied: 'no',
    })
    expect(await stateOf(at, ['ann'])).toBe(before)
    await at.say('bob', entry('e') as never)
    expect(await codeOf(at.say('ann', { a: remove() }))).toBe('VM_QUOTA_WRITER')
    await at.say('ann', set(entry('a')) as never)
    expect((await at.machine.usage('ann')).bytes).toBeLessThan(DOCUMENT_BYTES + one * 1.5)
    await at.say('ann', entry('e') as never)
  })

  it('at its quota may remove, up to 110 %', async () => {
    const at = await startMachine({ limits: { bytesPerWriter: 90_000 } })
    for (let i = 0; (await at.machine.usage('ann')).bytes < 88_600; i++) {
      await at.say('ann', { [`k${i}`]: i })
    }
    expect(await codeOf(at.say('ann', { more: 1, most: [] }))).toBe('VM_QUOTA_WRITER')
    expect(await codeOf(at.say('ann', { k0: remove(), l: [] }))).toBe('VM_QUOTA_WRITER')
    await at.say('ann', { k0: remove(), k1: remove() })
    expect((await at.show())['ann']).not.toMatch(/k0|k1=/)
  })

  it('has live updates in a limited number of records', async () => {
    const at = await startMachine({ limits: { recordsPerWriter: 2 } })
    await at.say('ann', { a: 1 }, 60, key(1))
    await at.say('ann', { a: 1 }, 5, key(2))
    expect(await codeOf(at.say('ann', { a: 1 }, 60, key(3)))).toBe('VM_QUOTA_WRITER')
    await at.say('ann', { b: 1 }, 60, key(1))
    await at.clock.advance(6000)
    await at.say('ann', { a: 1 }, 60, key(3))
  })
})

describe('a record', () => {
  it('has a limited number of writers, who may go on updating', async () => {
    const at = await startMachine({ limits: { writersPerRecord: 2 } })
    await at.say('ann', { a: 1 })
    await at.say('bob', { a: 1 }, 5)
    await expect(at.say('cid', { a: 1 })).rejects.toMatchObject({
      code: 'VM_QUOTA_RECORD',
      limit: 'writersPerRecord',
      max: 2,
      got: 3,
    })
    await at.say('ann', { b: 1 })
    await at.say('server', { motto: 'well' })
    await at.clock.advance(6000)
    await at.say('cid', { a: 1 })
  })

  it('has documents with a limited number of slots', async () => {
    const at = await startMachine({ limits: { slotsPerDocument: 30 } })
    const list = List.from(Array.from({ length: 20 }, (_, i) => BigInt(i)))
    await at.say('ann', { list })
    await expect(at.say('ann', { other: list })).rejects.toMatchObject({
      code: 'VM_QUOTA_RECORD',
      limit: 'slotsPerDocument',
    })
    await at.say('ann', set(Dict.from([['other', list]])) as never)
    await at.say('bob', { list })
  })
})

describe('all writers', () => {
  it('have a limited number of bytes, and new writers are refused first', async () => {
    const at = await startMachine({ limits: { bytes: 10_000 } })
    for (let i = 0; (await codeOf(at.say(`writer${i}`, { a: 1 }, 60, key(i)))) === 'accepted'; i++) {
      expect(i).toBeLessThan(20)
    }
    await expect(at.say('new', { a: 1 }, 60, KEY)).rejects.toMatchObject({
      code: 'VM_QUOTA_GLOBAL',
      limit: 'bytes',
      max: 8000,
      retryable: true,
    })
    await at.say('writer0', { b: 1 }, 60, key(0))
  })
})

describe('concurrent updates of one writer', () => {
  it.each([
    ['at once', undefined],
    ['by a meter that takes its time', { price: async () => await Promise.resolve({ price: 1 }) }],
  ])('cannot exceed a quota together: %s', async (_name, meter) => {
    const one = async (parallel: boolean): Promise<number> => {
      const at = await startMachine({ limits: { bytesPerWriter: 10_000 }, ...(meter === undefined ? {} : { meter }) })
      const say = async (n: number): Promise<string> => await codeOf(at.say('ann', { n }, 60, key(n)))
      const codes: string[] = []
      if (parallel) codes.push(...(await Promise.all(Array.from({ length: 50 }, (_, n) => say(n)))))
      else for (let n = 0; n < 50; n++) codes.push(await say(n))
      expect((await at.machine.usage('ann')).bytes).toBeLessThanOrEqual(10_000)
      return codes.filter((code) => code === 'accepted').length
    }
    expect(await one(true)).toBe(await one(false))
  })
})
