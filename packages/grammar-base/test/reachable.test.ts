import { describe, expect, it } from '@jest/globals'
import { baseGrammar } from '../src/base-grammar.ts'
import { memoryProber } from '../src/memory-prober.ts'
import type { Prober } from '../src/ports.ts'
import { answer, asking, NOW, PEER, PEER_CID, run, SELF } from './setup.ts'

const OPEN = `/ip4/1.2.3.4/tcp/1/p2p/${PEER}`
const SHUT = `/ip4/1.2.3.4/tcp/2/p2p/${PEER}`
const AT = BigInt(Math.floor(NOW / 1000) * 1000)
describe('dialable', () => {
  it.each([
    ['a peer that is there', OPEN, `dialed(at=${AT})`],
    ['written the old way', OPEN.replace('p2p', 'ipfs'), `dialed(at=${AT})`],
    ['written with a CID', OPEN.replace(PEER, PEER_CID), `dialed(at=${AT})`],
    ['a peer that is not', SHUT, `notDialable(at=${AT})`],
    ['no peer', '/ip4/1.2.3.4/tcp/1', `notDialable(at=${AT})`],
    ['no peer, at an address that is not dialled', '/dns4/example.com/tcp/1', `notDialable(at=${AT})`],
    ['a private address', `/ip4/10.0.0.1/tcp/1/p2p/${PEER}`, undefined],
    ['a name', `/dns4/example.com/tcp/1/p2p/${PEER}`, undefined],
    ['another host', `/ip4/1.2.3.5/tcp/1/p2p/${PEER}`, undefined],
  ])('of %s', async (_, address, verdict) => {
    const prober = memoryProber({ reachable: [OPEN] })
    expect(await answer(baseGrammar({ prober }), asking('dialable', address))).toBe(verdict)
    expect(prober.probes).toEqual(
      address.startsWith('/ip4/1.2.3.4/tcp/1/') || address === SHUT
        ? [{ address: address === SHUT ? SHUT : OPEN, reuse: false }]
        : [],
    )
  })

  it('of the server itself is true only at its own addresses, and dials nothing', async () => {
    const prober = memoryProber()
    const grammar = baseGrammar({
      prober,
      addresses: () => ['/nonsense', `/ip4/10.0.0.9/tcp/4001/p2p/${SELF}`, '/ip4/7.7.7.7/tcp/1/ws'],
    })
    expect(await answer(grammar, asking('dialable', `/ip4/10.0.0.9/tcp/4001/p2p/${SELF}`))).toBe(`dialed(at=${AT})`)
    expect(await answer(grammar, asking('dialable', `/ip4/7.7.7.7/tcp/1/ws/p2p/${SELF}`))).toBe(`dialed(at=${AT})`)
    expect(await answer(grammar, asking('dialable', `/ip4/10.0.0.8/tcp/4001/p2p/${SELF}`))).toBe(
      `notDialable(at=${AT})`,
    )
    expect(await answer(baseGrammar({ prober }), asking('dialable', `/ip4/10.0.0.9/tcp/4001/p2p/${SELF}`))).toBe(
      `notDialable(at=${AT})`,
    )
    expect(prober.probes).toEqual([])
  })

  it('of an address where no peer answers in the time of a dial is false', async () => {
    const prober = memoryProber({ silent: [SHUT] })
    expect(await answer(baseGrammar({ prober, dialMs: 5 }), asking('dialable', SHUT))).toBe(`notDialable(at=${AT})`)
  })

  it('is not drawn from the limit of one writer, and not shared with others then', async () => {
    // the address answers after 0.8 s; a writer whose statement ends before gets no verdict, the next one has a dial of its own
    const answers: Array<() => void> = []
    const prober: Prober = {
      probe: async (_address, { signal }) =>
        await new Promise<boolean>((resolve, reject) => {
          answers.push(() => {
            resolve(true)
          })
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error)
          })
        }),
    }
    const grammar = baseGrammar({ prober })
    const neighbour = new AbortController()
    const cut = answer(grammar, asking('dialable', OPEN), { signal: neighbour.signal })
    neighbour.abort(new DOMException('the statement has expired', 'TimeoutError'))
    await expect(cut).rejects.toMatchObject({ name: 'TimeoutError' })
    const whole = answer(grammar, asking('dialable', OPEN))
    answers.at(-1)?.()
    expect(await whole).toBe(`dialed(at=${AT})`)
    expect(answers).toHaveLength(2)
  })

  it('is dialled once for all who ask at the same time, also when the first one stops waiting', async () => {
    const { promise: reached, resolve } = Promise.withResolvers<boolean>()
    let calls = 0
    const prober: Prober = {
      probe: async () => {
        calls++
        return await reached
      },
    }
    const grammar = baseGrammar({ prober })
    let permits = 0
    const permit = (): void => void permits++
    const first = new AbortController()
    const cut = answer(grammar, asking('dialable', OPEN), { signal: first.signal, permit })
    const others = Array.from({ length: 99 }, async () => await answer(grammar, asking('dialable', OPEN), { permit }))
    first.abort()
    await expect(cut).rejects.toMatchObject({ name: 'AbortError' })
    resolve(true)
    expect(new Set(await Promise.all(others))).toEqual(new Set([`dialed(at=${AT})`]))
    expect([calls, permits]).toEqual([1, 1])
  })

  it('is dialled by one at a time, also when a dial that was given up takes long to end', async () => {
    let [running, most] = [0, 0]
    const prober: Prober = {
      probe: async (_address, { signal }) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => {
          setTimeout(resolve, 20)
        })
        running--
        signal.throwIfAborted()
        return true
      },
    }
    const grammar = baseGrammar({ prober })
    for (let i = 0; i < 3; i++) {
      const given = new AbortController()
      const cut = answer(grammar, asking('dialable', OPEN), { signal: given.signal })
      given.abort()
      await expect(cut).rejects.toMatchObject({ name: 'AbortError' })
    }
    expect(await answer(grammar, asking('dialable', OPEN))).toBe(`dialed(at=${AT})`)
    expect([running, most]).toEqual([0, 1])
  })

  it('needs a permit only when it dials', async () => {
    const prober = memoryProber({ reachable: [OPEN] })
    const grammar = baseGrammar({ prober })
    const permit = (): never => {
      throw new Error('rate')
    }
    const refused = [
      asking('dialable', '/dns4/example.org/tcp/1/p2p/' + PEER),
      asking('dialable', '/ip4/10.0.0.1/tcp/1/p2p/' + PEER),
    ]
    for (const request of refused) expect(await answer(grammar, request, { permit })).toBeUndefined()
    expect(await answer(grammar, asking('dialable', OPEN.replace(/\/p2p.*/, '')), { permit })).toBe(
      `notDialable(at=${AT})`,
    )
    await expect(answer(grammar, asking('dialable', OPEN), { permit })).rejects.toThrow('rate')
    expect(await answer(grammar, asking('dialable', OPEN))).toBe(`dialed(at=${AT})`)
    expect(await answer(grammar, asking('dialable', OPEN), { permit })).toBe(`dialed(at=${AT})`)
  })

  it("is refused to a writer that is seen through a relay, whose IP address is not the writer's", async () => {
    const prober = memoryProber({ reachable: [OPEN] })
    const observed = `/ip4/1.2.3.4/tcp/4001/p2p/${SELF}/p2p-circuit/p2p/${PEER}`
    expect(await answer(baseGrammar({ prober }), asking('dialable', OPEN), { observed })).toBeUndefined()
    expect(prober.probes).toEqual([])
  })

  it('is not answered when nothing was tried, or the asker is gone', async () => {
    const busy: Prober = {
      probe: async () => {
        throw new Error('busy')
      },
    }
    await expect(answer(baseGrammar({ prober: busy }), asking('dialable', OPEN))).rejects.toThrow('busy')
    const prober = memoryProber({ silent: [SHUT] })
    const controller = new AbortController()
    const answered = answer(baseGrammar({ prober }), asking('dialable', SHUT), { signal: controller.signal })
    controller.abort()
    await expect(answered).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('is dialled once in ten minutes for all who may ask, and the verdict keeps its date', async () => {
    const prober = memoryProber({ reachable: [OPEN] })
    const grammar = baseGrammar({ prober })
    const ask = async (ms: number, observed?: string): Promise<string | undefined> =>
      await answer(grammar, asking('dialable', OPEN), {
        now: NOW + ms,
        ...(observed === undefined ? {} : { observed }),
      })
    expect(await ask(0)).toBe(`dialed(at=${AT})`)
    expect(await ask(599_999)).toBe(`dialed(at=${AT})`)
    expect(await ask(1000, '/ip4/6.6.6.6/tcp/1')).toBeUndefined()
    expect(prober.probes).toHaveLength(1)
    expect(await ask(600_000)).toBe(`dialed(at=${AT + 600_000n})`)
    expect(await ask(-5000)).toBe(`dialed(at=${AT - 5000n})`)
    expect(prober.probes).toHaveLength(3)
  })

  it('remembers no failure to try', async () => {
    let calls = 0
    const prober: Prober = {
      probe: async () => {
        if (++calls === 1) {
          throw new Error('busy')
        }
        return true
      },
    }
    const grammar = baseGrammar({ prober })
    await expect(answer(grammar, asking('dialable', OPEN))).rejects.toThrow('busy')
    expect(await answer(grammar, asking('dialable', OPEN))).toBe(`dialed(at=${AT})`)
  })

  it('forgets old outcomes when there are too many', async () => {
    const prober = memoryProber()
    const grammar = baseGrammar({ prober })
    for (let port = 1; port <= 4097; port++) {
      await answer(grammar, asking('dialable', `/ip4/1.2.3.4/tcp/${port}/p2p/${PEER}`))
    }
    await answer(grammar, asking('dialable', `/ip4/1.2.3.4/tcp/2/p2p/${PEER}`))
    expect(prober.probes).toHaveLength(4097)
    await answer(grammar, asking('dialable', `/ip4/1.2.3.4/tcp/1/p2p/${PEER}`))
    expect(prober.probes).toHaveLength(4098)
  })
})

