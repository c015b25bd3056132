import { describe, expect, it } from '@jest/globals'
import { duplexPair, ProtocolError } from '../src/index.ts'

const one = Uint8Array.of(1)

describe('a stream in memory', () => {
  it('carries bytes both ways, and an end of each', async () => {
    const [a, b] = duplexPair()
    await a.write(one)
    await b.write(Uint8Array.of(2))
    expect([(await b.read())?.[0], (await a.read())?.[0]]).toEqual([1, 2])
    await a.close()
    expect(await b.read()).toBeUndefined()
    expect([a.open, b.open]).toEqual([false, false])
    await b.write(Uint8Array.of(3)) // half closed
    expect((await a.read())?.[0]).toBe(3)
    await expect(a.write(one)).rejects.toMatchObject({ code: 'PROTOCOL_CLOSED' })
  })

  it('tells each side of a reset, and drops what was not read', async () => {
    const [a, b] = duplexPair()
    await a.write(one)
    const waiting = a.read()
    b.abort(new ProtocolError('PROTOCOL_DOC', 'no'))
    await expect(waiting).rejects.toMatchObject({ code: 'PROTOCOL_RESET' })
    await expect(b.read()).rejects.toMatchObject({ code: 'PROTOCOL_DOC' })
    await expect(a.write(one)).rejects.toMatchObject({ code: 'PROTOCOL_RESET' })
    expect([a.open, b.open]).toEqual([false, false])
  })

  it('makes a writer wait for a slow reader, until its signal', async () => {
    const [a, b] = duplexPair()
    const large = new Uint8Array(65 * 1024)
    const written = a.write(large)
    expect(await Promise.race([written.then(() => 'written'), Promise.resolve('waiting')])).toBe('waiting')
    expect(await b.read()).toHaveLength(large.length)
    await written
    const controller = new AbortController()
    const stuck = a.write(large, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(stuck).rejects.toThrow('enough')
  })
})
