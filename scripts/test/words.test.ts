import { describe, expect, it } from '@jest/globals'
import { filesInCircles, relativeImports } from '../src/imports.ts'
import { countStatements } from '../src/statements.ts'
import { wordFaults } from '../src/words.ts'

describe('plain words', () => {
  it.each([
    ['a comment', 'a.ts', '// whoever calls this\nconst a = 1\n', ['a.ts:1: "whoever"']],
    ['a docstring', 'a.ts', '/**\n * Nobody reads it.\n */\n', ['a.ts:2: "Nobody"']],
    ['an error text', 'a.ts', "throw new Error('the key is none')\n", ['a.ts:1: "is none"']],
    ['a README', 'README.md', 'The caller is told.\n', ['README.md:1: "is told"']],
    ['an old name', 'a.ts', 'class Intake {}\n', ['a.ts:1: Intake is now Admission']],
  ])('are missed in %s', (_, path, text, faults) => {
    expect(wordFaults(path, text)).toEqual(faults.map((fault) => expect.stringContaining(fault)))
  })

  it.each([
    ['code', 'a.ts', 'const nobody = whoever\n'],
    ['the code of a README', 'README.md', '```ts\n// whoever\n```\n'],
    ['plain text', 'a.ts', '// Returns the first key. None of the keys is empty.\n'],
  ])('are not missed in %s', (_, path, text) => {
    expect(wordFaults(path, text)).toEqual([])
  })
})

describe('circles of imports', () => {
  it('are seen through types', () => {
    const sources = new Map([
      ['a.ts', "import type { B } from './b.ts'\nexport type A = B\n"],
      ['b.ts', "export type { A } from './in/c.ts'\nexport type B = 1\n"],
      ['in/c.ts', "import { type A } from '../a.ts'\nexport type { A }\n"],
      ['d.ts', "import './a.ts'\n"],
    ])
    expect(filesInCircles(sources)).toEqual(['a.ts', 'b.ts', 'in/c.ts'])
  })

  it('are made of relative imports alone', () => {
    expect(relativeImports("import a from 'a'\nexport * from './b.ts'\nimport type { C } from '../c.ts'\n")).toEqual([
      './b.ts',
      '../c.ts',
    ])
  })
})

describe('statements', () => {
  it('are counted without blocks and types', () => {
    expect(
      countStatements('type A = 1\nexport function f (a: number) { if (a > 1) { return 2 }\n const b = a; b.c() }\n'),
    ).toBe(4)
  })
})
