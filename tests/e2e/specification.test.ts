import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { MAX_RETAIN_MS } from '@sr/ir'
import {
  FRAME_TIMEOUT_MS,
  HANDLER_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MAX_KEY_BYTES,
  toRefusal,
  WRITE_TIMEOUT_MS,
} from '@sr/protocol'
import { MAX_UPDATE_BYTES } from '@sr/update'
import { machineLimits } from '@sr/vm'
import { LIMITS } from '@sr/xr'
import { CBOR_LIMITS, type CborValue, decode, encode } from '@sr/xr/cbor'
import { decode as decodeNode, encode as encodeNode } from '@sr/xr/dag-cbor'
import { parse } from '@sr/xr/text'
import { readSchema } from './cddl.ts'

interface Vectors {
  readonly alice: { readonly peer: string }
  readonly signed: { readonly [name: string]: string }
  readonly messages: ReadonlyArray<{
    readonly name: string
    readonly side: 'C' | 'S'
    readonly diag: string
    readonly hex: string
  }>
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const TEXT = read('packages/protocol/PROTOCOL.md')
const CDDL = read('vectors/wire/1.0.0/smart-record-1.0.0.cddl')
const { alice, signed, messages } = JSON.parse(read('vectors/wire/1.0.0/smart-record-1.0.0.json')) as Vectors

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const matches = readSchema(CDDL)

/** A frame in its two parts. */
function split(frame: Uint8Array): { readonly length: number; readonly message: Uint8Array } {
  const digits = frame.findIndex((byte) => byte < 0x80) + 1
  const length = frame.subarray(0, digits).reduce((sum, byte, i) => sum + (byte & 0x7f) * 128 ** i, 0)
  return { length, message: frame.subarray(digits) }
}

describe('the messages of vectors/wire/1.0.0', () => {
  it.each(messages)('$side $name', ({ side, hex }) => {
    const { length, message } = split(bytesOf(hex))
    expect(message).toHaveLength(length)
    const value = decode(message)
    expect(hexOf(encode(value))).toBe(hexOf(message))
    expect(matches(side === 'C' ? 'from-client' : 'from-server', value)).toBe(true)
    expect(matches(side === 'C' ? 'from-server' : 'from-client', value)).toBe(false)
  })

  it('have a signed update with a payload of the schema', () => {
    expect(matches('payload', decode(bytesOf(signed['payload'] as string)))).toBe(true)
  })
})

describe('the schema', () => {
  const [key, peer, epoch] = [Uint8Array.of(1), new Uint8Array(38), new Uint8Array(8)]
  const options = (...entries: Array<[string, CborValue]>): CborValue => new Map(entries)

  it.each<[string, string, CborValue]>([
    ['id 0 of a request', 'from-client', [0, 7]],
    ['an id above 2^32 - 1', 'from-client', [2 ** 32, 7]],
    ['an element too many', 'from-client', [1, 7, 1]],
    ['an op that does not exist', 'from-client', [1, 10]],
    ['an empty key', 'from-client', [1, 2, new Uint8Array(0)]],
    ['an option that does not exist', 'from-client', [1, 2, key, options(['x', 1])]],
    ['an option of another op', 'from-client', [1, 2, key, options(['n', 1])]],
    ['renewed that is false', 'from-client', [1, 4, key, 0, options(['renewed', false])]],
    ['257 items', 'from-client', [1, 1, Array.from({ length: 257 }, () => key)]],
    ['no items', 'from-client', [1, 1, []]],
    ['a page of 1,023 bytes', 'from-client', [1, 2, key, options(['max', 1023])]],
    ['a peer of 33 bytes', 'from-client', [1, 2, key, options(['w', [new Uint8Array(33)]])]],
    ['a code below 16', 'from-server', [1, 15, options()]],
    ['a result without a charge', 'from-server', [1, 0, [[0, 3, 1, 1, 1]]]],
    ['a marker without a revision', 'from-server', [1, 1, 1, 7]],
    ['an info without a map', 'from-server', [0, 0, options()]],
    ['a limit that is a text', 'from-server', [1, 20, options(['max', 'a'])]],
    ['a payload of six elements', 'payload', ['main', key, peer, 1, 1, 1]],
    ['an empty extra', 'payload', ['main', key, peer, 1, 1, 1, options(), options()]],
  ])('refuses %s', (_, rule, value) => {
    expect(matches(rule, value)).toBe(false)
  })

  it.each<[string, CborValue]>([
    ['of a result', [1, 0, [[0, 3, 1, 1, 1, 730, [], 'later']]]],
    ['of a page', [1, 0, [epoch, 7], [[peer, 1, 1, 1, 1, key, 'later']], null, options(['later', 1]), 'later']],
    ['of a detail', [1, 100, options(['later', 'x'])]],
    ['of a part', [1, 1, 1, [epoch, 7], 'later']],
  ])('allows later elements %s', (_, value) => {
    expect(matches('from-server', value)).toBe(true)
  })
})

/** The rows of all tables whose header begins with these columns, each as its cells. */
function tableRows(...header: readonly string[]): string[][] {
  const lines = TEXT.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${header.join(' | ')} |`))
  expect(start).toBeGreaterThan(0)
  const rows = lines.slice(start + 2)
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

const code = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '')
const integer = (cell: string | undefined): number => Number((cell ?? '').replaceAll(',', ''))

describe('PROTOCOL.md', () => {
  const blocks = Array.from(TEXT.matchAll(/(?:^`(.*)`\n\n)?```hex (.*)\n([0-9a-f\n]*)```/gm), (found) => found.slice(1))

  it('shows every message, and the signed update', () => {
    const shown = Object.keys(signed).map((name) => `signed.${name}`)
    expect(blocks.map(([, name]) => name).sort()).toEqual([...messages.map(({ name }) => name), ...shown].sort())
  })

  it.each(blocks)('%s %s', (diag, name = '', hex = '') => {
    const field = name.startsWith('signed.') ? signed[name.slice('signed.'.length)] : undefined
    const message = messages.find((one) => one.name === name)
    expect(hex.replaceAll('\n', '')).toBe(field ?? message?.hex)
    const full = diag?.replace(/\bA\b/g, `h'${alice.peer}'`).replace(/\bU\b/g, `h'${signed['envelope']}'`)
    expect(full).toBe(message?.diag)
  })

  it('has the schema', () => {
    expect(/```cddl\n([^`]*)```/.exec(TEXT)?.[1]).toBe(CDDL)
  })

