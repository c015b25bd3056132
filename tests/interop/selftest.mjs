// Go with Go: proves that the peers and the driver work before anything of
// ours is compared with them. Prints a table.
//
// Exit 0: every row passed. 1: a row failed. 2: rows could not be run, since a
// peer could not be built; the others passed.
import { BuildError } from './build.mjs'
import { frame, message, PROTOCOL, TYPE, uvarint } from './frame.mjs'
import { GoError, startGoClient, startGoServer, startGoStack } from './peer.mjs'

const hex = (b) => Buffer.from(b).toString('hex')
const rows = []

async function row(name, run) {
  const started = Date.now()
  try {
    rows.push({ check: name, result: 'pass', saw: await run(), ms: Date.now() - started })
  } catch (cause) {
    rows.push({ check: name, result: 'FAIL', saw: cause.message, ms: Date.now() - started })
  }
}

function expect(saw, wanted) {
  const [a, b] = [JSON.stringify(saw), JSON.stringify(wanted)]
  if (a !== b) throw new Error(`saw ${a}, wanted ${b}`)
  return a.length > 60 ? `${a.slice(0, 57)}...` : a
}

const dict = (...pairs) => ({ spec: { dict: pairs.map(([k, v]) => [{ string: k }, v]) } })
const compact = (goJson) => JSON.stringify(JSON.parse(goJson))
const pair = (k, v) => ({ Key: { String_IPLD: k }, Value: v })
const compactDict = (...pairs) => JSON.stringify({ Dict_IPLD: { Pairs: pairs } })

async function stackRows() {
  const a = await startGoStack({ listen: true, seed: 'selftest-a' })
  const b = await startGoStack({ seed: 'selftest-b' })
  await row('stack: connect over TCP, noise, yamux', async () => {
    const { peerId } = await b.request({ cmd: 'connect', addr: a.addrs[0] })
    return expect(peerId, a.peerId)
  })
  await row('stack: protocol that is not served is refused', async () => {
    const error = await b.request({ cmd: 'open', peer: a.peerId, protocol: PROTOCOL }).then(
      () => 'opened',
      (e) => e.message,
    )
    return expect(error, 'protocol not supported')
  })
  await row('stack: codec writes tabs and a last newline', async () => {
    const [r] = await a.request({ cmd: 'marshal', values: [{ spec: { string: 'x' } }] })
    return expect([r.json.text, r.cbor], ['{\n\t"String_IPLD": "x"\n}\n', 'a16b537472696e675f49504c446178'])
  })
  await row('stack: codec refuses its own Float 1', async () => {
    const [r] = await a.request({ cmd: 'marshal', values: [{ json: '{"Float_IPLD": 1}' }] })
    return expect([r.ok, /AssignInt/.test(r.error)], [false, true])
  })
  await row('stack: a batch keeps order past a bad value', async () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i === 500 ? { json: 'null' } : { spec: { int: String(i) } }))
    const out = await a.request({ cmd: 'describe', values })
    return expect([out.length, out[499].spec.int, out[500].ok, out[501].spec.int], [1000, '499', false, '501'])
  })
  const ends = await Promise.all([a.close(), b.close()])
  await row('stack: both end when their input ends', () =>
    expect(ends, [
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]),
  )
}

async function rawEnd(client, server, bytes, timeoutMs = 3000) {
  const { stream } = await client.request({ cmd: 'open', peer: server.peerId, protocol: PROTOCOL })
  await client.request({ cmd: 'write', stream, hex: hex(bytes) })
  const { end } = await client.request({ cmd: 'readEnd', stream, timeoutMs })
  await client.request({ cmd: 'reset', stream })
  return end
}

