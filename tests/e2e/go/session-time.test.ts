import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { LocalMachine } from '@sr/vm'
import { bytes, endAll, getOf, hex, RawPeer, settled, startMachine, updateOf } from './raw-peer.ts'

let machine: LocalMachine

beforeAll(async () => {
  machine = await startMachine()
})
afterAll(async () => {
  await machine.close()
})
afterEach(endAll)

describe("a session's time", () => {
  // whatever else needs time stays as it is
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'performance'] })
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  /** Lets time pass, and then whatever comes of it. */
  const pass = async (ms: number): Promise<void> => {
    await jest.advanceTimersByTimeAsync(ms)
    await settled()
  }

  it('runs out in silence, and not while it is used', async () => {
    const peer = new RawPeer({ machine, timeouts: { idle: 60 } })
    for (let i = 0; i < 4; i++) {
      await pass(59)
      await peer.get('idle')
      await settled()
    }
    await pass(59)
    expect(peer.counted()).toBeUndefined()
    await pass(1)
    expect(await peer.next()).toBe('reset')
    expect(peer.counters.get('requests.get')).toBe(4)
    await peer.session
    expect(peer.counted()).toBe('refused.E_TIMEOUT')
  })

  it('for one request is absolute, however often a byte of it comes', async () => {
    const peer = new RawPeer({ machine, timeouts: { idle: 10_000, frame: 80 } })
    await peer.duplex.write(hex('f9ff01'))
    await settled()
    for (let ms = 0; ms < 70; ms += 10) {
      await pass(10)
      await peer.duplex.write(hex('07'))
    }
    await pass(9)
    expect(peer.counted()).toBeUndefined()
    await pass(1)
    expect(await peer.next()).toBe('reset')
    await peer.session
    expect(peer.counted()).toBe('refused.E_TIMEOUT')
  })

  it('is waited for where there are too many requests, with nothing read meanwhile and no deadline running', async () => {
    const waits = [0, 500, 0]
    const kinds: string[] = []
    const peer = new RawPeer({
      machine,
      timeouts: { idle: 100, frame: 100, handler: 100 },
      admit: async (kind) => {
        kinds.push(kind)
        const ms = waits.shift() ?? 0
        if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
      },
    })
    await peer.get('pace')
    await peer.send(updateOf('pace', { x: 1 }), getOf('pace'))
    await settled()
    await pass(499)
    expect([kinds, peer.counted(), (await machine.get(bytes('pace'))).documents.size]).toEqual([
      ['read', 'update'],
      undefined,
      0,
    ])
    await pass(1)
    expect([await peer.next(), await peer.next()]).toMatchObject([{ type: 'update' }, { type: 'get' }])
    expect(kinds).toEqual(['read', 'update', 'read'])
  })
})
