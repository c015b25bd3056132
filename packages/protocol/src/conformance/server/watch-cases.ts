import { decode } from '@sr/xr/dag-cbor'
import { print } from '@sr/xr'
import type { Part, Revision } from '../../messages/index.ts'
import { assertSame } from '../case.ts'
import { codeOf, keyOf, own, type RawClient } from './raw-client.ts'
import { type Bench, serving, type ServerCase } from './setup.ts'

const KEY = keyOf('k')
const CREDIT = 1_000_000

function watching(name: string, run: (bench: Bench) => Promise<void>): ServerCase {
  return serving(name, run, { needs: ['watch'] })
}

/** Opens a watch and takes its beginning; returns the revision of its marker. */
async function begin(client: RawClient, id: number, credit = CREDIT): Promise<Revision> {
  client.send(id, { op: 'watch', key: KEY, credit })
  assertSame((await client.part(id)).kind, 'snapshot', 'the first part')
  const marker = await client.part(id)
  assertSame(marker.kind, 'marker', 'the second part')
  return (marker as Extract<Part, { kind: 'marker' }>).revision
}

function textOf(part: Part): string {
  switch (part.kind) {
    case 'snapshot':
      return part.documents.map(({ tree }) => print(decode(tree))).join(' ')
    case 'changes':
      return part.changes
        .flatMap(({ events }) => events)
        .map(({ cause, value }) => `${cause} ${value === undefined ? 'nothing' : print(decode(value))}`)
        .join(' ')
    default:
      return part.kind
  }
}

/** Watches. */
export const watchCases: readonly ServerCase[] = [
  watching('watch-empty-record', async ({ client }) => {
    client.send(1, { op: 'watch', key: KEY, credit: CREDIT })
    const snapshot = await client.part(1)
    assertSame(snapshot, { kind: 'snapshot', documents: [] }, 'the snapshot')
    assertSame((await client.part(1)).kind, 'marker', 'the next part')
  }),
  watching('changes come in order, and cancel ends them', async ({ client }) => {
    await begin(client, 1)
    for (let n = 1; n <= 3; n++) {
      await client.update(10 + n, own('k', { n }))
    }
    const first = await client.part(1)
    const second = await client.part(1)
    const third = await client.part(1)
    // the first one makes the document
    assertSame([textOf(first), textOf(second), textOf(third)], ['set {n=1}', 'set 2', 'set 3'], 'the parts')
    client.send(1, { op: 'cancel' })
    assertSame(codeOf(await client.answer(1)), 'E_CANCELLED', 'the end')
    await client.update(20, own('k', { n: 4 }))
    assertSame(await client.isSilent(), true, 'whether nothing follows')
  }),
  watching('resume-exclusive', async ({ client, open }) => {
    await client.update(1, own('k', { n: 1 }))
    const revision = await begin(client, 2)
    await client.update(3, own('k', { n: 2 }))
    const other = await open()
    other.send(1, { op: 'watch', key: KEY, credit: CREDIT, from: revision })
    assertSame(textOf(await other.part(1)), 'set 2', 'the first part')
    assertSame((await other.part(1)).kind, 'marker', 'the next part')
  }),
  watching('resume-quiet-old', async ({ client }) => {
    await client.update(1, own('k', { n: 1 }))
    const revision = await begin(client, 2)
    for (let n = 0; n < 20; n++) {
      await client.update(10 + n, own(`other ${n}`, { n }))
    }
    client.send(50, { op: 'watch', key: KEY, credit: CREDIT, from: revision })
    assertSame((await client.part(50)).kind, 'marker', 'the first part')
  }),
  watching('reset-unknown-epoch', async ({ client }) => {
    await client.update(1, own('k', { n: 1 }))
    client.send(2, { op: 'watch', key: KEY, credit: CREDIT, from: { epoch: new Uint8Array(8), counter: 1 } })
    const reset = await client.part(2)
    assertSame([reset.kind, (reset as { why?: string }).why], ['reset', 'unknown-epoch'], 'the first part')
    assertSame(textOf(await client.part(2)), '{n=1}', 'the snapshot')
    assertSame((await client.part(2)).kind, 'marker', 'the third part')
  }),
  watching('credit-overdraft-one', async ({ client }) => {
    await client.update(1, own('k', { text: 'x'.repeat(3000) }))
    client.send(2, { op: 'watch', key: KEY, credit: 1 })
    assertSame((await client.part(2)).kind, 'snapshot', 'the part that overdraws the credit')
    assertSame(await client.isSilent(), true, 'whether nothing is sent without credit')
    client.send(2, { op: 'credit', bytes: 1024 })
    assertSame(await client.isSilent(), true, 'whether nothing is sent while the credit is overdrawn')
    client.send(2, { op: 'credit', bytes: 65_536 })
    assertSame((await client.part(2)).kind, 'marker', 'the part after more credit')
  }),
  watching('credit-0-marker', async ({ client }) => {
    const { counter } = await begin(client, 1)
    client.send(1, { op: 'credit', bytes: 0 })
    const marker = await client.part(1)
    const found = (marker as { revision?: Revision }).revision?.counter
    assertSame([marker.kind, found], ['marker', counter], 'the part')
  }),
  watching('gap-before-step: what was held back comes in one step', async ({ client, open }) => {
    await begin(client, 1, 1200)
    const writer = await open()
    const text = 'x'.repeat(2000)
    // far more than a server remembers of one record
    for (let n = 1; n <= 300; n++) {
      await writer.update(n, own('k', { n, text: `${text}${n}` }))
    }
    client.send(1, { op: 'credit', bytes: CREDIT })
    const kinds: string[] = []
    let last = ''
    for (let part = await client.part(1); part.kind !== 'marker'; part = await client.part(1)) {
      kinds.push(part.kind)
      last = part.kind === 'changes' || part.kind === 'snapshot' ? textOf(part) : last
    }
    assertSame(
      kinds.includes('gap') || kinds.includes('reset'),
      true,
      `whether a gap or reset is among ${kinds.join(' ')}`,
    )
    assertSame(last.includes(`${text}300`), true, 'whether the last part leads to the last state')
  }),
  watching('no-credit-others-run', async ({ client }) => {
    client.send(1, { op: 'watch', key: KEY, credit: 0 })
    for (let n = 0; n < 100; n++) {
      assertSame((await client.ask(10 + n, { op: 'ping' })).type, 'answer', 'an answer beside it')
    }
    assertSame(await client.isSilent(), true, 'whether the watch sends nothing')
  }),
  watching('a watch too many', async ({ client }) => {
    for (let id = 1; id <= 65; id++) {
      client.send(id, { op: 'watch', key: KEY, credit: CREDIT })
    }
    assertSame(codeOf(await client.answer(65)), 'E_BUSY', 'the end of the 65th')
    assertSame((await client.part(64)).kind, 'snapshot', 'the 64th')
  }),
  watching('a control for a request that was never made ends the stream', async ({ client }) => {
    client.send(9, { op: 'credit', bytes: 1024 })
    assertSame(codeOf(await client.next()), 'E_PROTO', 'the message about the stream')
  }),
  watching('shutdown ends watches', async ({ client, server }) => {
    await begin(client, 1)
    server.stop()
    assertSame(codeOf(await client.answer(0)), 'E_SHUTDOWN', 'the message about the stream')
    assertSame(codeOf(await client.answer(1)), 'E_SHUTDOWN', 'the end of the watch')
  }),
]
