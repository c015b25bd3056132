// One conversation with the Go reference's server, request by request.
//
// by "client": the bytes are those its own client sent and got. by "raw": the
// request is ours, the answer is the server's.
import { frame, message, PROTOCOL, TYPE } from '../frame.mjs'
import { startGoClient, startGoServer } from '../peer.mjs'
import { bool, bytes, dict, float, int, list, pred, str } from './nodes.mjs'

// Fixed, so that the addresses in the answers are the same next time.
const DIALLED_PORT = 47811
const GC_MS = 200
const hex = (b) => Buffer.from(b).toString('hex')

/** [name, what is stored, what is stored after it under the same key]. */
const stored = [
  ['empty dict', dict()],
  ['string', dict([str('v'), str('a "quoted"\nline é 😀 \u0000')])],
  ['bytes', dict([str('v'), bytes('0102ff')])],
  ['int', dict([str('v'), int('-9223372036854775808')])],
  ['float', dict([str('v'), float(123.123)])],
  ['bool', dict([str('v'), bool(true)])],
  ['list', dict([str('v'), list(str('a'), int(2), list())])],
  ['dict in dict', dict([str('v'), dict([int(1), str('one')], [bool(false), dict()])])],
  ['predicate loses its tag', dict([str('v'), pred('tag', [int(1)], [[str('name'), str('x')]])])],
  [
    'predicates nested',
    dict([
      str('v'),
      pred('outer', [pred('inner', [int(1)])], [[str('n'), pred('deep', [], [[str('m'), list(int(1))]])]]),
    ]),
  ],
  ['first write keeps equal keys', dict([str('a'), int(1)], [str('a'), int(2)])],
  [
    'merge adds and replaces',
    dict([str('a'), int(1)], [str('b'), int(2)]),
    dict([str('b'), int(3)], [str('c'), int(4)]),
  ],
  ['merge of lists is a union', dict([str('l'), list(int(1), int(2))]), dict([str('l'), list(int(2), int(3))])],
  [
    'merge conflict stops midway',
    dict([str('a'), int(1)], [str('b'), int(2)]),
    dict([str('a'), int(9)], [str('b'), str('x')], [str('c'), int(3)]),
  ],
  [
    'merge of predicates with other tags',
    dict([str('p'), pred('one', [int(1)])]),
    dict([str('p'), pred('two', [int(2)])]),
  ],
]

/** Requests no Go client sends, or whose answer is a reset. */
const rawRequests = [
  ['query answers as get', message({ type: TYPE.QUERY, key: 'k0' })],
  ['query unknown key', message({ type: TYPE.QUERY, key: 'nokey' })],
  ['get with a value and a ttl', message({ type: TYPE.GET, key: 'nokey', value: 'x', ttl: 5 })],
  ['key of bytes that are not text', message({ type: TYPE.GET, key: Buffer.from('ff00fe', 'hex') })],
  ['fields out of order', Buffer.from('12056e6f6b65790801', 'hex')],
  ['unknown field is skipped', Buffer.from('080112056e6f6b65792a0178', 'hex')],
  ['repeated key, the last wins', Buffer.from('0801120161' + '12056e6f6b6579', 'hex')],
  ['type with high bits is cut to 32', Buffer.from('088180808010' + '12056e6f6b6579', 'hex')],
  ['empty frame', Buffer.alloc(0)],
  ['empty key', message({ type: TYPE.GET })],
  ['unknown type', message({ type: 3, key: 'k0' })],
  ['not protobuf', Buffer.from('ffff', 'hex')],
  ['wrong wire type of key', Buffer.from('08011005', 'hex')],
  ['update without a value', message({ key: 'k0', ttl: 60 })],
  ['update with a list', message({ key: 'k0', value: '{"List_IPLD":{"Elements":[]}}', ttl: 60 })],
  ['update with plain JSON', message({ key: 'k0', value: '{"a":1}', ttl: 60 })],
  [
    'update compact and out of order',
    message({
      key: 'kc',
      value: '{"Dict_IPLD":{"Pairs":[{"Value":{"Int_IPLD":1},"Key":{"String_IPLD":"x"}}]}}',
      ttl: 60,
    }),
  ],
  ['update with null', message({ key: 'k0', value: 'null', ttl: 60 })],
]

class Recorder {
  cases = []
  constructor(server, client) {
    this.server = server
    this.client = client
  }

  async ask(name, cmd, who = this.client) {
    const asked = { peer: this.server.peerId, showBytes: true, ...cmd }
    const { sent, received, writers } = await who.request(asked)
    this.cases.push({
      name,
      by: 'client',
      writer: who.peerId,
      request: sent,
      response: received,
      ...(writers && { writers }),
    })
    return writers
  }

