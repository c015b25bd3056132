import { from, isKind } from '@sr/xr'
import type { Row } from '../report/row.ts'
import { put, signed } from './documents.ts'
import { partText, type RecordPair, recordScenario } from './pair.ts'
import type { Part, Revision, Watch, WatchOptions } from './peer.ts'

/** Parts up to and with one of a kind. */
async function until(watch: Watch, kind: Part['kind']): Promise<Array<Part | string>> {
  const parts: Array<Part | string> = []
  for (;;) {
    const part = await watch.next()
    parts.push(part)
    if (typeof part === 'string' || part.kind === kind) {
      return parts
    }
  }
}

/** The next part that is no marker: a server may send more of them than it must. */
async function notMarker(watch: Watch): Promise<Part | string> {
  const parts = await watch.next()
  return typeof parts !== 'string' && parts.kind === 'marker' ? await notMarker(watch) : parts
}

const text = (parts: ReadonlyArray<Part | string>): string => parts.map(partText).join(', ')

/** A watch while own updates are made one after the other: its beginning, and the part after each. */
async function follow(
  pair: RecordPair,
  key: Uint8Array,
  texts: readonly string[],
  options: WatchOptions = {},
): Promise<string> {
  const watch = await pair.b.watch(key, options)
  const seen = [text(await until(watch, 'marker'))]
  for (const one of texts) {
    await put(pair.a, key, one)
    seen.push(partText(await notMarker(watch)))
  }
  await watch.cancel()
  return seen.join('; ')
}

async function markerOf(pair: RecordPair, key: Uint8Array): Promise<Revision> {
  const watch = await pair.b.watch(key)
  const last = (await until(watch, 'marker')).at(-1)
  await watch.cancel()
  if (last === undefined || typeof last === 'string' || last.revision === undefined) {
    throw new Error('no marker')
  }
  return last.revision
}

/** Watches of a record. */
export const watchRows: Row[] = [
  ...recordScenario(
    'watch: snapshot, changes, removal, members',
    'snapshot {A={n=1}}, marker; changes A: set /"n" 2; changes A: set /"l" ["a"]; changes A: set member /"l" "b"; changes A: removed member /"l" "a"; changes A: removed /"n"',
    async (pair, key) => {
      await put(pair.a, key, '{n=1}')
      return await follow(pair, key, ['{n=2}', '{l=["a"]}', '{l=["b"]}', '{l=[$remove("a")]}', '{n=$remove()}'])
    },
  ),
  ...recordScenario('watch: an empty record', 'snapshot {}, marker; changes A: set / {n=1}', async (pair, key) => {
    return await follow(pair, key, ['{n=1}'])
  }),
  ...recordScenario('watch: at a path', 'snapshot {A=1}, marker; changes A: set / {}', async (pair, key) => {
    await put(pair.a, key, '{n=1}')
    return await follow(pair, key, ['{n={}}'], { at: [from('n')] })
  }),
  ...recordScenario(
    'watch: an expiry',
    'snapshot {A={n=1 x=2}}, marker; changes A: expired /"n"',
    async (pair, key) => {
      await put(pair.a, key, '{n=$ttl(1, 1) x=2}')
      const watch = await pair.b.watch(key)
      const begun = text(await until(watch, 'marker'))
      const after = partText(await notMarker(watch))
      await watch.cancel()
      return `${begun}; ${after}`
    },
  ),
  ...recordScenario(
    'watch: resume after a revision',
    'changes A: set /"n" 2, marker or reset too-old, snapshot {A={n=2}}, marker',
    async (pair, key) => {
      await put(pair.a, key, '{n=1}')
      const revision = await markerOf(pair, key)
      await put(pair.a, key, '{n=2}')
      const watch = await pair.b.watch(key, { from: revision })
      const seen = text(await until(watch, 'marker'))
      await watch.cancel()
      const allowed = ['changes A: set /"n" 2, marker', 'reset too-old, snapshot {A={n=2}}, marker']
      return allowed.includes(pair.name(seen)) ? allowed.join(' or ') : seen
    },
  ),
  ...recordScenario('watch: resume without changes', 'marker', async (pair, key) => {
    await put(pair.a, key, '{n=1}')
    const watch = await pair.b.watch(key, { from: await markerOf(pair, key) })
    const seen = text(await until(watch, 'marker'))
    await watch.cancel()
    return seen
  }),
  ...recordScenario('watch: another epoch', 'reset unknown-epoch, snapshot {A={n=1}}, marker', async (pair, key) => {
    await put(pair.a, key, '{n=1}')
    const { epoch, counter } = await markerOf(pair, key)
    const watch = await pair.b.watch(key, { from: { epoch: epoch.map((byte) => byte ^ 1), counter } })
    const seen = text(await until(watch, 'marker'))
    await watch.cancel()
    return seen
  }),
  ...recordScenario('watch: signed updates', '1 updates, marker; 1 updates', async (pair, key) => {
    await pair.a.update([{ signed: await signed(pair.a, key, '{n=1}') }])
    const watch = await pair.b.watch(key, { as: 'updates' })
    const begun = text(await until(watch, 'marker'))
    await pair.a.update([{ signed: await signed(pair.a, key, '{n=2}') }])
    const after = partText(await notMarker(watch))
    await watch.cancel()
    return `${begun}; ${after}`
  }),
  ...recordScenario('watch: a snapshot of many times its credit', '4000 entries, marker', async (pair, key) => {
    const names = Array.from({ length: 4000 }, (_, i) => `n${i}="${'x'.repeat(40)}"`)
    await put(pair.a, key, `{${names.join(' ')}}`)
    const watch = await pair.b.watch(key, { credit: 4096 })
    const parts = await until(watch, 'marker')
    await watch.cancel()
    let entries = 0
    for (const part of parts) {
      for (const { node } of typeof part === 'string' ? [] : (part.documents ?? [])) {
        entries += isKind(node, 'dict') ? node.size : 0
      }
    }
    return `${entries} entries, ${partText(parts.at(-1) ?? 'nothing')}`
  }),
]
