import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { goDocument, goMessage } from '@sr/protocol-go'
import { type ByteDuplex, frame, MemoryBudget, ProtocolError, serveContext, type ServedMachine } from '@sr/protocol'
import { goServerProtocol } from '@sr/protocol-go/server'
import type { LocalMachine, Receipt } from '@sr/vm'
import { type Dict, Predicate, print } from '@sr/xr'
import {
  ANN,
  BOB,
  bytes,
  dict,
  endAll,
  getOf,
  hex,
  RawPeer,
  SELF,
  settled,
  startMachine,
  updateOf,
} from './raw-peer.ts'

let machine: LocalMachine

beforeAll(async () => {
  machine = await startMachine()
})
afterAll(async () => {
  await machine.close()
})
afterEach(endAll)

const shown = (record: Map<string, Dict>): Record<string, string> =>
  Object.fromEntries(Array.from(record, ([peer, document]) => [peer, print(document)]))

/** A machine with scripted answers. */
const stub = (own: Partial<ServedMachine>): ServedMachine => ({
  self: SELF,
  limits: machine.limits,
  get: (key) => machine.get(key),
  updateUnsigned: (update) => machine.updateUnsigned(update),
  update: (bytes) => machine.update(bytes),
  ...own,
})

const revision = { epoch: new Uint8Array(16), counter: 1 }

const receipt = (effects: Promise<void>): Receipt => ({
  status: 'stored',
  changed: true,
  hash: '',
  seq: 1,
  counter: 1,
  bytes: 1,
  cost: 1,
  price: 0,
  expires: 1,
  retain: 1,
  forked: false,
  problems: [],
  effects,
})

