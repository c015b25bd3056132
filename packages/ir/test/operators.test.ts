import { describe, expect, it } from '@jest/globals'
import { float, from, print } from '@sr/xr'
import { remove, set, ttl } from '../src/index.ts'

describe('the operators', () => {
  it.each([
    [set({ ports: [80, 443] }), '$set({ports=[80 443]})'],
    [set(remove()), '$set($remove())'],
    [remove(), '$remove()'],
    [remove(443), '$remove(443)'],
    [remove(float(443)), '$remove(443.0)'],
    [remove(['a', 1]), '$remove(["a" 1])'],
    [ttl(5, 10), '$ttl(5, 10)'],
    [ttl({ a: ttl('x', 1n) }, 10), '$ttl({a=$ttl("x", 1)}, 10)'],
  ])('convert plain values by from: %#', (operator, text) => {
    expect(print(operator)).toBe(text)
    expect(print(from({ a: operator }))).toBe(`{a=${text}}`)
  })

  it.each([0, -1, 1.5, Number.NaN, Infinity, 2 ** 53, 0n, -5n])('refuse a $ttl of %p seconds', (seconds) => {
    expect(() => ttl('x', seconds)).toThrow(expect.objectContaining({ name: 'IrError', code: 'IR_TTL' }))
  })

  it('refuse an input that is not a value', () => {
    for (const make of [set, remove, (value: never) => ttl(value, 1)]) {
      expect(() => make({ a: null } as never)).toThrow(
        expect.objectContaining({ name: 'XrError', code: 'XR_KIND', path: ['a'] }),
      )
    }
  })
})
