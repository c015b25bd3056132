import { describe, expect, it } from '@jest/globals'
import { instrument } from '../src/instrument.ts'

const EDGES = '$edges'

/** Runs the body of a function that was instrumented; answers what it returned and how often each edge was taken. */
async function counted(body: string, argument: unknown): Promise<{ value: unknown; counts: number[] }> {
  const { code, edges } = instrument(`export default (x) => {\n${body}\n}`, 0)
  const counts = new Uint32Array(edges)
  Object.assign(globalThis, { [EDGES]: counts })
  const module = (await import(`data:text/javascript,${encodeURIComponent(`${code}//${Math.random()}`)}`)) as {
    default: (x: unknown) => unknown
  }
  return { value: module.default(argument), counts: [...counts] }
}

describe('instrumentation', () => {
  it.each([
    ['both arms of an if, also the one that is not there', 'if (x) return 1; return 2', true, 1, [1, 1, 0]],
    ['the arm that is not there', 'if (x) return 1; return 2', false, 2, [1, 0, 1]],
    [
      'ifs without braces in one another',
      'let r = 0; if (x > 0) if (x > 1) r = 2; else r = 1; return r',
      1,
      1,
      [1, 1, 0, 1, 0],
    ],
    ['else if', 'if (x === 1) return 1; else if (x === 2) { return 2 } else return 3', 2, 2, [1, 0, 1, 0]],
    ['?:, && and ??', 'return x ? (x && (null ?? 7)) : 0', 1, 7, [1, 1, 0, 1, 1]],
    [
      'loops, by their rounds',
      'let r = 0; for (let i = 0; i < x; i++) r += i; while (r > 3) r--; do r++; while (r < 0); return r',
      3,
      4,
      [1, 3, 0, 1],
    ],
    [
      'cases that run on',
      'let r = ""; switch (x) { case 1: case 2: r += "a"; case 3: { r += "b" } } return r',
      1,
      'ab',
      [1, 0, 1, 1, 1],
    ],
    ['the default that is not there', 'let r = ""; switch (x) { case 1: r += "a" } return r', 5, '', [1, 1, 0]],
    [
      'functions, arrows that answer objects, and catch',
      'const f = (y) => ({ y }); try { throw f(x) } catch (e) { return e.y }',
      4,
      4,
      [1, 1, 1],
    ],
    [
      'classes with private parts',
      'class A { #p = 1; static { A.q = 2 } has() { return #p in this && this.#p } } return new A().has() + A.q',
      0,
      3,
      [1, 1, 1],
    ],
    ['assignments that may not happen', 'let a; a ??= x; a ||= 5; return a', 3, 3, [1, 1, 0]],
  ])('counts %s', async (_name, body, argument, value, counts) => {
    expect(await counted(body, argument)).toEqual({ value, counts })
  })

  it('keeps the lines where they were, and tells the strings', () => {
    const source = "const a = 'one'\n\nexport const f = (x) =>\n  x === 'two' ? 1 : 2\n"
    const { code, strings } = instrument(source, 0)
    expect(code.split('\n').length).toBe(source.split('\n').length)
    expect(strings).toEqual(['one', 'two'])
  })
})
