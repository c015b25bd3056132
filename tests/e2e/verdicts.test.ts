import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Dict, List, type Node, Predicate, print } from '@sr/xr'
import { addressOf, shown, startBare, startClient, startServer } from './hosts.ts'

let server: Awaited<ReturnType<typeof startServer>>
let strict: Awaited<ReturnType<typeof startServer>>
let ann: Awaited<ReturnType<typeof startClient>>
let target: Awaited<ReturnType<typeof startBare>>
let reachable: string
let gone: string

beforeAll(async () => {
  server = await startServer({ verdicts: { allowPrivate: true, observedOnly: true } })
  strict = await startServer({ verdicts: {} })
  ann = await startClient()
  target = await startBare(true)
  reachable = String(addressOf(target.node.getMultiaddrs(), 'tcp'))
  gone = `/ip4/127.0.0.1/tcp/1/p2p/${String(target.node.peerId)}`
})

afterAll(async () => {
  await Promise.all([ann.stop(), target.stop()])
  await Promise.all([server.stop(), strict.stop()])
})

const request = (tag: string, address: string): Predicate =>
  new Predicate(tag, [], Dict.from([['address', new Predicate('multiaddr', [address])]]))

async function written(to: typeof server, key: string, entries: Array<[Node, Node]>): Promise<string> {
  await ann.records.update(to.tcp, key, Dict.from(entries), { ttl: 60 })
  const documents = shown(await ann.records.get(to.tcp, key))
  expect(Object.keys(documents)).toEqual([ann.peer])
  return String(documents[ann.peer])
}

describe('verdicts on reachability', () => {
  it('are in the very next answer, wherever the request stands', async () => {
    expect(
      await written(server, 'dialable', [
        ['list', List.of(request('dialable', gone))],
        ['value', request('dialable', reachable)],
      ]),
    ).toBe(`{list=[notDialable(address="${gone}")] value=dialed(address="${reachable}")}`)
  })

  it('tell who is connected, and that the server is itself', async () => {
    expect(await written(server, 'connectivity', [['a', request('connectivity', gone)]])).toBe(
      `{a=notConnected(address="${gone}")}`,
    )
    await server.node.dial(addressOf(target.node.getMultiaddrs(), 'tcp'))
    expect(await written(server, 'connected', [['a', request('connectivity', gone)]])).toBe(
      `{a=connected(address="${gone}")}`,
    )
    expect(await written(server, 'self', [['a', request('dialable', String(server.tcp))]])).toBe(
      `{a=dialed(address="${String(server.tcp)}")}`,
    )
  })

  it('are not given where policy does not let the server dial', async () => {
    const asked = request('dialable', reachable)
    expect(await written(strict, 'private', [['a', asked]])).toBe(`{a=${print(asked)}}`)
  })

  it("are no writer's to give", async () => {
    const claim = new Predicate('dialed', [], Dict.from([['address', reachable]]))
    expect(
      await written(server, 'claim', [
        ['a', claim],
        ['b', request('dialable', gone)],
      ]),
    ).toBe(`{a=""(address="${reachable}") b=notDialable(address="${gone}")}`)
  })
})