async function recordRows() {
  const server = await startGoServer({ gcMs: 200, seed: 'selftest-server' })
  const client = await startGoClient({ seed: 'selftest-client' })
  const other = await startGoClient({ seed: 'selftest-other' })
  const peer = server.peerId
  const put = (who, key, node, ttl = 60) => who.request({ cmd: 'update', peer, key, node, ttl })
  const get = async (who, key) => (await who.request({ cmd: 'get', peer, key })).writers
  for (const c of [client, other]) await c.request({ cmd: 'connect', addr: server.addrs[0] })

  await row('record: update, then get', async () => {
    await put(client, 'k', dict(['x', { int: '1' }]))
    const w = await get(client, 'k')
    return expect(
      [Object.keys(w), compact(w[client.peerId])],
      [[client.peerId], compactDict(pair('x', { Int_IPLD: 1 }))],
    )
  })
  await row('record: the machine holds the same', async () => {
    const { writers } = await server.request({ cmd: 'inspect', key: 'k' })
    return expect(writers, await get(client, 'k'))
  })
  await row('record: unknown key is empty', async () => expect(await get(client, 'nokey'), {}))
  await row('record: two writers under one key', async () => {
    await put(other, 'k', dict(['y', { int: '2' }]))
    return expect(Object.keys(await get(client, 'k')).sort(), [client.peerId, other.peerId].sort())
  })
  await row('record: a second update is merged', async () => {
    await put(client, 'k', dict(['z', { bool: true }]))
    return expect(
      compact((await get(client, 'k'))[client.peerId]),
      compactDict(pair('x', { Int_IPLD: 1 }), pair('z', { Bool_IPLD: true })),
    )
  })
  await row('record: ten requests on one stream', async () => {
    const out = await client.request({ cmd: 'repeat', peer, key: 'k', count: 10 })
    return expect([out.length, new Set(out.map((o) => o.streams)).size, out[0].streams], [10, 1, 1])
  })
  await row('record: expiry', async () => {
    await put(client, 'short', dict(['x', { int: '1' }]), 1)
    await new Promise((r) => setTimeout(r, 3500))
    return expect(await get(client, 'short'), {})
  })
  await row('record: bad frame is reset', async () =>
    expect(await rawEnd(client, server, frame(Buffer.from([0xff, 0xff]))), 'reset'),
  )
  await row('record: length not minimal is reset', async () =>
    expect(await rawEnd(client, server, Buffer.from('8500', 'hex')), 'reset'),
  )
  await row('record: over 4 MiB is reset at its length', async () =>
    expect(await rawEnd(client, server, uvarint(4194305)), 'reset'),
  )
  await row('record: silence is not a reset', async () =>
    expect(await rawEnd(client, server, Buffer.from([5]), 500), 'timeout'),
  )
  await row('record: three frames in one write, in order', async () => {
    const { stream } = await client.request({ cmd: 'open', peer, protocol: PROTOCOL })
    const keys = ['one', 'two', 'three']
    await client.request({
      cmd: 'write',
      stream,
      hex: keys.map((key) => hex(frame(message({ type: TYPE.GET, key })))).join(''),
    })
    const saw = []
    for (const _ of keys) saw.push((await client.request({ cmd: 'readFrame', stream })).hex)
    await client.request({ cmd: 'closeWrite', stream })
    const { end } = await client.request({ cmd: 'readEnd', stream })
    return expect([...saw, end], [...keys.map((key) => hex(message({ type: TYPE.GET, key, value: '{}' }))), 'eof'])
  })
  await row('record: the client notices a reset', async () => {
    const error = await client.request({ cmd: 'update', peer, key: '', node: dict(), ttl: 1 }).then(
      () => 'accepted',
      (e) => (e instanceof GoError ? e.message : 'other'),
    )
    return expect(error, 'stream reset')
  })
  const ends = await Promise.all([server, client, other].map((p) => p.close()))
  await row('record: all end when their input ends', () =>
    expect(
      ends.map((e) => e.code),
      [0, 0, 0],
    ),
  )
  return server.modules
}

let missing = 0
for (const part of [stackRows, recordRows]) {
  try {
    const modules = await part()
    if (modules) console.log(`go-smart-record ${modules['github.com/libp2p/go-smart-record']}`)
  } catch (cause) {
    if (!(cause instanceof BuildError)) throw cause
    rows.push({ check: part === stackRows ? 'stack' : 'record', result: 'NOT RUN', saw: cause.code, ms: 0 })
    console.log(cause.message)
    missing++
  }
}
const width = Math.max(...rows.map((r) => r.check.length))
for (const r of rows)
  console.log(`${r.result.padEnd(7)}  ${r.check.padEnd(width)}  ${String(r.ms).padStart(5)} ms  ${r.saw}`)
const failed = rows.filter((r) => r.result === 'FAIL').length
console.log(`${rows.filter((r) => r.result === 'pass').length} passed, ${failed} failed, ${missing} part(s) not run`)
process.exitCode = failed ? 1 : missing ? 2 : 0
