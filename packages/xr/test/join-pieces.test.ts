import { describe, expect, it } from '@jest/globals'
import { equal, joinPieces, type Node } from '../src/index.ts'
import { parse } from '../src/text/index.ts'

describe('pieces join', () => {
  it.each<[string, string[], string]>([
    ['one', ['{a=1}'], '{a=1}'],
    ['Dicts by their keys', ['{a=1}', '{b=2}', '{1="x"}'], '{a=1 b=2 1="x"}'],
    ['Dicts in Dicts', ['{a={b=1 c={d=1}}}', '{a={c={e=2}}}'], '{a={b=1 c={d=1 e=2}}}'],
    ['Lists by their members', ['{l=[1 2]}', '{l=[2 3]}'], '{l=[1 2 3]}'],
    ['members as they are', ['[{a=1}]', '[{b=1}]'], '[{a=1} {b=1}]'],
    ['the later of two leaves', ['{a=1}', '{a=2}'], '{a=2}'],
    ['the later of two kinds', ['{a={b=1}}', '{a=[1]}', '{a=[2]}'], '{a=[1 2]}'],
    ['a leaf, then Dicts', ['{a={z=1}}', '{a="x"}', '{a={b=1}}', '{a={c=1}}'], '{a={b=1 c=1}}'],
    ['empty containers', ['{a={} b=[]}', '{c={}}'], '{a={} b=[] c={}}'],
    ['leaves', ['"x"', '"y"'], '"y"'],
  ])('%s', (_, pieces, whole) => {
    const nodes: Node[] = pieces.map((piece) => parse(piece))
    expect(equal(joinPieces(nodes) as Node, parse(whole))).toBe(true)
  })

  it('gives nothing for nothing', () => {
    expect(joinPieces([])).toBeUndefined()
  })
})
