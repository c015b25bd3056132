import { describe, expect, it } from '@jest/globals'
import { remove, set, ttl } from '@sr/ir'
import { Dict, List, type Node, Predicate } from '@sr/xr'
import { VmError } from '../src/errors.ts'
import type { UpdateCodec } from '../src/admission/codec-port.ts'
import { plainUpdates } from '../src/testing/plain-updates.ts'
import type { MachineLimits } from '../src/limits.ts'
import { type TestMachine, startMachine, KEY, SELF, stateOf, START } from './setup.ts'

const SECOND = 1000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const seq = START * 1000

/** Runs a call that must be refused, and checks that only a counter changed. */
async function refused(at: TestMachine, work: () => Promise<unknown>): Promise<Partial<VmError>> {
  const writers = ['ann', 'bob', SELF]
  const before = await stateOf(at, writers)
  const count = at.machine.counters().get('updates.refused') ?? 0
  const err = await work().then(
    () => undefined,
    (reason: VmError) => reason,
  )
  expect(err).toBeInstanceOf(VmError)
  expect(await stateOf(at, writers)).toBe(before)
  expect(at.machine.counters().get('updates.refused')).toBe(count + 1)
  const { code, limit, max, got, retryable, applied, path } = err as VmError
  return { code, limit, max, got, retryable, applied, path } as Partial<VmError>
}

async function filled(): Promise<TestMachine> {
  const at = await startMachine({ limits: { maxTtl: 72 * 3600 } })
  await at.say('ann', { nick: 'Ann', peers: ['bob'] }, 60)
  await at.sign('bob', { nick: 'Bob' }, { seq, expires: START + HOUR })
  return at
}

describe('a signed update is refused', () => {
  const fine = {
    key: KEY,
    writer: 'bob',
    seq: seq + 1,
    expires: START + 60 * SECOND,
    retain: START + 60 * SECOND,
    body: Dict.from([['a', 1n]]) as Node,
  }
  it.each<[string, Partial<typeof fine>, Partial<VmError>]>([
    ['with an empty key', { key: new Uint8Array() }, { code: 'VM_KEY', limit: 'keyBytes', max: 1024, got: 0 }],
    ['with a key too long', { key: new Uint8Array(1025) }, { code: 'VM_KEY', got: 1025 }],
    ['with no writer', { writer: '' }, { code: 'VM_WRITER', limit: 'writerChars' }],
    ['with a writer too long', { writer: 'x'.repeat(129) }, { code: 'VM_WRITER', got: 129 }],
    ['with a body that is a leaf', { body: 'x' }, { code: 'VM_DOC' }],
    ['with a body that is a List', { body: List.of() }, { code: 'VM_DOC' }],
    ['with a body $set(leaf)', { body: set('x') }, { code: 'VM_DOC' }],
    ['with an unknown operator', { body: Dict.from([['a', new Predicate('$grow')]]) }, { code: 'VM_DOC', path: ['a'] }],
    [
      'with a $ttl of 0 s',
      { body: Dict.from([['a', new Predicate('$ttl', ['x', 0n])]]) },
      { code: 'VM_TTL', path: ['a'] },
    ],
    ['with a $ttl beyond retain', { body: Dict.from([['a', ttl('x', 61)]]) }, { code: 'VM_TTL' }],
    ['with a seq above 2^53', { seq: 2 ** 53 + 2 }, { code: 'VM_DOC' }],
    [
      '301 s ahead',
      { seq: seq + 301e6, expires: START + 400 * SECOND, retain: START + 400 * SECOND },
      { code: 'VM_CLOCK', limit: 'aheadMs', max: 300_000, got: 301_000, retryable: true },
    ],
    ['that expires at its seq time', { expires: START, seq: START * 1000 }, { code: 'VM_TTL' }],
    [
      'with a ttl above the limit',
      { expires: START + 73 * HOUR, retain: START + 73 * HOUR },
      { code: 'VM_TTL', limit: 'maxTtl', max: 259_200, got: 262_800 },
    ],
    [
      'with a $ttl above the limit',
      { retain: START + 80 * HOUR, body: Dict.from([['a', ttl('x', 73 * 3600)]]) },
      { code: 'VM_TTL', limit: 'maxTtl' },
    ],
    ['with retain before its expiry', { retain: START + 59 * SECOND }, { code: 'VM_TTL' }],
    ['with retain beyond 30 days', { retain: START + 30 * DAY + 1 }, { code: 'VM_TTL' }],
    [
      'whose retain has passed',
      { seq: seq - 10_000_000, expires: START - 1, retain: START },
      { code: 'VM_EXPIRED', limit: 'retain', max: START, got: START },
    ],
  ])('%s', async (_, change, told) => {
    const at = await filled()
    const bytes = await at.updates.signAs({ ...fine, ...change })
    expect(await refused(at, async () => await at.machine.update(bytes))).toMatchObject({
      retryable: false,
      applied: 'no',
      ...told,
    })
  })

  it.each<[string, Partial<typeof fine>]>([
    ['with the longest key', { key: new Uint8Array(1024) }],
    ['300 s ahead', { seq: seq + 300e6, expires: START + 400 * SECOND, retain: START + 400 * SECOND }],
    ['with the longest ttl', { expires: START + 72 * HOUR, retain: START + 72 * HOUR }],
    ['with the longest retain', { retain: START + 30 * DAY }],
    ['whose expiry has passed, not its retain', { seq: seq - 10_000_000, expires: START - 1, retain: START + 1 }],
  ])('but not %s', async (_, change) => {
    const at = await filled()
    expect(await at.machine.update(await at.updates.signAs({ ...fine, ...change }))).toMatchObject({ status: 'stored' })
  })

  it('without a signature', async () => {
    const at = await filled()
    const { bytes } = await at.updates.encode(fine)
    expect(await refused(at, async () => await at.machine.update(bytes))).toMatchObject({ code: 'VM_SIG' })
  })

  it('with too many bytes, before they are parsed', async () => {
    const at = await filled()
    expect(await refused(at, async () => await at.machine.update(new Uint8Array(270_337)))).toMatchObject({
      code: 'VM_TOO_LARGE',
      limit: 'updateBytes',
      max: 270_336,
      got: 270_337,
    })
  })

  it('when its bytes are not an update', async () => {
    const at = await filled()
    for (const bytes of [[], [0xff], [0xa0], [0x80], [0xa1, 0x61, 0x61, 0x01]]) {
      expect(await refused(at, async () => await at.machine.update(Uint8Array.from(bytes)))).toMatchObject({
        code: 'VM_DOC',
      })
    }
  })
})

