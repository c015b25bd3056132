import { describe, expect, it } from '@jest/globals'
import { Dict } from '@sr/xr'
import { createMachine } from '../src/create-machine.ts'
import { LIMITS, type MachineLimits, machineLimits } from '../src/limits.ts'
import { memoryStore } from '../src/store/memory-store.ts'
import { manualClock } from '../src/testing/manual-clock.ts'
import { plainUpdates } from '../src/testing/plain-updates.ts'
import { codeOf, SELF, startMachine } from './setup.ts'

const RIGHT = { self: SELF, updates: plainUpdates(SELF) }

function problem(init: unknown): unknown {
  try {
    createMachine(init as never)
    return 'accepted'
  } catch (err) {
    const { name, code, field } = err as { name: string; code: string; field: string }
    return [name, code, field]
  }
}

describe('createMachine', () => {
  const { parse: _, ...unparsing } = RIGHT.updates
  const { saveTime: __, ...timeless } = memoryStore()
  const { after: ___, ...timerless } = manualClock()
  const rows: Array<[string, unknown, string, string]> = [
    ['nothing', undefined, 'MISSING', ''],
    ['a string', 'x', 'TYPE', ''],
    ['no self', { updates: RIGHT.updates }, 'MISSING', 'self'],
    ['an empty self', { ...RIGHT, self: '' }, 'RANGE', 'self'],
    ['a self that is no string', { ...RIGHT, self: 5 }, 'TYPE', 'self'],
    ['a self that is too long', { ...RIGHT, self: 'x'.repeat(129) }, 'RANGE', 'self'],
    ['a self that the codec does not sign as', { ...RIGHT, self: 'other' }, 'CONFLICT', 'self'],
    ['no updates', { self: SELF }, 'MISSING', 'updates'],
    ['undefined updates', { self: SELF, updates: undefined }, 'MISSING', 'updates'],
    ['updates without parse', { self: SELF, updates: unparsing }, 'MISSING', 'updates.parse'],
    ['an unknown option', { ...RIGHT, limit: {} }, 'UNKNOWN', 'limit'],
    ['a grammar without rules', { ...RIGHT, grammar: {} }, 'MISSING', 'grammar.rules'],
    ['a store without saveTime', { ...RIGHT, store: timeless }, 'MISSING', 'store.saveTime'],
    ['a clock without after', { ...RIGHT, clock: timerless }, 'MISSING', 'clock.after'],
    ['random that is a number', { ...RIGHT, random: 0.5 }, 'TYPE', 'random'],
    ['limits that are a number', { ...RIGHT, limits: 5 }, 'TYPE', 'limits'],
    ['an unknown limit', { ...RIGHT, limits: { maxTTL: 5 } }, 'UNKNOWN', 'limits.maxTTL'],
    ['maxTtl above 30 days', { ...RIGHT, limits: { maxTtl: 30 * 86_400 + 1 } }, 'RANGE', 'limits.maxTtl'],
    [
      'more for a writer than for all',
      { ...RIGHT, limits: { bytesPerWriter: 9000, bytes: 8000 } },
      'CONFLICT',
      'limits.bytesPerWriter',
    ],
    [
      'a longer update than a writer may have',
      { ...RIGHT, limits: { updateBytes: 9000, bytesPerWriter: 8000 } },
      'CONFLICT',
      'limits.updateBytes',
    ],
    [
      'more external effects per update than effects',
      { ...RIGHT, limits: { externalPerUpdate: 3, effectsPerUpdate: 2 } },
      'CONFLICT',
      'limits.externalPerUpdate',
    ],
    [
      'more dials for a writer than for all',
      { ...RIGHT, limits: { externalPerMinutePerWriter: 3, externalPerMinute: 2 } },
      'CONFLICT',
      'limits.externalPerMinutePerWriter',
    ],
  ]
  it.each(rows)('refuses %s', (_title, init, code, field) => {
    expect(problem(init)).toEqual(['ConfigError', `CONFIG_${code}`, field])
  })

  const limits = (Object.keys(LIMITS) as Array<keyof MachineLimits>).flatMap((name) =>
    [NaN, -1, 0, undefined, null, '5', 5n].map((value) => [name, value] as const),
  )
  it.each(limits)('refuses the limit %s: %p', (name, value) => {
    expect(problem({ ...RIGHT, limits: { [name]: value } })).toEqual([
      'ConfigError',
      expect.stringMatching(/CONFIG_(RANGE|TYPE|MISSING)/),
      `limits.${name}`,
    ])
    expect(() => machineLimits({ [name]: value } as never)).toThrow(`limits.${name} is `)
  })

  it.each(Object.keys(LIMITS).filter((name) => name !== 'maxTtl'))('accepts the limit %s: Infinity', (name) => {
    expect(problem({ ...RIGHT, limits: { [name]: Infinity } })).toBe('accepted')
  })

  it('accepts every option, and undefined for those with a default', () => {
    const { clock, store } = { clock: manualClock(), store: memoryStore() }
    expect(problem({ ...RIGHT, clock, store, random: Math.random, limits: { maxTtl: 60 } })).toBe('accepted')
    expect(problem({ ...RIGHT, clock: undefined, store: undefined, limits: undefined })).toBe('accepted')
  })
})

describe('a call of a machine', () => {
  it.each(['lobby', undefined, null, [1, 2], new Uint16Array(2), new ArrayBuffer(2)])(
    'refuses %p as a key',
    async (key) => {
      const { machine } = await startMachine()
      expect(await codeOf(machine.get(key as never))).toBe('VM_KEY')
      const update = { key: key as never, writer: 'ann', body: true, ttl: 60 }
      expect(await codeOf(machine.updateUnsigned(update))).toBe('VM_KEY')
    },
  )

  it('refuses updates and bodies of another type', async () => {
    const { machine } = await startMachine()
    expect(await codeOf(machine.update('bytes' as never))).toBe('VM_DOC')
    for (const body of [{ a: 1 }, null, undefined, () => {}]) {
      const update = { key: Uint8Array.of(1), writer: 'ann', body: body as never, ttl: 60 }
      expect(await codeOf(machine.updateUnsigned(update))).toBe('VM_DOC')
    }
    for (const writer of ['', 5, undefined, 'x'.repeat(129)]) {
      const update = { key: Uint8Array.of(1), writer: writer as never, body: Dict.empty, ttl: 60 }
      expect(await codeOf(machine.updateUnsigned(update))).toBe('VM_WRITER')
    }
  })
})
