import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from '@jest/globals'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { equal, type Node } from '../src/index.ts'
import * as dagCbor from '../src/dag-cbor.ts'
import * as dagJson from '../src/dag-json.ts'
import { parse, print } from '../src/text/index.ts'
import { codeOf } from './code-of.ts'
import { hex, toHex } from './hex.ts'
import { readCbor } from './oracle/cbor.ts'
import { REFUSALS, reasonOf } from './published/design.ts'
import { folder, readJson, say } from './published/place.ts'

const SOURCE = 'ipld-codec-fixtures'
const CODECS = { 'dag-cbor': dagCbor, 'dag-json': dagJson } as const
const here = folder(SOURCE)
const listed = REFUSALS.refused[SOURCE] ?? {}
const counts = { passed: 0, refused: 0, negative: 0 }

/** One value in both codecs; the files are named by the CIDs of their blocks. */
interface Fixture {
  name: string
  blocks: Array<{ codec: keyof typeof CODECS; cid: string; bytes: Uint8Array }>
}

if (here === undefined) {
  // counted as skipped, so that the closing line says that nothing of it ran
  it.todo(`${SOURCE}: put the published data beside the repository to run it`)
} else {
  const all = fixtures(new URL('fixtures/', here))
  const ours = all.filter(({ name }) => listed[name] === undefined)
  const refused = all.filter(({ name }) => listed[name] !== undefined)

  describe('ipld-codec-fixtures', () => {
    it.each(ours.map((fixture) => [fixture.name, fixture] as const))('%s', async (_, { blocks }) => {
      expect(blocks.map(({ codec }) => codec).sort()).toEqual(['dag-cbor', 'dag-json'])
      const nodes = blocks.map(({ codec, bytes }) => CODECS[codec].decode(bytes))
      expect(equal(nodes[0] as Node, nodes[1] as Node)).toBe(true)
      for (const { codec, cid, bytes } of blocks) {
        for (const node of nodes) {
          expect(toHex(CODECS[codec].encode(node))).toBe(toHex(bytes))
        }
        expect(String(CID.createV1(CODECS[codec].code, await sha256.digest(bytes)))).toBe(cid)
      }
      expect(String(await dagCbor.cid(nodes[0] as Node))).toBe(blocks.find(({ codec }) => codec === 'dag-cbor')?.cid)
      expect(equal(parse(print(nodes[0] as Node)), nodes[0] as Node)).toBe(true)
      counts.passed++
    })

    it.each(refused.map((fixture) => [fixture.name, fixture] as const))(
      '%s is refused by design',
      (name, { blocks }) => {
        for (const { codec, bytes } of blocks) {
          expect(codeOf(() => CODECS[codec].decode(bytes))).not.toBe('accepted')
        }
        const block = blocks.find(({ codec }) => codec === 'dag-cbor')
        expect(reasonOf(readCbor(block?.bytes ?? hex('f6')))).toBe(listed[name])
        counts.refused++
      },
    )

    it('contains every case of the list', () => {
      expect(Object.keys(listed).filter((name) => !all.some((fixture) => fixture.name === name))).toEqual([])
    })

    it.each(negatives(new URL('negative-fixtures/', here)))('%s is refused: %s', (codec, _, digits) => {
      expect(codeOf(() => CODECS[codec].decode(hex(digits)))).not.toBe('accepted')
      counts.negative++
    })

    afterAll(() => {
      say(
        `${SOURCE}: ${counts.passed} passed, ${counts.refused} refused by design; ${counts.negative} negative ones refused`,
      )
    })
  })
}

function fixtures(root: URL): Fixture[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const place = new URL(`${encodeURIComponent(name)}/`, root)
      const blocks = readdirSync(place).flatMap((file) => {
        const [cid = '', codec = ''] = file.split('.')
        return codec === 'dag-cbor' || codec === 'dag-json'
          ? [{ codec, cid, bytes: new Uint8Array(readFileSync(new URL(file, place))) } as const]
          : []
      })
      return { name, blocks }
    })
}

/** What decoders of our two codecs must refuse: codec, name, hex. */
function negatives(root: URL): Array<[keyof typeof CODECS, string, string]> {
  return (Object.keys(CODECS) as Array<keyof typeof CODECS>).flatMap((codec) => {
    const place = new URL(`${codec}/decode/`, root)
    return readdirSync(place).flatMap((file) =>
      readJson<Array<{ name: string; hex: string }>>(file, place).map(
        ({ name, hex: digits }): [keyof typeof CODECS, string, string] => [codec, name, digits],
      ),
    )
  })
}
