import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { Deadline } from '../src/index.ts'

const sleep = async (ms: number): Promise<void> => {
  await new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

describe('a deadline', () => {
  it('does not run while it is paused, and goes on with the time that was left', async () => {
    const deadline = new Deadline()
    deadline.start(60, 'the answer')
    const result = await deadline.pause(async () => {
      await sleep(150)
      return 'waited'
    })
    expect([result, deadline.signal.aborted]).toEqual(['waited', false])
    const from = performance.now()
    await expect(deadline.passed).rejects.toMatchObject({ code: 'PROTOCOL_TIMEOUT', max: 60 })
    expect(performance.now() - from).toBeLessThan(1000)
  })

  it('that was stopped or started anew within a pause is left as it is', async () => {
    const deadline = new Deadline()
    deadline.start(20, 'one')
    await deadline.pause(async () => {
      deadline.start(10_000, 'two')
    })
    await sleep(50)
    expect(deadline.signal.aborted).toBe(false)
    deadline.end()
  })

  it('that has ended within a pause does not run again', async () => {
    const deadline = new Deadline()
    deadline.start(20, 'one')
    await deadline.pause(async () => {
      deadline.end()
    })
    await sleep(50)
    expect(deadline.signal.aborted).toBe(false)
  })

  it('that does not run is not started by a pause', async () => {
    const deadline = new Deadline()
    await deadline.pause(async () => {})
    await sleep(20)
    expect(deadline.signal.aborted).toBe(false)
  })

  describe('that ends while this process stands still', () => {
    const STILL_MS = 700
    const standStill = (): void => {
      const end = performance.now() + STILL_MS
      while (performance.now() < end) {
        // nothing is read meanwhile
      }
    }

    it('leaves time to read what has arrived', async () => {
      const server = createServer((socket) => {
        socket.end('answer')
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const socket = connect((server.address() as { port: number }).port, '127.0.0.1')
      await once(socket, 'connect')
      const deadline = new Deadline()
      deadline.start(50, 'the answer')
      const answer = once(socket, 'data')
      standStill()
      expect(String((await Promise.race([answer, deadline.passed]))[0])).toBe('answer')
      deadline.end()
      socket.destroy()
      server.close()
    })

    it('ends soon after, once', async () => {
      const deadline = new Deadline()
      deadline.start(50, 'the answer')
      standStill()
      await sleep(0)
      expect(deadline.signal.aborted).toBe(false)
      await expect(deadline.passed).rejects.toMatchObject({ code: 'PROTOCOL_TIMEOUT', max: 50 })
    })
  })
})
