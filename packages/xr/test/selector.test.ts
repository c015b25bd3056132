import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { equal, List, LIMITS, Predicate, type Node, type XrError } from '../src/index.ts'
import { ANY, DEEP, parseSelector, printSelector, type SelectorStep } from '../src/selector/index.ts'
import { node } from '../../../tests/kit/src/nodes.ts'

const same = (a: readonly SelectorStep[], b: readonly SelectorStep[]): boolean =>
  a.length === b.length &&
  a.every((step, i) => {
    const other = b[i] as SelectorStep
    return typeof step === 'symbol' || typeof other === 'symbol' ? step === other : equal(step, other)
  })

describe('a selector in text', () => {
  it.each<[string, SelectorStep[]]>([
    ['/', []],
    ['peers', ['peers']],
    ['/peers', ['peers']],
    ['peers/*/nick', ['peers', ANY, 'nick']],
    ['**', [DEEP]],
    ['**/nick', [DEEP, 'nick']],
    ['"a b"/1/0xff', ['a b', 1n, new Uint8Array([255])]],
    ['1.0/true/"true"/-2', [1, true, 'true', -2n]],
    ['"*"/"**"/"/"/""', ['*', '**', '/', '']],
    [' peers / * # all of them\n / ** ', ['peers', ANY, DEEP]],
    ['p("a/b", c=1)/[1 2]/x', [new Predicate('p', ['a/b'], undefined), List.of(1n, 2n), 'x']],
    ['b64"/w=="/b64', [new Uint8Array([255]), 'b64']],
    ['null("x")/a-b/$set', [new Predicate('null', ['x']), 'a-b', '$set']],
  ])('%s', (text, steps) => {
    const expected = steps.map((step) =>
      typeof step === 'object' && 'tag' in step && step.tag === 'p' ? parseSelector('p("a/b", c=1)')[0] : step,
    ) as SelectorStep[]
    expect(same(parseSelector(text), expected)).toBe(true)
    expect(same(parseSelector(printSelector(expected)), expected)).toBe(true)
  })

  it('prints and reads back, whatever the keys are', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: node as fc.Arbitrary<SelectorStep> },
      { weight: 1, arbitrary: fc.constantFrom<SelectorStep>(ANY, DEEP) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        expect(same(parseSelector(printSelector(steps)), steps)).toBe(true)
      }),
    )
  })

  it.each<[string, string, number, number, string, string]>([
    ['', 'XR_SYNTAX', 1, 1, 'end of text', 'a step: a key, * or **'],
    ['a/', 'XR_SYNTAX', 1, 3, 'end of text', 'a step: a key, * or **'],
    ['a//b', 'XR_SYNTAX', 1, 3, '"/"', 'a step: a key, * or **'],
    ['//', 'XR_SYNTAX', 1, 2, '"/"', 'a step: a key, * or **'],
    ['a b', 'XR_SYNTAX', 1, 3, 'b', '/ or end of text'],
    ['***', 'XR_SYNTAX', 1, 3, '"*"', '/ or end of text'],
    ['*a', 'XR_SYNTAX', 1, 2, 'a', '/ or end of text'],
    ['a/null', 'XR_SYNTAX', 1, 3, 'null', 'a step: a key, * or **'],
    ['a/\n  01', 'XR_SYNTAX', 2, 4, '1', 'a space, a comma or a bracket'],
    ['a/@', 'XR_SYNTAX', 1, 3, '"@"', 'a step: a key, * or **'],
    ['a/"x', 'XR_SYNTAX', 1, 5, 'end of text', 'a well-formed token'],
    ['a/{1=1 1=2}', 'XR_DUPLICATE', 1, 8, '1', 'a key that is not in the Dict yet'],
    ['a/1e400', 'XR_VALUE', 1, 3, '1e400', 'a valid value'],
  ])('%j is refused with its place', (text, code, line, column, found, expected) => {
    const err = errorOf(text)
    expect(err).toMatchObject({ code, place: { line, column, found, expected } })
  })

  it.each<[string, string, string]>([
    ['more than 64 steps', '*/'.repeat(64) + '*', 'XR_NODES'],
    ['a long word', 'a'.repeat(LIMITS.string + 1), 'XR_STRING'],
    ['a long String', `"${'a'.repeat(LIMITS.string + 1)}"`, 'XR_STRING'],
    ['a deep key', '['.repeat(65) + ']'.repeat(65), 'XR_DEPTH'],
    ['no string at all', undefined as never, 'XR_KIND'],
  ])('%s is refused', (_, text, code) => {
    expect(errorOf(text).code).toBe(code)
    expect(parseSelector('*/'.repeat(63) + '*')).toHaveLength(64)
  })

  it('refuses to print what is no step', () => {
    expect(() => printSelector([null as never as Node])).toThrow(expect.objectContaining({ code: 'XR_KIND' }))
  })
})

function errorOf(text: string): XrError {
  try {
    parseSelector(text)
  } catch (err) {
    return err as XrError
  }
  throw new Error(`${text} is a selector`)
}
