import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { frame, FrameReader, type ProtocolError } from '../src/index.ts'

const all = (reader: FrameReader): string[] => {
  const frames: string[] = []
  for (let next = reader.next(); next !== undefined; next = reader.next()) {
    frames.push(Buffer.from(next).toString('hex'))
  }
  return frames
}

const code = (run: () => unknown): string => {
  try {
    run()
    return 'none'
  } catch (err) {
    return (err as ProtocolError).code
  }
}

describe('frames', () => {
  it('come out whole, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (messages, cuts) => {
          const stream = Buffer.concat(messages.map((message) => frame(message)))
          const reader = new FrameReader()
          const frames: string[] = []
          for (let at = 0, i = 0; at < stream.length; i++) {
            const next = at + (cuts[i % cuts.length] as number)
            reader.push(stream.subarray(at, next))
            frames.push(...all(reader))
            at = next
          }
          expect(frames).toEqual(messages.map((message) => Buffer.from(message).toString('hex')))
          expect([reader.partial, reader.buffered]).toEqual([false, 0])
        },
      ),
    )
  })

  it('may be as long as the limit, and not a byte longer', () => {
    const reader = new FrameReader()
    reader.push(frame(new Uint8Array(4_194_304)))
    expect(reader.next()).toHaveLength(4_194_304)
    reader.push(Uint8Array.of(0x81, 0x80, 0x80, 0x02))
    expect(() => reader.next()).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_TOO_LARGE', max: 4_194_304, got: 4_194_305 }),
    )
  })

  it.each([
    ['a length without end', [0x80, 0x80, 0x80, 0x80], 'PROTOCOL_FRAME'],
    ['a length that is not minimal', [0x81, 0x00], 'PROTOCOL_FRAME'],
    ['85 00, as Go refuses it', [0x85, 0x00], 'PROTOCOL_FRAME'],
    ['a length of 0', [0x00], 'PROTOCOL_FRAME'],
    ['2^28 claimed and nothing sent', [0x80, 0x80, 0x80, 0x80, 0x01], 'PROTOCOL_FRAME'],
    ['2^27 claimed and nothing sent', [0x80, 0x80, 0x80, 0x40], 'PROTOCOL_TOO_LARGE'],
    ['2^53 claimed', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], 'PROTOCOL_FRAME'],
  ])('are refused for %s', (_name, bytes, wanted) => {
    const reader = new FrameReader()
    reader.push(Uint8Array.from(bytes))
    expect(code(() => reader.next())).toBe(wanted)
    // where frames begin is not known any more
    reader.push(frame(Uint8Array.of(1)))
    expect(code(() => reader.next())).toBe(wanted)
    expect(reader.buffered).toBe(0)
  })

  it('have a shorter length under a lower limit', () => {
    const reader = new FrameReader(1024 * 1024)
    reader.push(Uint8Array.of(0x80, 0x80))
    expect(reader.next()).toBeUndefined()
    reader.push(Uint8Array.of(0x80))
    expect(code(() => reader.next())).toBe('PROTOCOL_FRAME')
  })

  it('are refused at the byte that shows it, whatever follows, and nothing of that is kept', () => {
    for (const flood of [new Uint8Array(3 * 1024 * 1024).fill(0x80), new Uint8Array(3 * 1024 * 1024)]) {
      const reader = new FrameReader()
      reader.push(flood)
      expect(code(() => reader.next())).toBe('PROTOCOL_FRAME')
      expect(reader.buffered).toBe(0)
    }
  })

  it('take memory as they come, not as they claim', () => {
    const reader = new FrameReader()
    reader.push(Uint8Array.of(0x80, 0x80, 0x80, 0x02)) // 4 MiB to come
    expect(reader.next()).toBeUndefined()
    expect([reader.partial, reader.onlyLength, reader.buffered]).toEqual([true, true, 0])
    const before = process.memoryUsage().arrayBuffers
    const readers = Array.from({ length: 200 }, () => {
      const slow = new FrameReader()
      slow.push(Uint8Array.of(0x80, 0x80, 0x80, 0x02, 1))
      slow.next()
      return slow
    })
    expect(readers.every((slow) => slow.partial && slow.buffered === 1)).toBe(true)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024)
  })

  it('holds a chunk until its last byte is read', () => {
    const reader = new FrameReader()
    reader.push(Uint8Array.of(1, 7, 1, 8, 1))
    expect([reader.held, reader.buffered]).toEqual([5, 5])
    expect(reader.next()).toEqual(Uint8Array.of(7))
    expect([reader.held, reader.buffered]).toEqual([5, 3])
    reader.next()
    reader.next()
    expect([reader.held, reader.buffered]).toEqual([0, 0])
  })
})