  const values = tableRows('kind', 'natural form', 'value', 'bytes').map(([, , value, bytes]) => [value, bytes])
  const operators = Array.from(TEXT.matchAll(/`(\$\w+\([^`]*\))`: `([0-9a-f]+)`/g), (found) => found.slice(1))

  it.each([...values.filter(([value]) => value !== ''), ...operators])('value %s is %s', (value, bytes) => {
    const node = parse(code(value))
    expect(hexOf(encodeNode(node))).toBe(code(bytes))
    expect(hexOf(encodeNode(decodeNode(bytesOf(code(bytes)))))).toBe(code(bytes))
  })

  it('has values of all kinds, and the operators', () => {
    expect([values.length, operators.length]).toEqual([17, 4])
  })

  describe('statuses', () => {
    const rows = tableRows('code', 'name', 'retryable', 'reason', 'detail')
    const statuses = rows.map(([number, name, retryable]) => ({ number: Number(number), name, retryable }))

    it('are retryable by bit 6', () => {
      expect(statuses.filter(({ number, retryable }) => retryable !== ((number & 64) === 0 ? 'no' : 'yes'))).toEqual([])
    })

    it('are those that errors become, as retryable as the table says', () => {
      const prefixes = ['PROTOCOL_', 'VM_', 'UPDATE_', 'XR_', 'IR_']
      const found = statuses.flatMap(({ name = '', retryable }) =>
        prefixes
          .map((prefix) => toRefusal({ code: name.replace('E_', prefix) }))
          .filter(({ status }) => status === name)
          .map((refusal) => [name, refusal.retryable ? 'yes' : 'no', retryable]),
      )
      expect(new Set(found.map(([name]) => name)).size).toBeGreaterThanOrEqual(25)
      expect(found.filter(([, ours, table]) => ours !== table)).toEqual([])
    })
  })

  describe('limits', () => {
    const limits = new Map(
      tableRows('name', 'value', 'unit', 'kind', 'limits').map(([name, value]) => [code(name), Number(value)]),
    )
    const { bytes: totalBytes, ...machine } = machineLimits()

    it.each(
      Object.entries({
        ...LIMITS,
        messageDepth: CBOR_LIMITS.depth,
        messageItems: CBOR_LIMITS.items,
        key: MAX_KEY_BYTES,
        update: MAX_UPDATE_BYTES,
        retainMs: MAX_RETAIN_MS,
        maxTtl: machine.maxTtl,
        bytesPerWriter: machine.bytesPerWriter,
        recordsPerWriter: machine.recordsPerWriter,
        writersPerRecord: machine.writersPerRecord,
        bytesPerRecord: machine.bytesPerRecord,
        slotsPerDocument: machine.slotsPerDocument,
        watchesInAll: machine.watches,
        totalBytes,
      }),
    )('%s is %d', (name, value) => {
      expect(limits.get(name)).toBe(value)
    })
  })

  describe('deadlines', () => {
    const deadlines = tableRows('deadline', 'ms', 'when it passes')

    it.each([
      ['from the first to the last byte', FRAME_TIMEOUT_MS],
      ['no request under way', IDLE_TIMEOUT_MS],
      ['from a request to its end', HANDLER_TIMEOUT_MS],
      ['no progress', WRITE_TIMEOUT_MS],
    ])('%s', (name, ms) => {
      expect(deadlines.filter(([of = '']) => of.startsWith(name)).map(([, value]) => integer(value))).toEqual([ms])
    })
  })
})
