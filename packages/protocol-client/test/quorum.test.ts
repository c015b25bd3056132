import { generateKeyPair } from '@libp2p/crypto/keys'
import type { DocumentView } from '@sr/protocol'
import { createSigner, type Signer } from '@sr/protocol-client/signing'
import { type QuorumClient, quorumGet } from '@sr/protocol-client/quorum'
import { remove } from '@sr/ir/validate'
import { type Dict, from, print } from '@sr/xr'
import { beforeAll, describe, expect, test } from '@jest/globals'

const NOW = 1_800_000_000_000
let ann: Signer
let bob: Signer
let stranger: Signer

beforeAll(async () => {
  const make = async (network = 'main'): Promise<Signer> =>
    createSigner({ privateKey: await generateKeyPair('Ed25519'), network, now: () => NOW })
  ann = await make()
  bob = await make()
  stranger = await make('other')
})

async function sign(signer: Signer, document: object, key = 'k'): Promise<Uint8Array> {
  return (await signer.sign(key, document as never, { ttl: 60 })).bytes
}

/** A client whose servers have these updates, or fail. */
function client(servers: Record<string, Uint8Array[] | Error>, views: Record<string, Dict> = {}): QuorumClient {
  const updatesOf = (peer: string): Uint8Array[] => {
    const found = servers[peer]
    if (!Array.isArray(found)) {
      throw found
    }
    return found
  }
  const revision = { epoch: new Uint8Array(8), counter: 1 }
  return {
    network: 'main',
    getUpdates: async (peer) => ({
      revision,
      unchanged: false,
      partial: false,
      updates: updatesOf(peer as string),
    }),
    get: async (peer) => {
      updatesOf(peer as string)
      const document = views[peer as string]
      const documents = new Map<string, DocumentView>()
      if (document !== undefined) {
        const said = { seq: 1, signed: false, forked: false, next: undefined, ends: undefined }
        documents.set('carl', { document, ...said })
      }
      return { revision, unchanged: false, partial: false, documents }
    },
  }
}

describe('quorumGet', () => {
  test('merges what servers have, and says who served what, withheld, failed', async () => {
    const [first, second, theirs] = [
      await sign(ann, { nick: 'ann', at: 'home' }),
      await sign(ann, { at: remove() }),
      await sign(bob, { nick: 'bob' }),
    ]
    const down = new Error('down')
    const servers = { a: [first, second], b: [first], c: down, d: [theirs, first, second] }
    const record = await quorumGet(client(servers), Object.keys(servers), 'k', { now: NOW })
    const shown = Array.from(record.documents, ([writer, { document, servedBy, withheldBy, forked }]) => [
      writer,
      print(document),
      servedBy,
      withheldBy,
      forked,
    ])
    expect(shown).toEqual([
      [ann.writer, '{nick="ann"}', [0, 3], [1], false],
      [bob.writer, '{nick="bob"}', [3], [0, 1], false],
    ])
    const withheld = record.servers.map((server) => server.withheld.map(({ writer }) => writer))
    expect(withheld).toEqual([[bob.writer], [ann.writer, bob.writer], [], []])
    expect(record.servers.map(({ error }) => error)).toEqual([undefined, undefined, down, undefined])
    expect(new Set([...record.updates.values()].map(String))).toEqual(new Set([first, second, theirs].map(String)))
  })

  test('trusts nothing that is not signed by its writer, for this record and network', async () => {
    const good = await sign(ann, { nick: 'ann' })
    const forged = good.slice()
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1
    const bad = [forged, await sign(ann, { x: 1 }, 'l'), await sign(stranger, { x: 1 }), Uint8Array.of(1, 2, 3)]
    const views = { a: from({ unsigned: true }) }
    const record = await quorumGet(client({ a: [...bad, good], b: bad }, views), ['a', 'b'], 'k', { now: NOW })
    expect(Array.from(record.documents.values(), ({ document }) => print(document))).toEqual(['{nick="ann"}'])
    expect(record.servers.map(({ invalid }) => invalid.length)).toEqual([4, 4])
    expect(record.servers.map(({ view }) => [...view.keys()])).toEqual([['carl'], []])
    expect(record.documents.get(ann.writer)).toMatchObject({ servedBy: [0], withheldBy: [1] })
  })

  test('shows nothing that has expired, and counts a removal that a server withholds', async () => {
    const [stated, removed] = [await sign(ann, { nick: 'ann' }), await sign(ann, remove())]
    const servers = { a: [stated, removed], b: [stated] }
    const record = await quorumGet(client(servers), ['a', 'b'], 'k', { now: NOW })
    expect(record.documents.size).toBe(0)
    expect(record.servers.map(({ withheld }) => withheld.length)).toEqual([0, 1])
    const later = await quorumGet(client({ a: [stated] }), ['a'], 'k', { now: NOW + 61_000 })
    expect(later.documents.size).toBe(0)
  })
})
