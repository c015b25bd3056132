import { afterEach, describe, expect, it } from '@jest/globals'
import { createUpdateCodec } from '@sr/update'
import type { LocalMachine } from '@sr/vm'
import { plainUpdates } from '@sr/vm/testing'
import { print } from '@sr/xr'
import { ANN, bytes, dict, endAll, getOf, RawPeer, SELF, startMachine, updateOf } from './raw-peer.ts'

let machine: LocalMachine

afterEach(async () => {
  await endAll()
  await machine.close()
})

const shown = async (peer: RawPeer): Promise<string[][]> =>
  Array.from(await peer.get('k'), ([writer, document]) => [writer, print(document)])

/** Spellings of a writer that an answer of the Go protocol cannot name. */
const WRITERS = ['ann', 'local', `${ANN} `, 'bafzaajaiaejcaohyqvwrnrdrhyxzrfqtxzfnxhsksdw6dgdlpvwz3hxwvq5yxq6e']

describe.each([
  ['checks writers', createUpdateCodec({ network: 'test' })],
  ['takes any writer', plainUpdates(SELF)],
])('a session on a machine that %s', (what, updates) => {
  it.each(WRITERS)('refuses an update of %p, and the record is served', async (writer) => {
    machine = await startMachine({ updates })
    await new RawPeer({ machine }, ANN).ask(updateOf('k', { by: 'ann' }))
    const stranger = new RawPeer({ machine }, writer)
    await stranger.send(updateOf('k', { by: 'stranger' }))
    expect(await stranger.next()).toBe('reset')
    await stranger.session
    expect(stranger.counted()).toBe('refused.E_WRITER')
    expect((await machine.get(bytes('k'))).documents.has(writer)).toBe(false)
    // it may read
    for (const reader of [ANN, writer]) {
      expect(await shown(new RawPeer({ machine }, reader))).toEqual([[ANN, '{by="ann"}']])
    }
  })

  it('serves the other writers of a record that has such a one by another way', async () => {
    machine = await startMachine({ updates })
    await new RawPeer({ machine }, ANN).ask(updateOf('k', { by: 'ann' }))
    const update = { key: bytes('k'), writer: 'local', body: dict({ by: 'local' }), ttl: 60 }
    const held = await machine.updateUnsigned(update).then(
      () => true,
      () => false,
    )
    expect(held).toBe(what === 'takes any writer')
    const reader = new RawPeer({ machine }, ANN)
    expect(await shown(reader)).toEqual([[ANN, '{by="ann"}']])
    expect(reader.counters.get('answers.writersLeftOut')).toBe(held ? 1 : undefined)
    await reader.ask(getOf('k'))
    expect(reader.refusals).toEqual([])
  })
})