describe('connectivity', () => {
  it.each([
    ['a peer that is connected', SHUT, `connected(at=${AT})`],
    ['the same at another address', `/ip4/10.0.0.1/tcp/9/p2p/${PEER}`, `connected(at=${AT})`],
    ['the same at no address', `/p2p/${PEER}`, `connected(at=${AT})`],
    [
      'a peer that is not',
      `/ip4/1.2.3.4/tcp/1/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N`,
      `notConnected(at=${AT})`,
    ],
    ['no peer', '/ip4/1.2.3.4/tcp/1', `notDialable(at=${AT})`],
  ])('of %s', async (_, address, verdict) => {
    const prober = memoryProber({ reachable: [address], connected: [OPEN] })
    expect(await answer(baseGrammar({ prober }), asking('connectivity', address))).toBe(verdict)
    expect(prober.probes.every(({ reuse }) => reuse)).toBe(true)
  })

  it('of the server itself is true at its own addresses', async () => {
    const grammar = baseGrammar({ prober: memoryProber(), addresses: () => ['/ip4/10.0.0.9/tcp/4001'] })
    expect(await answer(grammar, asking('connectivity', `/ip4/10.0.0.9/tcp/4001/p2p/${SELF}`))).toBe(
      `connected(at=${AT})`,
    )
    expect(await answer(grammar, asking('connectivity', `/ip4/10.0.0.8/tcp/4001/p2p/${SELF}`))).toBe(
      `notConnected(at=${AT})`,
    )
  })

  it('is looked at every time', async () => {
    const prober = memoryProber({ connected: [OPEN] })
    const grammar = baseGrammar({ prober })
    await answer(grammar, asking('connectivity', OPEN))
    await answer(grammar, asking('connectivity', OPEN))
    expect(prober.probes).toHaveLength(2)
  })
})

describe('a verdict', () => {
  it('lives as long as the grammar is configured to keep it', async () => {
    const prober = memoryProber()
    expect((await run(baseGrammar({ prober }), asking('dialable', OPEN)))?.ttl).toBe(900)
    expect((await run(baseGrammar({ prober, ttl: 60 }), asking('connectivity', OPEN)))?.ttl).toBe(60)
  })
})