describe('a session', () => {
  it('answers as a Go server does, byte for byte', async () => {
    const peer = new RawPeer({ machine })
    await peer.duplex.write(frame(goMessage.encode(updateOf('234', {}))))
    expect(Buffer.from((await peer.duplex.read()) ?? []).toString('hex')).toBe('051203323334')
    await peer.duplex.write(hex('0708011203323334'))
    expect(Buffer.from((await peer.duplex.read()) ?? []).toString('hex')).toMatch(/^78080112033233341a6f7b22/)
    await peer.duplex.write(hex('09080112056e6f6b6579'))
    expect(Buffer.from((await peer.duplex.read()) ?? []).toString('hex')).toBe('0d080112056e6f6b65791a027b7d')
    await peer.duplex.close()
    expect(await peer.next()).toBe('end')
    await peer.session
    expect([...peer.counters]).toEqual([
      ['requests.update', 1],
      ['requests.get', 2],
    ])
  })

  it('writes as the peer at the other end, and as no other', async () => {
    const ann = new RawPeer({ machine }, ANN)
    const bob = new RawPeer({ machine }, BOB)
    await ann.ask(updateOf('two', { nick: 'ann', list: [1, 2] }))
    await bob.ask(updateOf('two', { nick: 'bob' }))
    await ann.ask(updateOf('two', { list: [3] }))
    expect(shown(await bob.get('two'))).toEqual({ [ANN]: '{nick="ann" list=[1 2 3]}', [BOB]: '{nick="bob"}' })
    const query = await bob.ask(getOf('two', 'query'))
    expect([query.type, Buffer.from(query.key).toString()]).toEqual(['query', 'two'])
  })

  it('answers many requests of one write, in order', async () => {
    const peer = new RawPeer({ machine })
    const keys = Array.from({ length: 100 }, (_, i) => `order ${i}`)
    await peer.send(...keys.flatMap((key) => [updateOf(key, { key }), getOf(key)]))
    for (const key of keys) {
      expect(await peer.next()).toMatchObject({ type: 'update', key: bytes(key) })
      expect(await peer.next()).toMatchObject({ type: 'get', key: bytes(key) })
    }
  })

  it('takes 0 s for 1 s, and cuts what is longer than it grants', async () => {
    const asked: number[] = []
    const peer = new RawPeer({
      machine: stub({
        updateUnsigned: async (update) => {
          asked.push(update.ttl)
          return receipt(Promise.resolve())
        },
      }),
    })
    for (const ttl of [0n, 1n, 60n, 9_223_372_037n, 2n ** 64n - 1n]) {
      await peer.ask(updateOf('ttl', {}, ttl))
    }
    expect(asked).toEqual([1, 1, 60, machine.limits.maxTtl, machine.limits.maxTtl])
    await new RawPeer({ machine }).ask(updateOf('ttl', { x: 1 }, 2n ** 64n - 1n)) // and the machine takes that
  })

  it('says who wrote from where', async () => {
    const seen: unknown[] = []
    const peer = new RawPeer({
      observedAddr: '/ip4/192.0.2.7/tcp/4001',
      machine: stub({
        updateUnsigned: async ({ writer }, { observedAddr, via } = {}) => {
          seen.push([writer, observedAddr, via])
          return receipt(Promise.resolve())
        },
      }),
    })
    await peer.ask(updateOf('from', {}))
    expect(seen).toEqual([[ANN, '/ip4/192.0.2.7/tcp/4001', 'author']])
  })

  it('waits for verdicts before it answers an update, and not for ever', async () => {
    const order: string[] = []
    const { promise: effects, resolve } = Promise.withResolvers<void>()
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>()
    const peer = new RawPeer({
      machine: stub({
        updateUnsigned: async () => {
          onAsked()
          return receipt(effects)
        },
      }),
    })
    const answer = peer.ask(updateOf('effects', {})).then(() => {
      order.push('answered')
    })
    await asked
    await settled()
    order.push('dialled')
    resolve()
    await answer
    expect(order).toEqual(['dialled', 'answered'])
    const impatient = new RawPeer({
      machine: stub({ updateUnsigned: async () => receipt(new Promise(() => {})) }),
      timeouts: { effects: 20 },
    })
    await impatient.ask(updateOf('effects', {}))
  })

  it('ends when the other side does, also behind a length', async () => {
    const between = new RawPeer({ machine })
    await between.duplex.close()
    expect(await between.next()).toBe('end')
    const length = new RawPeer({ machine })
    await length.duplex.write(hex('07'))
    await length.duplex.close()
    expect(await length.next()).toBe('end')
    await Promise.all([between.session, length.session])
    expect([between.counted(), length.counted()]).toEqual([undefined, undefined])
  })

  it('answers what came before the end', async () => {
    const peer = new RawPeer({ machine })
    await peer.send(getOf('half'))
    await peer.duplex.close()
    expect(await peer.next()).toMatchObject({ type: 'get' })
    expect(await peer.next()).toBe('end')
  })
})

const padded = (spaces: number): Uint8Array =>
  frame(
    goMessage.encode({
      type: 'update',
      key: bytes('padded'),
      ttl: 60n,
      value: Buffer.concat([Buffer.alloc(spaces, ' '), goDocument.encode(dict({ x: 1 }))]),
    }),
  )

const value = (text: string): Uint8Array =>
  frame(goMessage.encode({ type: 'update', key: bytes('bad'), value: bytes(text), ttl: 60n }))

