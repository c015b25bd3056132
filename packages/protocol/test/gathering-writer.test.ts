import { type ByteDuplex, duplexPair, frame, GatheringWriter, ProtocolError } from '@sr/protocol'
import { delay } from '@sr/runtime'
import { describe, expect, test } from '@jest/globals'

/** A duplex that records its writes, each of which waits until it is released. */
function slowDuplex(): { duplex: ByteDuplex; writes: number[]; release(): void } {
  const [ours] = duplexPair()
  const writes: number[] = []
  let release = (): void => {}
  const duplex: ByteDuplex = {
    open: true,
    read: async () => await ours.read(),
    close: async () => {},
    abort: () => {},
    async write(bytes) {
      writes.push(bytes.length)
      await new Promise<void>((resolve) => {
        release = resolve
      })
    },
  }
  return {
    duplex,
    writes,
    release: () => {
      release()
    },
  }
}

describe('GatheringWriter', () => {
  test.each([1, 127, 128, 16_383, 16_384, 70_000])('frames a message of %d bytes as `frame` does', async (length) => {
    const [ours, theirs] = duplexPair()
    const message = new Uint8Array(length).fill(7)
    new GatheringWriter(ours).send(message)
    expect(await theirs.read()).toEqual(new Uint8Array(frame(message)))
  })

  test('joins what is sent in one turn, microtasks included', async () => {
    const { duplex, writes, release } = slowDuplex()
    const writer = new GatheringWriter(duplex)
    writer.send(new Uint8Array(9))
    await Promise.resolve()
    writer.send(new Uint8Array(19))
    await delay(0)
    expect(writes).toEqual([30])
    release()
    await writer.room()
    expect(writer.pending).toBe(0)
  })

  test('joins what is sent while a write waits, up to 64 KiB, and tells progress', async () => {
    const { duplex, writes, release } = slowDuplex()
    const writer = new GatheringWriter(duplex)
    writer.send(new Uint8Array(9))
    const since = writer.progressAt
    await delay(5)
    for (let i = 0; i < 70; i++) {
      writer.send(new Uint8Array(998))
    }
    expect([writes, writer.pending, writer.progressAt]).toEqual([[10], 70_010, since])
    const room = writer.room(10_000)
    release()
    await delay(0)
    expect(writes).toEqual([10, 65_000])
    expect(writer.progressAt).toBeGreaterThan(since)
    release()
    await room
    await delay(0)
    expect(writes).toEqual([10, 65_000, 5000])
    const ended = writer.end()
    release()
    await ended
  })

  test('reports a failed write once, and drops what is queued', async () => {
    const [ours] = duplexPair()
    const failures: string[] = []
    const writer = new GatheringWriter(ours, ({ code }) => failures.push(code))
    ours.abort(new ProtocolError('PROTOCOL_RESET', 'reset'))
    writer.send(Uint8Array.of(1))
    await expect(writer.room()).rejects.toMatchObject({ code: 'PROTOCOL_RESET' })
    writer.send(Uint8Array.of(1))
    await expect(writer.end()).rejects.toMatchObject({ code: 'PROTOCOL_RESET' })
    expect([failures, writer.pending]).toEqual([['PROTOCOL_RESET'], 0])
  })
})
