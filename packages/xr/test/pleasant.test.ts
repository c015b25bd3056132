import { inspect } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { cid } from '../src/dag-cbor.ts'
import { equal, from } from '../src/index.ts'
import * as stock from '@ipld/dag-cbor'
import { sha256 } from 'multiformats/hashes/sha2'
import { CID } from 'multiformats/cid'
import { diff, parse, printDiff, sr } from '../src/text/index.ts'
import { node, text } from '../../../tests/kit/src/nodes.ts'

describe('diff', () => {
  it('is empty exactly when the nodes are equal, and each line is a document', () => {
    fc.assert(
      fc.property(node, node, (a, b) => {
        const found = diff(a, b)
        expect(found.length === 0).toBe(equal(a, b))
        for (const line of printDiff(found)
          .split('\n')
          .filter((one) => one !== '')) {
          parse(line.slice(2))
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('the template', () => {
  it('inserts any string as a String', () => {
    fc.assert(
      fc.property(text, text, (key, value) => {
        fc.pre(key !== 'fixed')
        expect(
          equal(sr`{${key}=[${value} ${1.5}], "fixed" = ${[key]}}`, from({ [key]: [value, 1.5], fixed: [key] })),
        ).toBe(true)
      }),
    )
  })

  it.each([
    ['quotes', () => sr`{a="x${'y'}"}`],
    ['quotes after an escape', () => sr`{a="\"${'y'}"}`],
    [
      'a comment',
      () => sr`{a=1 # ${'y'}
      }`,
    ],
  ])('refuses a value inside %s', (_, build) => {
    expect(build).toThrow(TypeError)
  })

  it('separates a value from adjacent tokens', () => {
    expect(equal(sr`[${1}${2}]`, from([1, 2]))).toBe(true)
    expect(equal(sr`[1${2}]`, from([1, 2]))).toBe(true)
  })
})

describe('what a console shows', () => {
  const sample = from({ nick: 'bob', key: Uint8Array.of(1), big: 2n ** 70n, list: [1, 1.5], at: sr`now(1)` })

  it('inspects as text', () => {
    expect(inspect({ sample })).toBe(
      '{\n  sample: {nick="bob" key=0x01 big=1180591620717411303424 list=[1 1.5] at=now(1)}\n}',
    )
    expect(String(sample)).toBe('{nick="bob" key=0x01 big=1180591620717411303424 list=[1 1.5] at=now(1)}')
  })

  it('stringifies as JSON', () => {
    expect(JSON.stringify(sample)).toBe(
      '{"nick":"bob","key":"0x01","big":"1180591620717411303424","list":[1,1.5],"at":"now(1)"}',
    )
    expect(
      JSON.stringify(
        from(
          new Map([
            [1, 'one'],
            ['1', 'text'],
          ] as Array<[string | number, string]>),
        ),
      ),
    ).toBe('{"1":"one","\\"1\\"":"text"}')
    expect(
      JSON.stringify(
        from(
          new Map([
            [true, 'x'],
            ['true', 'y'],
          ] as Array<[string | boolean, string]>),
        ),
      ),
    ).toBe('{"true":"x","\\"true\\"":"y"}')
    expect(JSON.stringify(parse('{"__proto__"=1}'))).toBe('{"__proto__":1}')
  })

  it('computes the CID of a block as IPLD does', async () => {
    const plain = { nick: 'bob', list: [1, 'x'] }
    expect(String(await cid(from(plain)))).toBe(
      String(CID.createV1(stock.code, await sha256.digest(stock.encode(plain)))),
    )
  })
})
