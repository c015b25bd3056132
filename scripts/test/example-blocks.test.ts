import { describe, expect, it } from '@jest/globals'
import { inDocstrings, inMarkdown, moduleOf, tagsIn } from '../jest/example-blocks.js'
import { printing } from '../jest/printing.ts'

const FENCE = '```'

describe('examples in Markdown', () => {
  it('are the ts blocks, at the line of their first code', () => {
    const text = [
      '# x',
      '',
      `${FENCE}ts`,
      'const a = 1',
      FENCE,
      `${FENCE}sh`,
      'npm test',
      FENCE,
      `${FENCE}ts no-run`,
      'dial()',
      FENCE,
    ].join('\n')
    expect(inMarkdown(text)).toEqual([
      { line: 4, code: 'const a = 1\n', runs: true },
      { line: 10, code: 'dial()\n', runs: false },
    ])
  })

  it('lose the indentation of a list', () => {
    expect(inMarkdown(`- so:\n\n  ${FENCE}ts\n  if (a)\n    b()\n  ${FENCE}`)).toEqual([
      { line: 4, code: 'if (a)\n  b()\n', runs: true },
    ])
  })
})

describe('examples in docstrings', () => {
  const source = [
    '/**',
    ' * A thing.',
    ' *',
    ' * @example',
    ` * ${FENCE}ts`,
    ' * thing()',
    ` * ${FENCE}`,
    ' * @param a',
    ' */',
    'export const a = 1',
    '',
    '/**',
    ' * Another.',
    ` * ${FENCE}ts`,
    ' * not an example',
    ` * ${FENCE}`,
    ' */',
  ].join('\n')

  it('are the ts blocks below @example', () => {
    expect(inDocstrings(source)).toEqual([{ line: 6, code: 'thing()\n', runs: true }])
    expect(tagsIn(source)).toBe(1)
  })
})

describe('the module of an example', () => {
  const module = moduleOf({ line: 5, code: 'const a = 1\nif (a) console.log(f(a), 2); // 1 2\n', runs: true }, './p.ts')

  it('keeps the line numbers', () => {
    expect(module.split('\n')[4]).toBe('const a = 1')
  })

  it('compares what is printed with the comment', () => {
    expect(module).toContain('if (a) $prints(0, f(a), 2)')
    expect(module).toContain('$printing(["1 2"])')
  })

  it('leaves other comments alone', () => {
    expect(moduleOf({ line: 5, code: 'f(a) // why\n', runs: true }, './p.ts')).toContain('f(a) // why')
  })
})

describe('printing', () => {
  it('accepts what the comment says, however the lines break', () => {
    const prints = printing(['{ a: 1 } x'])
    prints(0, { a: 1 }, ' x')
    expect(() => {
      prints.end()
    }).not.toThrow()
  })

  it('fails on another text, also when it is not shown', () => {
    const prints = printing(['1'])
    prints(0, 2)
    expect(() => {
      prints.end()
    }).toThrow(/2[^]*1/)
  })

  it('fails on a line that was never reached', () => {
    expect(() => {
      printing(['1']).end()
    }).toThrow('printed nothing')
  })
})
