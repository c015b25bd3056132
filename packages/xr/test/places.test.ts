import { describe, expect, it } from '@jest/globals'
import { type Node, XrError } from '../src/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import * as dagJson from '../src/dag-json.ts'
import { parse } from '../src/text/index.ts'
import { hex, utf8 } from './hex.ts'

/** Where a refusal happened: the path down to it, and the offset in the input. */
describe('the position of an error in dag-cbor', () => {
  it.each([
    ['a truncated document', 'a261', [], 0],
    ['a truncated key', 'a16261', [], 1],
    ['bytes behind it', '0000', [], 1],
    ['a value', 'a16161f7', ['a'], 3],
    ['the second member', '8201f7', [1n], 2],
    ['a member of a value', 'a161618201f7', ['a', 1n], 5],
    ['a value in a Dict in a Dict', 'a16161a16162f93e00', ['a', 'b'], 6],
    ['a key out of order', 'a2616201616100', [], 4],
    ['a positional argument', '84f661708201f7a0', [1n], 6],
    ['a named argument', '84f6617080a16161f7', ['a'], 8],
    ['the second of equal members', '83616101 6161', [2n], 5],
  ] as Array<[string, string, Node[], number]>)('%s', (_, digits, path, offset) => {
    expect(placeOf(() => dagCbor.decode(hex(digits)))).toEqual({ path, offset })
  })
})

describe('the position of an error in dag-json', () => {
  it.each([
    ['a truncated document', '{"a"', [], 4],
    ['bytes behind it', '1 ', [], 1],
    ['a value', '{"a":undefined}', ['a'], 5],
    ['the second member', '[1,01]', [1n], 3],
    ['a member of a value', '{"a":[1,1e5]}', ['a', 1n], 8],
    ['a needless escape', '{"a":"\\u0061"}', ['a'], 6],
    ['a key out of order', '{"b":1,"a":2}', [], 7],
    ['a named argument', '[null,"p",[],{"a":01}]', ['a'], 18],
    ['the second of equal members', '["a",1,"a"]', [2n], 8],
  ] as Array<[string, string, Node[], number]>)('%s', (_, json, path, offset) => {
    expect(placeOf(() => dagJson.decode(utf8(json)))).toEqual({ path, offset })
  })
})

describe('the position of an error in a text', () => {
  it.each([
    ['a bare word', '{nick=bob}', 'bob', '{nick=bob}\n      ^'],
    ['the end', '[1', 'end of text', '[1\n  ^'],
    ['a bracket', '{a=1]', '"]"', '{a=1]\n    ^'],
    ['an astral character', '[😀]', '"😀"', '[😀]\n ^'],
    ['the second line', '{\n  a=nothing\n}', 'nothing', '  a=nothing\n    ^'],
    ['a tab before it', '\t@', '"@"', ' @\n ^'],
    ['an escape', '"a\\z"', '"\\\\"', '"a\\z"\n  ^'],
  ])('%s', (_, source, found, excerpt) => {
    const place = errorOf(() => parse(source)).place
    expect(place).toMatchObject({ found, excerpt })
    expect(place?.expected).not.toBe('')
  })

  it('shows a part of a long line, with the caret under the position', () => {
    const [line = '', caret = ''] = (
      errorOf(() => parse(`[${'1 '.repeat(500)}x ${'2 '.repeat(500)}]`)).place?.excerpt ?? ''
    ).split('\n')
    expect(line.length).toBeLessThan(100)
    expect(line[caret.indexOf('^')]).toBe('x')
  })

  it('includes the path', () => {
    expect(errorOf(() => parse('{a={b=[1 null]}}'))).toMatchObject({
      code: 'XR_SYNTAX',
      path: ['a', 'b', 1n],
      offset: 9,
    })
    expect(errorOf(() => parse('{a=1 b={c=1 c=2}}'))).toMatchObject({
      code: 'XR_DUPLICATE',
      path: ['b', 'c'],
      offset: 12,
    })
  })
})

function placeOf(run: () => unknown): { path: unknown; offset: unknown } {
  const { path, offset } = errorOf(run)
  return { path, offset }
}

function errorOf(run: () => unknown): XrError {
  try {
    run()
  } catch (err) {
    if (err instanceof XrError) {
      return err
    }
    throw err
  }
  throw new Error('nothing was refused')
}
