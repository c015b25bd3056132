import { readdirSync } from 'node:fs'
import { afterAll, describe, expect, it } from '@jest/globals'
import * as cborg from 'cborg'
import { from, type Node } from '../src/index.ts'
import { decode, encode } from '../src/dag-cbor.ts'
import { codeOf } from './code-of.ts'
import { hex, toHex } from './hex.ts'
import { readCbor } from './oracle/cbor.ts'
import { REFUSALS, reasonOf } from './published/design.ts'
import { folder, readJson, say } from './published/place.ts'

const SOURCE = 'dasl-testing'

/** The tags of what dag-cbor answers for; the others ask for the rules of other profiles of CBOR. */
const TAGS = ['dag-cbor', 'basic']

interface Fixture {
  type: 'roundtrip' | 'invalid_in' | 'invalid_out'
  name: string
  data: string
  tags: string[]
  desc: string
}

const here = folder(`${SOURCE}/fixtures/cbor`)
const listed = REFUSALS.refused[SOURCE] ?? {}
const counts = { passed: 0, refused: 0, other: 0 }

if (here === undefined) {
  // counted as skipped, so that the closing line says that nothing of it ran
  it.todo(`${SOURCE}: put the published data beside the repository to run it`)
} else {
  const all = readdirSync(here).flatMap((file) => readJson<Fixture[]>(file, here))
  const ours = all.filter(({ tags }) => tags.some((tag) => TAGS.includes(tag)))
  const of = (type: Fixture['type'], inList: boolean): Array<[string, string]> =>
    ours
      .filter((one) => one.type === type && (listed[keyOf(one)] !== undefined) === inList)
      .map((one) => [`${one.name}: ${one.desc}`, one.data])
  counts.other = all.length - ours.length

  describe('dasl-testing', () => {
    it.each(of('roundtrip', false))('decodes and encodes %s', (_, data) => {
      expect(toHex(encode(decode(hex(data))))).toBe(data)
      counts.passed++
    })

    it.each(ours.filter((one) => listed[keyOf(one)] !== undefined).map((one) => [keyOf(one), one.data]))(
      '%s is refused by design',
      (key, data) => {
        expect(codeOf(() => decode(hex(data)))).not.toBe('accepted')
        expect(reasonOf(readCbor(hex(data)))).toBe(listed[key])
        counts.refused++
      },
    )

    it.each(of('invalid_in', false))('refuses %s', (_, data) => {
      expect(codeOf(() => decode(hex(data)))).not.toBe('accepted')
      counts.passed++
    })

    // What a lenient decoder makes of the bytes is refused, or is written in a form that is valid: never as those bytes.
    it.each(of('invalid_out', false))('refuses to encode %s', (_, data) => {
      const written = writtenFor(data)
      expect(written === undefined || (written !== data && toHex(encode(decode(hex(written)))) === written)).toBe(true)
      expect(codeOf(() => decode(hex(data)))).not.toBe('accepted')
      counts.passed++
    })

    it('contains every case of the list', () => {
      expect(Object.keys(listed).filter((key) => !ours.some((one) => keyOf(one) === key))).toEqual([])
    })

    afterAll(() => {
      say(
        `${SOURCE}: ${counts.passed} passed, ${counts.refused} refused by design; ${counts.other} are of other profiles`,
      )
    })
  })
}

function keyOf({ type, name }: Fixture): string {
  return `${type} ${name}`
}

/** What we write for the JavaScript value of CBOR that is none of ours; undefined when it is refused. */
function writtenFor(data: string): string | undefined {
  try {
    const value: unknown = cborg.decode(hex(data), {
      useMaps: true,
      tags: { 0: (inner) => new Date(inner() as string), 2: (inner) => BigInt(`0x${toHex(inner() as Uint8Array)}`) },
    })
    return toHex(encode(from(value as Node)))
  } catch {
    return undefined
  }
}
