import { describe, expect, it } from '@jest/globals'
import {
  bool,
  bytes,
  type Check,
  checkConfig,
  type ConfigError,
  duration,
  func,
  listOf,
  number,
  oneOf,
  optional,
  partial,
  port,
  shape,
  text,
  where,
} from '../src/index.ts'

interface Init {
  readonly name: string
  readonly any?: unknown
}

function problemOf(value: unknown, any: Check): [string, string] | 'accepted' {
  try {
    checkConfig<Init>('make', value, { name: text({ max: 3 }), any: optional(any) })
    return 'accepted'
  } catch (err) {
    const { code, field } = err as ConfigError
    return [code, field]
  }
}

function problem(check: () => void): unknown {
  try {
    check()
    return undefined
  } catch (err) {
    return err
  }
}

const anything = where('anything', () => true)

describe('the options of a function', () => {
  const rows: Array<[string, unknown, ReturnType<typeof problemOf>]> = [
    ['are absent', undefined, ['CONFIG_MISSING', '']],
    ['are null', null, ['CONFIG_TYPE', '']],
    ['are an array', [], ['CONFIG_TYPE', '']],
    ['are a string', 'name', ['CONFIG_TYPE', '']],
    ['lack a required one', {}, ['CONFIG_MISSING', 'name']],
    ['have undefined for a required one', { name: undefined }, ['CONFIG_MISSING', 'name']],
    ['have an unknown name', { name: 'a', nmae: 'b' }, ['CONFIG_UNKNOWN', 'nmae']],
    ['have a name of Object.prototype', { name: 'a', toString: 1 }, ['CONFIG_UNKNOWN', 'toString']],
    ['have another type', { name: 5 }, ['CONFIG_TYPE', 'name']],
    ['have a text that is too long', { name: 'abcd' }, ['CONFIG_RANGE', 'name']],
    ['have undefined for an optional one', { name: 'a', any: undefined }, 'accepted'],
    ['are complete', { name: 'a', any: 1 }, 'accepted'],
  ]
  for (const [title, value, expected] of rows) {
    it(`that ${title}: ${String(expected)}`, () => {
      expect(problemOf(value, anything)).toEqual(expected)
    })
  }

  it('are refused with an error that names function, option, what was expected and what was found', () => {
    const check = (): void => {
      checkConfig<Init>('make', { name: 'abcd' }, { name: text({ max: 3 }), any: optional(anything) })
    }
    expect(check).toThrow(RangeError)
    expect(check).toThrow('make: name is "abcd"; expected a string of 1 to 3 characters')
    const found = problem(check)
    expect(found).toMatchObject({ name: 'ConfigError', of: 'make', field: 'name', got: 'abcd', max: 3 })
  })
})

describe('a check', () => {
  const accepted = 'accepted'
  const at = (code: string, field = 'any'): [string, string] => [`CONFIG_${code}`, field]
  const whole = number({ min: 1, max: 9, integer: true })
  const rows: Array<[string, Check, Array<[unknown, ReturnType<typeof problemOf>]>]> = [
    [
      'number',
      whole,
      [
        [1, accepted],
        [9, accepted],
        [0, at('RANGE')],
        [10, at('RANGE')],
        [1.5, at('RANGE')],
        [NaN, at('RANGE')],
        [Infinity, at('RANGE')],
        ['5', at('TYPE')],
        [5n, at('TYPE')],
        [null, at('TYPE')],
      ],
    ],
    [
      'number above',
      number({ min: 0, above: true }),
      [
        [0, at('RANGE')],
        [1e-9, accepted],
        [Infinity, accepted],
      ],
    ],
    [
      'duration',
      duration,
      [
        [0, accepted],
        [1e12, accepted],
        [Infinity, accepted],
        [-1, at('RANGE')],
        [NaN, at('RANGE')],
      ],
    ],
    [
      'bool',
      bool,
      [
        [true, accepted],
        [1, at('TYPE')],
      ],
    ],
    [
      'func',
      func,
      [
        [() => {}, accepted],
        [{}, at('TYPE')],
      ],
    ],
    [
      'bytes',
      bytes,
      [
        [new Uint8Array(1), accepted],
        [Buffer.from('a'), accepted],
        [new Uint16Array(1), at('TYPE')],
        [[1], at('TYPE')],
        ['a', at('TYPE')],
      ],
    ],
    [
      'oneOf',
      oneOf('a', 'b'),
      [
        ['a', accepted],
        ['c', at('RANGE')],
      ],
    ],
    [
      'listOf',
      listOf(text(), { min: 1 }),
      [
        [['a'], accepted],
        [[], at('RANGE')],
        [['a', 1], at('TYPE', 'any[1]')],
        ['a', at('TYPE')],
      ],
    ],
    [
      'listOf shapes',
      listOf(shape<{ id: string }>({ id: text() })),
      [
        [[{ id: 'a' }], accepted],
        [[{ id: 1 }], at('TYPE', 'any[0].id')],
        [[{}], at('MISSING', 'any[0].id')],
      ],
    ],
    [
      'port',
      port({ read: func }),
      [
        [{ read() {}, more: 1 }, accepted],
        [
          new (class {
            read(): void {}
          })(),
          accepted,
        ],
        [{}, at('MISSING', 'any.read')],
        [{ read: 1 }, at('TYPE', 'any.read')],
        [5, at('TYPE')],
        [null, at('TYPE')],
      ],
    ],
    [
      'partial',
      partial<{ a: number }>({ a: whole }),
      [
        [{}, accepted],
        [{ a: 5 }, accepted],
        [{ a: undefined }, at('MISSING', 'any.a')],
        [{ b: 5 }, at('UNKNOWN', 'any.b')],
        [{ a: NaN }, at('RANGE', 'any.a')],
        [5, at('TYPE')],
      ],
    ],
  ]
  for (const [name, check, cases] of rows) {
    for (const [value, expected] of cases) {
      const shown = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value))
      it(`${name} of ${String(value) === 'NaN' ? 'NaN' : shown}: ${String(expected)}`, () => {
        expect(problemOf({ name: 'a', any: value }, check)).toEqual(expected)
      })
    }
  }
})
