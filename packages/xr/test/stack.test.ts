import { describe, expect, it } from '@jest/globals'
import type { Node } from '../src/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import * as dagJson from '../src/dag-json.ts'
import { DAG_CBOR_REFUSED } from '../src/conformance/data/dag-cbor-refused.ts'
import { DAG_JSON_REFUSED } from '../src/conformance/data/dag-json-refused.ts'
import { TEXT_REFUSED } from '../src/conformance/data/text-refused.ts'
import { VALUES } from '../src/conformance/data/values.ts'
import { parse, print } from '../src/text/index.ts'
import { hex, toHex, utf8 } from './hex.ts'

/** Frames from the end of the stack that are gone through: each of the first, where a call runs out halfway, then some. */
const REACH = 600
const EACH = 40
const STEP = 40

/**
 * Runs down to the end of the stack, and calls `attempt` with one frame more of room each time on
 * the way back; what it throws for want of stack is no matter. (A depth that was measured before
 * would not do: frames shrink when they are compiled.)
 */
function climb(left: { frames: number }, attempt: () => void): void {
  try {
    climb(left, attempt)
  } catch {
    /* the end */
  }
  if (left.frames > 0) {
    left.frames--
    attempt()
  }
}

/** A verdict: what was read, written again, or the code of the refusal; `out` when the stack was. */
function verdict(read: () => string): string {
  try {
    return read()
  } catch (err) {
    const { code, name, message } = err as { code?: string; name?: string; message?: string }
    if (code?.startsWith('XR_') === true) {
      return code
    }
    // V8 says a SyntaxError where no stack is left to compile a regular expression, in other words on Node 22
    return name === 'RangeError' || /(?:Stack overflow|Maximum call stack size exceeded)$/.test(message ?? '')
      ? 'out'
      : `another error: ${String(err)}`
  }
}

/** Verdicts that differ from the one at a shallow stack, and how many there were near its end. */
function sweep(reads: ReadonlyArray<readonly [string, () => string]>): { wrong: string[]; out: number; kept: number } {
  const found = { wrong: [] as string[], out: 0, kept: 0 }
  for (const [name, read] of reads) {
    const expected = verdict(read)
    // V8 compiles a regular expression when it is used again; Node 22 dies of it where no stack is left
    for (let i = 0; i < 3; i++) verdict(read)
    let frames = 0
    climb({ frames: REACH }, () => {
      if (frames++ > EACH && frames % STEP !== 0) {
        return
      }
      const got = verdict(read)
      if (got === 'out') {
        found.out++
      } else if (got === expected) {
        found.kept++
      } else {
        found.wrong.push(`${name}, ${frames} frames from the end: ${got}, not ${expected}`)
      }
    })
    if (verdict(read) !== expected) {
      found.wrong.push(`${name}, after the stack was out: ${verdict(read)}, not ${expected}`)
    }
  }
  return found
}

const cbor = (bytes: Uint8Array) => (): string => toHex(dagCbor.encode(dagCbor.decode(bytes)))
const json = (bytes: Uint8Array) => (): string => toHex(dagJson.encode(dagJson.decode(bytes)))
const text = (source: string) => (): string => print(parse(source))
const nested = Array.from({ length: 65 }).reduce<string>((inner) => `[${inner}]`, '')
const values = VALUES.filter((_, i) => i % 9 === 0)
const links = VALUES.filter(({ name }) => name.startsWith('link'))

describe.each([
  [
    'dag-cbor',
    [
      ...[...values, ...links].map(({ name, dagCbor: digits }) => [name, cbor(hex(digits))] as const),
      ...DAG_CBOR_REFUSED.filter(({ code }) => code !== 'XR_SYNTAX').map(
        ({ name, bytes }) => [name, cbor(hex(bytes))] as const,
      ),
    ],
  ],
  [
    'dag-json',
    [
      ...[...values, ...links].map(({ name, dagJson: form }) => [name, json(utf8(form))] as const),
      ...DAG_JSON_REFUSED.filter(({ code }) => code !== 'XR_SYNTAX').map(
        ({ name, bytes }) => [name, json(hex(bytes))] as const,
      ),
      ['65 deep', json(utf8(nested))] as const,
    ],
  ],
  [
    'text',
    [
      ...[...values, ...links].map(({ name, text: form }) => [name, text(form)] as const),
      ...TEXT_REFUSED.map(({ name, text: source }) => [name, text(source)] as const),
      ['65 deep', text(nested)] as const,
    ],
  ],
] as Array<[string, Array<readonly [string, () => string]>]>)('%s near the end of the stack', (_, reads) => {
  it('gives the same verdict as elsewhere, or overflows', () => {
    const { wrong, out, kept } = sweep(reads)
    expect(wrong.slice(0, 5)).toEqual([])
    // both happened, so the sweep went over the place where the stack ends
    expect(out).toBeGreaterThan(reads.length)
    expect(kept).toBeGreaterThan(reads.length)
  })
})

describe('a decoder', () => {
  // Dicts in Dicts, as values: nothing has to be keyed, so what is left is the decoder's own way down
  it.each([
    [
      'dag-cbor',
      (depth: number) => {
        const bytes = hex('a16161'.repeat(depth) + 'f5')
        return () => dagCbor.decode(bytes, { depth: 256 })
      },
    ],
    [
      'dag-json',
      (depth: number) => {
        const bytes = utf8(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
        return () => dagJson.decode(bytes, { depth: 256 })
      },
    ],
    [
      'text',
      (depth: number) => {
        const source = `${'{a='.repeat(depth)}1${'}'.repeat(depth)}`
        return () => parse(source, { depth: 256 })
      },
    ],
  ] as Array<[string, (depth: number) => () => Node]>)(
    'of %s takes no stack by the depth of the document',
    (_, make) => {
      const [shallow, deep] = [make(2), make(250)]
      for (let i = 0; i < 50; i++) {
        // compiled before it is measured
        shallow()
        deep()
      }
      expect(framesOf(deep)).toBeLessThan(framesOf(shallow) + 100)
    },
  )
})

/** Frames of `climb` that must be left for a call not to run out of stack. */
function framesOf(run: () => unknown): number {
  let frames = 0
  let enough: number | undefined
  climb({ frames: 5000 }, () => {
    frames++
    if (enough === undefined) {
      run()
      enough = frames
    }
  })
  return enough ?? Infinity
}