describe('a signed update is refused before its signature is verified', () => {
  const key = Uint8Array.of(7)
  it.each<[string, { seq?: number; expires?: number; retain?: number; limits?: Partial<MachineLimits> }, string]>([
    ['far ahead of the clock', { seq: seq + 301e6, expires: START + 400 * SECOND }, 'VM_CLOCK'],
    ['when its retain has passed', { seq: seq - 10_000_000, expires: START - 1, retain: START }, 'VM_EXPIRED'],
    ['with a ttl above the limit', { expires: START + 73 * HOUR }, 'VM_TTL'],
    ['when its writer is in too many records', { limits: { recordsPerWriter: 1 } }, 'VM_QUOTA_WRITER'],
    ['when its size exceeds the quota of its writer', { limits: { bytesPerWriter: 3800 } }, 'VM_QUOTA_WRITER'],
    ['when its size exceeds the quota of all', { limits: { bytes: 4600 } }, 'VM_QUOTA_GLOBAL'],
  ])('%s', async (_, { limits = {}, expires = START + HOUR, ...times }, code) => {
    let verified = 0
    const plain = plainUpdates(SELF)
    const updates: UpdateCodec = {
      ...plain,
      verify: async (parsed) => {
        verified++
        return await plain.verify(parsed)
      },
    }
    const at = await startMachine({ limits, updates })
    await at.say('bob', {}, 60, KEY)
    expect(
      await refused(at, async () => await at.sign('bob', { a: 1 }, { seq, expires, ...times }, key)),
    ).toMatchObject({
      code,
    })
    expect(verified).toBe(0)
  })
})

describe('an error of a layer below', () => {
  const failing = async (step: 'parse' | 'verify', code: unknown): Promise<{ err: VmError; cause: unknown }> => {
    const cause = Object.assign(new Error('no'), { code, path: ['a'], limit: 'depth', max: 1, got: 2 })
    const updates: UpdateCodec = {
      ...plainUpdates(SELF),
      [step]: async () => {
        throw cause
      },
    }
    const at = await startMachine({ updates })
    const err = await at.sign('ann', { a: 1 }, { seq, expires: START + HOUR }).then(
      () => undefined,
      (reason: VmError) => reason,
    )
    return { err: err as VmError, cause }
  }

  it.each([
    ['UPDATE_SIGNATURE', 'VM_SIG'],
    ['UPDATE_KEY', 'VM_KEY'],
    ['UPDATE_ENVELOPE', 'VM_SIG'],
    ['UPDATE_FORM', 'VM_DOC'],
    ['XR_DEPTH', 'VM_DEPTH'],
    ['XR_NODES', 'VM_NODES'],
    ['XR_SIZE', 'VM_TOO_LARGE'],
    ['XR_STRING', 'VM_VALUE'],
    ['XR_INT', 'VM_VALUE'],
    ['XR_VALUE', 'VM_VALUE'],
    ['XR_FORM', 'VM_DOC'],
    ['IR_BODY', 'VM_DOC'],
    ['IR_RETAIN', 'VM_TTL'],
  ])('%s becomes %s with all details', async (code, own) => {
    for (const step of ['parse', 'verify'] as const) {
      const { err, cause } = await failing(step, code)
      expect(err).toMatchObject({ code: own, path: ['a'], limit: 'depth', max: 1, got: 2, applied: 'no' })
      expect(err.cause).toBe(cause)
    }
  })

  it.each(['toString', 'OTHER_DEPTH', undefined, 7])('with the unknown code %s becomes VM_INTERNAL', async (code) => {
    const { err, cause } = await failing('parse', code)
    expect(err).toMatchObject({ code: 'VM_INTERNAL', limit: undefined })
    expect(err.cause).toBe(cause)
  })
})

