import { afterAll, describe, expect, it } from '@jest/globals'
import { equal, from, type Node, Predicate, print } from '../src/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import * as dagJson from '../src/dag-json.ts'
import { parse } from '../src/text/index.ts'
import { codeOf } from './code-of.ts'
import { toHex } from './hex.ts'
import { readCbor } from './oracle/cbor.ts'
import { REFUSALS, reasonOf } from './published/design.ts'
import { folder, readJson, say } from './published/place.ts'

const SOURCE = 'atproto'

/** JSON of the data model: links and bytes are objects with the one key `$link` or `$bytes`. */
type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

interface Encoded {
  json: Json
  cbor_base64: string
  cid: string
}
interface Noted {
  note: string
  json: Json
}

const here = folder(`${SOURCE}/data-model`)
const listed = REFUSALS.refused[SOURCE] ?? {}
const counts = { passed: 0, refused: 0, allowed: 0 }

if (here === undefined) {
  // counted as skipped, so that the closing line says that nothing of it ran
  it.todo(`${SOURCE}: put the published data beside the repository to run it`)
} else {
  const encoded = readJson<Encoded[]>('data-model-fixtures.json', here)
  const valid = readJson<Noted[]>('data-model-valid.json', here)
  const invalid = readJson<Noted[]>('data-model-invalid.json', here)
  const names = [
    ...encoded.map(({ cid }) => cid),
    ...valid.map(({ note }) => note),
    ...invalid.map(({ note }) => `invalid: ${note}`),
  ]

  describe('the atproto data model', () => {
    it.each(encoded.filter(({ cid }) => listed[cid] === undefined).map((one) => [one.cid, one] as const))(
      '%s',
      async (cid, one) => {
        const block = new Uint8Array(Buffer.from(one.cbor_base64, 'base64'))
        const node = dagCbor.decode(block)
        expect(toHex(dagCbor.encode(node))).toBe(toHex(block))
        expect(equal(node, nodeOf(one.json))).toBe(true)
        expect(toHex(dagCbor.encode(nodeOf(one.json)))).toBe(toHex(block))
        expect(String(await dagCbor.cid(node))).toBe(cid)
        counts.passed++
      },
    )

    it.each(encoded.filter(({ cid }) => listed[cid] !== undefined).map((one) => [one.cid, one] as const))(
      '%s is refused by design',
      (cid, one) => {
        const block = Buffer.from(one.cbor_base64, 'base64')
        expect(codeOf(() => dagCbor.decode(block))).not.toBe('accepted')
        expect(reasonOf(readCbor(block))).toBe(listed[cid])
        counts.refused++
      },
    )

    it.each(valid.filter(({ note }) => listed[note] === undefined).map((one) => [one.note, one.json] as const))(
      'valid: %s',
      (_, json) => {
        const node = nodeOf(json)
        expect(equal(dagCbor.decode(dagCbor.encode(node)), node)).toBe(true)
        expect(equal(dagJson.decode(dagJson.encode(node)), node)).toBe(true)
        expect(equal(parse(print(node)), node)).toBe(true)
        counts.passed++
      },
    )

    it.each(valid.filter(({ note }) => listed[note] !== undefined).map((one) => [one.note, one.json] as const))(
      'valid: %s is refused by design',
      (note, json) => {
        expect(codeOf(() => nodeOf(json))).toBe('XR_KIND')
        expect(listed[note]).toBe('null')
        counts.refused++
      },
    )

    // Most of what their model forbids is no matter of a codec: then we take it, and the list says so.
    it.each(invalid.map((one) => [`invalid: ${one.note}`, one.json] as const))('%s', (name, json) => {
      const verdict = codeOf(() => nodeOf(json))
      expect([name, verdict === 'accepted' ? 'theirs' : undefined]).toEqual([name, listed[name]])
      counts[verdict === 'accepted' ? 'allowed' : 'passed']++
    })

    it('contains every case of the list', () => {
      expect(Object.keys(listed).filter((name) => !names.includes(name))).toEqual([])
    })

    afterAll(() => {
      say(
        `${SOURCE}: ${counts.passed} passed, ${counts.refused} refused by design, ${counts.allowed} against rules of theirs that are no rules of ours`,
      )
    })
  })
}

/** The node of their JSON. */
function nodeOf(json: Json): Node {
  return from(plain(json) as Node)
}

function plain(json: Json): unknown {
  if (Array.isArray(json)) {
    return json.map(plain)
  }
  if (typeof json !== 'object' || json === null) {
    return json
  }
  if ('$link' in json) {
    return linkOf(one(json, '$link'))
  }
  if ('$bytes' in json) {
    return new Uint8Array(Buffer.from(one(json, '$bytes'), 'base64'))
  }
  return Object.fromEntries(Object.entries(json).map(([name, inner]) => [name, plain(inner)]))
}

/** The String under the one key of an object. */
function one(json: { [name: string]: Json }, name: string): string {
  const value = json[name]
  if (Object.keys(json).length !== 1 || typeof value !== 'string') {
    throw Object.assign(new Error(`${name} stands alone, with a string`), { code: 'XR_FORM' })
  }
  return value
}

/** A link that the codecs write as one, which only a CID is. */
function linkOf(cid: string): Node {
  const node = new Predicate('link', [cid])
  if (dagCbor.encode(node)[0] !== 0xd8) {
    throw Object.assign(new Error('no CID'), { code: 'XR_VALUE' })
  }
  return node
}