  update(name, key, spec, ttl = 600, who) {
    return this.ask(name, { cmd: 'update', key, node: { spec }, ttl }, who)
  }

  get(name, key, who) {
    return this.ask(name, { cmd: 'get', key }, who)
  }

  async raw(name, request) {
    const { stream } = await this.client.request({ cmd: 'open', peer: this.server.peerId, protocol: PROTOCOL })
    await this.client.request({ cmd: 'write', stream, hex: hex(request) })
    const answer = await this.client.request({ cmd: 'readFrame', stream, timeoutMs: 3000 })
    const got = 'hex' in answer ? { response: hex(frame(Buffer.from(answer.hex, 'hex'))) } : { end: answer.end }
    await this.client.request({ cmd: 'reset', stream })
    this.cases.push({ name, by: 'raw', request: hex(request), ...got })
  }
}

async function reachability(r, other) {
  const p2p = (port, id) => str(`/ip4/127.0.0.1/tcp/${port}/p2p/${id}`)
  const asks = (tag, address) => dict([str('at'), pred(tag, [], [[str('address'), pred('multiaddr', [address])]])])
  const absent = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
  const cases = [
    ['nobody there', p2p(1, absent)],
    ['no peer id', str('/ip4/127.0.0.1/tcp/1')],
    ['the server itself', p2p(1, r.server.peerId)],
    ['a peer it can dial', p2p(DIALLED_PORT, other.peerId)],
    ['a peer that is connected, at another address', p2p(1, r.client.peerId)],
    ['not a multiaddr', str('nonsense')],
  ]
  for (const tag of ['dialable', 'connectivity']) {
    for (const [about, address] of cases) {
      const key = `${tag} ${about}`
      await r.update(`${key}: update`, key, asks(tag, address))
      await r.get(`${key}: get`, key)
    }
    const key = `${tag} plain string`
    await r.update(`${key}: update`, key, dict([str('at'), pred(tag, [], [[str('address'), p2p(1, absent)]])]))
    await r.get(`${key}: get`, key)
  }
}

async function ttls(r) {
  // Seconds as the Go client is given them; it sends whole ones.
  for (const ttl of [0, 0.5, 1, 1.9, 60, 300, 9223372036]) await r.update(`ttl ${ttl}`, `ttl ${ttl}`, dict(), ttl)
  for (const ttl of ['9223372037', '18446744073709551615']) {
    const value = '{"Dict_IPLD":{"Pairs":[]}}'
    await r.raw(`ttl ${ttl}`, frame(message({ key: `ttl ${ttl}`, value, ttl: BigInt(ttl) })))
  }
  await new Promise((done) => setTimeout(done, 3000 + GC_MS))
  for (const ttl of ['0', '0.5', '1', '1.9', '60', '9223372036', '9223372037', '18446744073709551615']) {
    await r.get(`ttl ${ttl}, 3 s later`, `ttl ${ttl}`)
  }
}

/** Holds the conversation and gives what was said. */
export async function recordSession() {
  const server = await startGoServer({ gcMs: GC_MS, seed: 'golden-server' })
  const client = await startGoClient({ seed: 'golden-client' })
  const other = await startGoClient({ seed: 'golden-other', listen: true, port: DIALLED_PORT })
  await client.request({ cmd: 'connect', addr: server.addrs[0] })
  const r = new Recorder(server, client)

  await r.get('get unknown key', 'nokey')
  for (const [i, [name, first, second]] of stored.entries()) {
    await r.update(`${name}: update`, `k${i}`, first)
    await r.get(`${name}: get`, `k${i}`)
    if (!second) continue
    await r.update(`${name}: second update`, `k${i}`, second)
    await r.get(`${name}: second get`, `k${i}`)
  }
  for (const [name, payload] of rawRequests) await r.raw(name, frame(payload))
  await r.raw('length prefix not minimal', Buffer.from('8500', 'hex'))
  await r.raw('length over 4 MiB', Buffer.from('81808002', 'hex'))
  // Before the second writer connects: what is already connected is not dialled.
  await reachability(r, other)
  await other.request({ cmd: 'connect', addr: server.addrs[0] })
  await r.update('two writers: the other updates', 'k1', dict([str('w'), int(2)]), 600, other)
  await r.get('two writers: get', 'k1')
  await ttls(r)

  const peers = { server: server.peerId, client: client.peerId, other: other.peerId }
  await Promise.all([server, client, other].map((p) => p.close()))
  return { modules: server.modules, peers, cases: r.cases }
}
