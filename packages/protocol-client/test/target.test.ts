import { describe, expect, it } from '@jest/globals'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { resolveTarget, type Target } from '../src/target.ts'

const peer = peerIdFromString('12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu')
const other = peerIdFromString('12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')
const [a, b, relay] = [
  '/ip4/192.0.2.1/tcp/1',
  '/dns4/example.org/tcp/2/ws',
  `/ip4/192.0.2.9/tcp/9/p2p/${other}/p2p-circuit`,
]

describe('a target', () => {
  const spellings: Array<[string, Target, string[]]> = [
    ['a PeerId', peer, []],
    ['its text', peer.toString(), []],
    ['its text as a CID', peer.toCID().toString(), []],
    ['an address', multiaddr(`${a}/p2p/${peer}`), [`${a}/p2p/${peer}`]],
    ['the text of an address', `${a}/p2p/${peer}`, [`${a}/p2p/${peer}`]],
    ['an address of the peer id alone', multiaddr(`/p2p/${peer}`), []],
    ['a list', [multiaddr(`${a}/p2p/${peer}`), `${b}/p2p/${peer}`], [`${a}/p2p/${peer}`, `${b}/p2p/${peer}`]],
    ['a list in another order', [`${b}/p2p/${peer}`, `${a}/p2p/${peer}`], [`${b}/p2p/${peer}`, `${a}/p2p/${peer}`]],
    ['an address over a relay', `${relay}/p2p/${peer}`, [`${relay}/p2p/${peer}`]],
  ]
  it.each(spellings)('is one peer, whatever its spelling: %s', (_name, target, addresses) => {
    const resolved = resolveTarget(target)
    expect(resolved.id?.toString()).toBe(peer.toString())
    expect(resolved.addresses.map(String)).toEqual(addresses)
  })

  it.each([
    ['an address', a],
    ['an address that ends at a relay', relay],
  ])('without a peer id has none: %s', (_name, target) => {
    expect(resolveTarget(target)).toEqual({ id: undefined, addresses: [multiaddr(target)] })
  })

  const refused: Array<[string, unknown]> = [
    ['an empty string', ''],
    ['a name', 'bob'],
    ['an address that is cut off', '/ip4/192.0.2.1/tcp'],
    ['an empty list', []],
    ['a list with a peer id', [peer]],
    ['a list of two peers', [`${a}/p2p/${peer}`, `${a}/p2p/${other}`]],
    ['a list where one has no peer id', [`${a}/p2p/${peer}`, b]],
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
  ]
  it.each(refused)('is refused: %s', (_name, target) => {
    expect(() => resolveTarget(target as Target)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_PEER', retryable: false }),
    )
  })
})
