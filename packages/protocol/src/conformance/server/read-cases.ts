import { decode, encode } from '@sr/xr/dag-cbor'
import { equal, from, joinPieces, type Node } from '@sr/xr'
import type { DocumentItem } from '../../messages/index.ts'
import { assertSame } from '../case.ts'
import { own, type RawClient } from './raw-client.ts'
import { serving, type ServerCase } from './setup.ts'

/** Gets and their pages. */
export const readCases: readonly ServerCase[] = [
  serving('an empty record', async ({ client }) => {
    const { documents, after } = await client.get(1, 'k')
    assertSame([documents, after], [[], undefined], 'the answer')
  }),
  serving('have-null', async ({ client }) => {
    await client.update(1, own('k', { a: 1 }))
    const { revision } = await client.get(2, 'k')
    assertSame((await client.get(3, 'k', { have: revision })).documents, undefined, 'an unchanged record')
    await client.update(4, own('other', { a: 1 }))
    assertSame((await client.get(5, 'k', { have: revision })).documents, undefined, 'after a change of another record')
    await client.update(6, own('k', { a: 2 }))
    assertSame((await client.get(7, 'k', { have: revision })).documents?.length, 1, 'a changed record')
    const unknown = { ...revision, epoch: new Uint8Array(8) }
    assertSame((await client.get(8, 'k', { have: unknown })).documents?.length, 1, 'an unknown epoch')
  }),
  serving('at a path', async ({ client }) => {
    await client.update(1, own('k', { a: { b: 1 }, c: 2 }))
    const found = await client.get(2, 'k', { at: [encode('a')] })
    assertSame(
      found.documents?.map(({ tree }) => String(tree)),
      [String(encode(from({ b: 1 })))],
      'what stands there',
    )
    assertSame((await client.get(3, 'k', { at: [encode('x')] })).documents, [], 'where nothing stands')
  }),
  serving('writers', async ({ client }) => {
    await client.update(1, own('k', { a: 1 }))
    const [document] = (await client.get(2, 'k')).documents as readonly DocumentItem[]
    const { writer } = document as DocumentItem
    assertSame((await client.get(3, 'k', { writers: [writer] })).documents?.length, 1, 'the writer')
    const other = writer.slice()
    other[other.length - 1] = (other[other.length - 1] as number) ^ 1
    assertSame((await client.get(4, 'k', { writers: [other] })).documents, [], 'another writer')
  }),
  serving('pages-join, also when the writer writes between them', async ({ client }) => {
    const entries = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key ${i}`, 'x'.repeat(i % 50)]))
    await client.update(1, own('k', { kept: entries }))
    const tree = await readInPages(client, async (page) => {
      await client.update(1000 + 2 * page, own('k', { [`between ${page}`]: page }))
    })
    const kept = (tree as unknown as { get(key: string): Node }).get('kept')
    assertSame(equal(kept, from(entries)), true, 'whether what lived through all pages came once')
  }),
]

/** The document of the only writer of `k`, in pages of 1,024 bytes. */
async function readInPages(client: RawClient, between: (page: number) => Promise<void>): Promise<Node> {
  const pieces: Node[] = []
  let after: Uint8Array | undefined
  for (let page = 1; page === 1 || after !== undefined; page++) {
    const got = await client.get(999 + 2 * page, 'k', { maxBytes: 1024, after })
    pieces.push(...(got.documents ?? []).map(({ tree }) => decode(tree)))
    after = got.after
    if (page < 10) {
      await between(page)
    }
  }
  return joinPieces(pieces) as Node
}
