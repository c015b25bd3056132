import { describe, expect, it } from '@jest/globals'
import { Dict, from, isKind, LIMITS, List, type Node } from '@sr/xr'
import { DEEP } from '@sr/xr/selector'
import fc from 'fast-check'
import { cursorCheck, decodeCursor, encodeCursor, MAX_CURSOR_BYTES, type Cursor } from '../src/query/index.ts'
import { Writer } from './query-oracle.ts'
import { CHECK, readRows, RUNS } from './query-pages.ts'

describe('a cursor', () => {
  const step = fc.uint8Array({ maxLength: 6 }).map((bytes) => String.fromCharCode(...bytes))
  const position = fc.array(step, { maxLength: 4 })
  const cursors: fc.Arbitrary<Cursor> = fc.oneof(
    fc.record({
      writer: fc.constantFrom('', 'ann', 'bob'),
      position: fc.constant(undefined),
      inside: fc.constant(undefined),
    }),
    fc.record({ writer: fc.constantFrom('', 'ann', 'bob'), position, inside: fc.option(position, { nil: undefined }) }),
  )

  it('reads back, and different ones have different bytes', () => {
    fc.assert(
      fc.property(cursors, cursors, (a, b) => {
        const bytes = encodeCursor(a, CHECK)
        expect(decodeCursor(bytes, CHECK)).toEqual(a)
        expect(Buffer.compare(bytes, encodeCursor(b, CHECK)) === 0).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      RUNS,
    )
  })

  it('is refused by VM_DOC unless its bytes are those of a cursor', () => {
    fc.assert(
      fc.property(cursors, fc.nat(200), fc.nat(255), fc.boolean(), (cursor, at, byte, cut) => {
        const bytes = encodeCursor(cursor, CHECK)
        const bad = cut
          ? bytes.slice(0, at % bytes.length)
          : bytes.map((old, i) => (i === at % bytes.length ? byte : old))
        const read = cursorOrCode(bad)
        expect(typeof read === 'string' ? read : encodeCursor(read, CHECK)).toEqual(
          typeof read === 'string' ? 'VM_CURSOR' : bad,
        )
      }),
      RUNS,
    )
  })

  it.each<[string, Uint8Array, object]>([
    ['empty', new Uint8Array(), { code: 'VM_CURSOR' }],
    ['another value', Uint8Array.of(0xa0), { code: 'VM_CURSOR' }],
    [
      'too long',
      new Uint8Array(MAX_CURSOR_BYTES + 1),
      { code: 'VM_CURSOR', limit: 'cursor', max: MAX_CURSOR_BYTES, got: MAX_CURSOR_BYTES + 1 },
    ],
    [
      'of another request',
      encodeCursor({ writer: 'ann', position: [], inside: undefined }, cursorCheck(Uint8Array.of(1), [1])),
      { code: 'VM_CURSOR', limit: 'cursorCheck' },
    ],
    [
      'of another key',
      encodeCursor({ writer: 'ann', position: [], inside: undefined }, cursorCheck(Uint8Array.of(2), [])),
      { code: 'VM_CURSOR', limit: 'cursorCheck' },
    ],
    [
      'too many steps',
      encodeCursor({ writer: 'ann', position: Array.from({ length: 65 }, () => 'a'), inside: undefined }, CHECK),
      { code: 'VM_CURSOR' },
    ],
  ])('%s is refused', (_, bytes, error) => {
    expect(() => decodeCursor(bytes, CHECK)).toThrow(expect.objectContaining(error))
  })

  it('has no writer above 512 bytes', () => {
    expect(() => encodeCursor({ writer: 'w'.repeat(513), position: undefined, inside: undefined }, CHECK)).toThrow(
      expect.objectContaining({ code: 'VM_WRITER' }),
    )
  })

  it('fits 256 KiB after the longest paths, and what follows is read', () => {
    const member = (last: number, spare: number): Node => {
      const bytes = new Uint8Array(LIMITS.bytes - spare)
      bytes[0] = last
      return bytes
    }
    const writer = new Writer()
    for (const last of [1, 2, 3]) writer.say(Dict.from([['l', List.of(member(last, 20))]]))
    writer.say(from({ zz: 'end' }))
    const positions = readRows(() => writer.view(), [DEEP], { maxRows: 1 }, 20)
    expect(positions.flatMap(({ rows }) => rows).map(({ node }) => (isKind(node, 'bytes') ? node[0] : node))).toEqual([
      1,
      2,
      3,
      'end',
    ])
    const deep = { writer: 'w'.repeat(512), position: ['x'.repeat(200_000), 'y'.repeat(100_000)], inside: ['z'] }
    expect(encodeCursor(deep, CHECK).length).toBeLessThanOrEqual(MAX_CURSOR_BYTES)
    const [first, second] = decodeCursor(encodeCursor(deep, CHECK), CHECK).position as string[]
    expect(first).toBe(deep.position[0])
    expect((second as string) > (deep.position[1] as string)).toBe(true)
  })
})

/** What the bytes stand for, or the code of the refusal. */
function cursorOrCode(bytes: Uint8Array): Cursor | string {
  try {
    return decodeCursor(bytes, CHECK)
  } catch (err) {
    return (err as { code: string }).code
  }
}