describe('a session is reset, and says nothing', () => {
  it.each<[string, Uint8Array, string]>([
    ['a length without end', new Uint8Array(100_000).fill(0x80), 'E_FRAME'],
    ['2^27 claimed', hex('80808040'), 'E_TOO_LARGE'],
    ['4 MiB and a byte claimed', hex('81808002'), 'E_TOO_LARGE'],
    ['a length that is not minimal', hex('8100'), 'E_FRAME'],
    ['empty frames', new Uint8Array(50_000), 'E_FRAME'],
    ['a message cut off', hex('03 1205 32'), 'E_PROTO'],
    ['type 99', hex('05 0863 1201 41'), 'E_TYPE'],
    ['a key twice', hex('06 1201 41 1201 42'), 'E_PROTO'],
    ['no key', hex('02 0801'), 'E_KEY'],
    ['a key of 1,025 bytes', frame(goMessage.encode({ type: 'get', key: new Uint8Array(1025) })), 'E_KEY'],
    ['an update without a value', hex('03 1201 41'), 'E_DOC'],
    ['an answer as a request', hex('05 1203 323334'), 'E_DOC'],
    ['no document', value('{"Dict":{}}'), 'E_DOC'],
    ['a List', value('{"List_IPLD":{"Elements":[]}}'), 'E_DOC'],
    ['a body nested 100,000 deep', value('{"List_IPLD":{"Elements":['.repeat(100_000)), 'E_DEPTH'],
    [
      'a body of 10,001 nodes',
      value(`{"List_IPLD":{"Elements":[${new Array<string>(10_000).fill('{"Bool_IPLD":true}').join()}]}}`),
      'E_NODES',
    ],
    [
      'half a surrogate pair',
      value('{"Dict_IPLD":{"Pairs":[{"Key":{"String_IPLD":"\\ud83d"},"Value":{"Int_IPLD":1}}]}}'),
      'E_VALUE',
    ],
    ['an unknown operator', frame(goMessage.encode(updateOf('bad', { x: new Predicate('$unknown') }))), 'E_DOC'],
    [
      '300 KiB of content',
      frame(
        goMessage.encode(
          updateOf('bad', Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`k${i}`, 'x'.repeat(60_000)]))),
        ),
      ),
      'E_TOO_LARGE',
    ],
  ])('for %s', async (_name, sent, status) => {
    const peer = new RawPeer({ machine })
    expect(await peer.refused(sent)).toEqual(['reset', `refused.${status}`])
    expect((await machine.get(bytes('bad'))).documents).toEqual(new Map())
  })

  it('for a frame cut off by the end', async () => {
    const peer = new RawPeer({ machine })
    await peer.duplex.write(hex('07 0801'))
    await peer.duplex.close()
    expect(await peer.next()).toBe('reset')
    await peer.session
    expect(peer.counted()).toBe('refused.E_FRAME')
  })

  it('and what was asked after the bad request is lost', async () => {
    const peer = new RawPeer({ machine })
    await peer.duplex.write(
      Buffer.concat([
        frame(goMessage.encode(updateOf('before', { x: 1 }))),
        hex('02 0801'),
        frame(goMessage.encode(updateOf('after', { x: 1 }))),
      ]),
    )
    await peer.session
    expect([
      (await machine.get(bytes('before'))).documents.size,
      (await machine.get(bytes('after'))).documents.size,
    ]).toEqual([1, 0])
  })

  it('but not for 4 MiB of which nearly all is space', async () => {
    const peer = new RawPeer({ machine })
    const whole = padded(4 * 1024 * 1024 - 400)
    await peer.duplex.write(whole)
    expect(await peer.next()).toMatchObject({ type: 'update' })
    expect(shown(await peer.get('padded'))).toEqual({ [ANN]: '{x=1}' })
  })

  it('when the machine fails, whose words stay here', async () => {
    const peer = new RawPeer({
      machine: stub({
        get: async () => {
          throw new Error('secret')
        },
      }),
    })
    expect(await peer.refused(hex('0708011203323334'))).toEqual(['reset', 'refused.E_INTERNAL'])
    expect(peer.refusals).toEqual([new Error('secret')])
  })

  it('when the machine takes too long', async () => {
    let aborted = false
    const peer = new RawPeer({
      timeouts: { handler: 30 },
      machine: stub({
        get: async (_key, { signal } = {}) =>
          await new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => {
              aborted = true
              reject(signal.reason as Error)
            })
          }),
      }),
    })
    expect(await peer.refused(hex('0708011203323334'))).toEqual(['reset', 'refused.E_TIMEOUT'])
    expect(aborted).toBe(true)
    const deaf = new RawPeer({
      timeouts: { handler: 30 },
      machine: stub({ get: async () => await new Promise(() => {}) }),
    })
    expect(await deaf.refused(hex('0708011203323334'))).toEqual(['reset', 'refused.E_TIMEOUT'])
  })

  it('when more is held for all peers than there is memory for', async () => {
    const memory = new MemoryBudget(1000)
    const first = new RawPeer({ machine, memory })
    await first.duplex.write(Buffer.concat([hex('e807'), Buffer.alloc(600)])) // 602 of 1,000 bytes, and the frame is longer
    await settled()
    expect(memory.held).toBe(602)
    const second = new RawPeer({ machine, memory })
    expect(await second.refused(Buffer.concat([hex('e807'), Buffer.alloc(600)]))).toEqual(['reset', 'refused.E_BUSY'])
    first.duplex.abort(new Error('gone'))
    await first.session
    expect(memory.held).toBe(0)
  })
})

