import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { goDocument } from '../src/index.ts'

const vectors = new URL('../../../vectors/go/', import.meta.url)

interface EncodeCase {
  name: string
  json?: string
  jsonHex?: string
  jsonError?: string
}
interface Differences {
  complete: Record<string, string>
  refused: Record<string, { code: string }>
  accepted: Record<string, string>
  written: Record<string, { json: string }>
  unreadable: Record<string, { code: string }>
}

const differences = JSON.parse(readFileSync(new URL('go-differences.json', import.meta.url), 'utf8')) as Differences
const encodeCases = JSON.parse(readFileSync(new URL('go-encode.json', vectors), 'utf8')) as EncodeCase[]

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' }

/** The bytes of a string as Go's %q prints it. */
function unquote(quoted: string): Uint8Array {
  const parts = Array.from(
    quoted.matchAll(/\\x(?<byte>[0-9a-f]{2})|\\u(?<unit>[0-9a-f]{4})|\\(?<letter>.)|(?<plain>[^\\]+)/gu),
    ({ groups = {} }) => {
      const { byte, unit, letter, plain } = groups
      if (byte !== undefined) {
        return Uint8Array.of(Number.parseInt(byte, 16))
      }
      const text =
        unit === undefined ? (plain ?? ESCAPES[letter ?? '']) : String.fromCharCode(Number.parseInt(unit, 16))
      if (text === undefined) {
        throw new Error(`an escape that is not known here: ${quoted}`)
      }
      return new TextEncoder().encode(text)
    },
  )
  return Buffer.concat(parts)
}

/** Inputs of this many bytes were cut when they were recorded. */
const CUT = 90

const decodeCases = readFileSync(new URL('go-decode.txt', vectors), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => {
    const [, name, verdict, quoted] = /^(.*?)\s+(OK|ERR) .*?<- "(.*)"$/.exec(line) ?? []
    if (name === undefined || quoted === undefined) {
      throw new Error(`no case: ${line}`)
    }
    const whole = differences.complete[name]
    const input = whole === undefined ? unquote(quoted) : new TextEncoder().encode(whole)
    return { name, accepted: verdict === 'OK', input, cut: whole === undefined && input.length >= CUT }
  })

function verdict(input: Uint8Array): string {
  try {
    goDocument.decode(input)
    return 'accepted'
  } catch (err) {
    return (err as { code: string }).code
  }
}

describe("the inputs that Go's decoder accepts and rejects", () => {
  it('is complete', () => {
    expect(decodeCases).toHaveLength(90)
    expect(decodeCases.filter(({ cut }) => cut)).toEqual([])
    const names = new Set(decodeCases.map(({ name }) => name))
    expect(
      [...Object.keys(differences.refused), ...Object.keys(differences.accepted)].filter((name) => !names.has(name)),
    ).toEqual([])
  })

  it.each(decodeCases)('$name', ({ name, accepted, input }) => {
    // what Go says, and what we say where it is not the same
    const differs =
      differences.refused[name]?.code ?? (differences.accepted[name] === undefined ? undefined : 'accepted')
    const wanted = differs ?? (accepted ? 'accepted' : 'XR_(SYNTAX|VALUE)')
    expect(verdict(input)).toMatch(new RegExp(`^${wanted}$`))
    expect(differs === undefined || accepted !== (differs === 'accepted')).toBe(true)
  })
})

describe('what Go writes', () => {
  const written = encodeCases.filter((c) => c.jsonHex !== undefined)

  it('is complete', () => {
    expect(written).toHaveLength(44)
    const names = new Set(written.map(({ name }) => name))
    expect(
      [...Object.keys(differences.written), ...Object.keys(differences.unreadable)].filter((name) => !names.has(name)),
    ).toEqual([])
  })

  it.each(written.filter(({ name }) => name in differences.unreadable))('refuses $name', ({ name, jsonHex }) => {
    expect(verdict(Buffer.from(jsonHex ?? '', 'hex'))).toBe(differences.unreadable[name]?.code)
  })

  it.each(written.filter(({ name }) => !(name in differences.unreadable)))('$name', ({ name, json, jsonHex }) => {
    const read = goDocument.decode(Buffer.from(jsonHex ?? '', 'hex'))
    const wanted = differences.written[name]?.json
    const ours = goDocument.encode(read)
    expect(new TextDecoder().decode(ours)).toBe(wanted ?? json)
    expect(wanted).not.toBe(json)
    expect(goDocument.decode(ours)).toEqual(read)
  })
})