describe('an unsigned update is refused', () => {
  it.each<[string, { ttl?: number; key?: Uint8Array; writer?: string; body?: Node }, Partial<VmError>]>([
    ['with an empty key', { key: new Uint8Array() }, { code: 'VM_KEY' }],
    ['with no writer', { writer: '' }, { code: 'VM_WRITER' }],
    ['with a negative ttl', { ttl: -1 }, { code: 'VM_TTL' }],
    ['with a ttl of 0.5 s', { ttl: 0.5 }, { code: 'VM_TTL' }],
    ['with a ttl of NaN', { ttl: Number.NaN }, { code: 'VM_TTL' }],
    ['with an infinite ttl', { ttl: Infinity }, { code: 'VM_TTL' }],
    ['with a ttl above the limit', { ttl: 259_201 }, { code: 'VM_TTL', limit: 'maxTtl', max: 259_200, got: 259_201 }],
    [
      'with a $ttl above the limit',
      { body: Dict.from([['a', ttl('x', 259_201)]]) },
      { code: 'VM_TTL', limit: 'maxTtl' },
    ],
    ['with a $ttl beyond 30 days', { body: Dict.from([['a', ttl('x', 31 * 86_400)]]) }, { code: 'VM_TTL' }],
    ['with a body that is a leaf', { body: 1n }, { code: 'VM_DOC' }],
    ['with an operator as a Dict key', { body: Dict.from([[remove(), 1n]]) }, { code: 'VM_DOC' }],
    [
      'with too many nodes',
      { body: List.from(Array.from({ length: 10_001 }, (_, i) => BigInt(i))) },
      { code: 'VM_DOC' },
    ],
    [
      'with 10,000 entries',
      { body: Dict.from(Array.from({ length: 10_000 }, (_, i) => [`${i}`, true] as const)) },
      { code: 'VM_NODES', limit: 'nodes' },
    ],
    ['with a string too long', { body: Dict.from([['a', 'x'.repeat(65_537)]]) }, { code: 'VM_VALUE', limit: 'string' }],
    [
      'with too many bytes',
      { body: Dict.from([1, 2, 3, 4, 5].map((n) => [`${n}`, 'x'.repeat(60_000)] as const)) },
      { code: 'VM_TOO_LARGE', limit: 'size' },
    ],
  ])('%s', async (_, change, told) => {
    const at = await filled()
    const update = { key: KEY, writer: 'ann', body: Dict.from([['a', 1n]]), ttl: 60, ...change }
    expect(await refused(at, async () => await at.machine.updateUnsigned(update))).toMatchObject({
      retryable: false,
      applied: 'no',
      ...told,
    })
  })
})

describe('the bytes of one update', () => {
  it('are limited for signed and unsigned updates', async () => {
    const at = await startMachine({ limits: { updateBytes: 400 } })
    const body = Dict.from([['a', 'x'.repeat(400)]])
    const told = { code: 'VM_TOO_LARGE', limit: 'updateBytes', max: 400, applied: 'no', retryable: false }
    expect(await refused(at, async () => await at.say('ann', body as never))).toMatchObject(told)
    expect(
      await refused(at, async () => await at.sign('ann', body as never, { seq, expires: START + HOUR })),
    ).toMatchObject(told)
    expect((await at.say('ann', { a: 'x'.repeat(200) })).bytes).toBeLessThanOrEqual(400)
  })
})

describe('get is refused', () => {
  it.each([new Uint8Array(), new Uint8Array(1025)])('for a key of invalid length', async (key) => {
    const { machine } = await startMachine()
    await expect(machine.get(key)).rejects.toMatchObject({ code: 'VM_KEY' })
  })
})

describe('limits', () => {
  it.each([{ maxTtl: 0 }, { maxTtl: 31 * 86_400 }, { bytes: Number.NaN }, { writersPerRecord: -1 }])(
    'that are invalid throw a RangeError: %p',
    (limits) => {
      return expect(startMachine({ limits })).rejects.toThrow(RangeError)
    },
  )
})