describe("a session's turns", () => {
  it('end for a reader that does not read', async () => {
    const large = dict(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, 'x'.repeat(30_000)])))
    const peer = new RawPeer({
      timeouts: { write: 50 },
      machine: stub({
        get: async () => ({
          revision,
          documents: new Map([
            [ANN, { document: large, seq: 1, signed: false, forked: false, next: undefined, ends: 1 }],
          ]),
        }),
      }),
    })
    await peer.send(getOf('large'))
    await peer.session
    expect(peer.counted()).toBe('refused.E_TIMEOUT')
  })

  it('are shared: a flood of requests on one stream lets others have their turns', async () => {
    let handled = 0
    const peer = new RawPeer({
      machine: stub({
        get: async () => {
          handled++
          return { revision, documents: new Map() }
        },
      }),
    })
    const count = 5000
    const flood = Buffer.concat(Array.from({ length: count }, () => hex('0708011203323334')))
    const turns: number[] = []
    const look = (): void => {
      turns.push(handled)
      if (handled < count) {
        setImmediate(look)
      }
    }
    setImmediate(look)
    const written = peer.duplex.write(flood)
    for (let i = 0; i < count; i++) {
      await peer.next()
    }
    await written
    // 5,000 requests take longer than the 5 ms after which the event loop has its turn
    expect(turns.filter((now) => now > 0 && now < count).length).toBeGreaterThan(3)
  })
})

describe('a session whose server stops', () => {
  it('ends at once when it waits for a request', async () => {
    const stopping = new AbortController()
    const peer = new RawPeer({ machine, signal: stopping.signal })
    await peer.get('stop')
    stopping.abort()
    expect(await peer.next()).toBe('reset')
    await peer.session
  })

  it('answers what it is at, and then ends', async () => {
    const stopping = new AbortController()
    const { promise: dialled, resolve } = Promise.withResolvers<void>()
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>()
    const peer = new RawPeer({
      signal: stopping.signal,
      machine: stub({
        updateUnsigned: async () => {
          onAsked()
          return receipt(dialled)
        },
      }),
    })
    const answer = peer.ask(updateOf('stop', {}))
    await asked
    stopping.abort()
    resolve()
    expect((await answer).type).toBe('update')
    expect(await peer.next()).toBe('end')
    await peer.duplex.close()
    await peer.session
    expect(peer.counted()).toBeUndefined()
  })
})

describe('a session that fails', () => {
  it.each([[undefined], [null], ['words'], [new TypeError('odd')]])('rejects with %p after a reset', async (thrown) => {
    const get = async (): Promise<never> => {
      throw thrown
    }
    const peer = new RawPeer({ machine: stub({ get }) })
    expect(await peer.refused(hex('0708011203323334'))).toEqual(['reset', 'refused.E_INTERNAL'])
    expect(peer.refusals).toEqual([thrown])
  })

  it('rejects with the error of a duplex that is gone', async () => {
    const gone = new ProtocolError('PROTOCOL_CLOSED', 'gone')
    const duplex: ByteDuplex = {
      open: true,
      read: async () => {
        throw gone
      },
      write: async () => {},
      close: async () => {},
      abort: () => {},
    }
    const { serve } = goServerProtocol({ verdicts: new Map() })
    await expect(serve(duplex, serveContext({ machine, peer: ANN }))).rejects.toBe(gone)
  })
})
