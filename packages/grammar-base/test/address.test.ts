import { describe, expect, it } from '@jest/globals'
import { normalizeAddress } from '../src/index.ts'
import fc from 'fast-check'
import { parseAddress } from '../src/address.ts'
import { addressRefusal, type AddressPolicy } from '../src/address-policy.ts'
import { reachOf } from '../src/public-ip.ts'
import { PEER, PEER_CID } from './setup.ts'

const P2P = `/p2p/${PEER}`
const RUNS = { numRuns: 10_000 }

describe('an address', () => {
  it.each([
    [`/ip4/1.2.3.4/tcp/4001/p2p/${PEER}`, `/ip4/1.2.3.4/tcp/4001${P2P}`],
    [`/ip4/1.2.3.4/tcp/4001/ipfs/${PEER}`, `/ip4/1.2.3.4/tcp/4001${P2P}`],
    [`/ip4/1.2.3.4/tcp/4001/p2p/${PEER_CID}`, `/ip4/1.2.3.4/tcp/4001${P2P}`],
    [`//ip4/1.2.3.4/tcp/4001/p2p/${PEER}/`, `/ip4/1.2.3.4/tcp/4001${P2P}`],
    [`/ip6/2001:DB8:0:0::1/udp/9/quic-v1/p2p/${PEER}`, `/ip6/2001:db8::1/udp/9/quic-v1${P2P}`],
  ])('%s is %s', (text, normal) => {
    expect(parseAddress(text)).toMatchObject({ text: normal, peer: PEER, place: normal.slice(0, -P2P.length) })
    expect(parseAddress(normal)).toEqual(parseAddress(text))
  })

  it.each([
    ['24 parts', `/ip4/1.2.3.4/tcp/1${'/ws'.repeat(20)}`, true],
    ['25 parts in 80 characters', `/ip4/1.2.3.4/tcp/1${'/ws'.repeat(21)}`, false],
    ['1,024 characters in 4 parts', `/dns4/${'a'.repeat(1024 - 12)}/tcp/1`, true],
    ['1,025 characters in 4 parts', `/dns4/${'a'.repeat(1025 - 12)}/tcp/1`, false],
  ])('of %s is read: %#', (_, text, accepted) => {
    const read = (): unknown => {
      try {
        return parseAddress(text).text
      } catch (err) {
        return (err as { code: string }).code
      }
    }
    expect(read()).toBe(accepted ? text : 'TAG_ADDRESS')
  })

  it('tells its IP address, port and peer, where it has them', () => {
    expect(parseAddress('/ip4/1.2.3.4/udp/9/quic-v1')).toMatchObject({
      ip: Uint8Array.of(1, 2, 3, 4),
      port: 9,
      peer: undefined,
      place: '/ip4/1.2.3.4/udp/9/quic-v1',
    })
    expect(parseAddress('/ip6/::1/tcp/9').ip).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))
    expect(parseAddress(`/dns4/example.com/tcp/9${P2P}`)).toMatchObject({ ip: undefined, port: 9, peer: PEER })
    expect(parseAddress(`/ip4/1.2.3.4/tcp/9${P2P}/p2p-circuit`)).toMatchObject({ peer: undefined })
  })
})

const OPEN: AddressPolicy = { observedOnly: false }
const dials = (address: string, policy: AddressPolicy = OPEN, observed?: string): boolean =>
  addressRefusal(parseAddress(address), observed, policy) === undefined

describe('what is dialled', () => {
  it.each([
    '/ip4/1.2.3.4/tcp/1',
    '/ip4/8.8.8.8/tcp/443/tls/ws',
    '/ip4/172.32.0.1/tcp/1',
    '/ip4/100.128.0.1/tcp/1',
    '/ip4/223.255.255.255/tcp/1',
    '/ip4/9.9.9.9/udp/9/quic-v1',
    '/ip4/9.9.9.9/udp/9/quic-v1/webtransport',
    '/ip6/2606:4700::1111/tcp/1',
    '/ip6/2a00::1/udp/1/quic-v1',
  ])('%s', (address) => {
    expect(dials(address)).toBe(true)
    expect(dials(address + P2P)).toBe(true)
  })

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.31.196.1',
    '192.52.193.1',
    '192.88.99.1',
    '192.168.1.1',
    '192.175.48.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.250',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '::8.8.8.8',
    '64:ff9b::8.8.8.8',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:10::1',
    '2001:20::1',
    '2001:1ff::1',
    '2001:db8::1',
    '2002:808:808::1',
    '2620:4f:8000::1',
    '3fff::1',
    '4000::1',
    '5f00::1',
    'fc00::1',
    'fdff::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
  ])('not %s', (ip) => {
    expect(dials(`/ip${ip.includes(':') ? 6 : 4}/${ip}/tcp/1${P2P}`)).toBe(false)
  })

  it.each([
    `/dns/example.com/tcp/1${P2P}`,
    `/dns4/localhost/tcp/1${P2P}`,
    `/dns6/example.com/tcp/1${P2P}`,
    `/dnsaddr/example.com${P2P}`,
    `/ip4/1.2.3.4/tcp/443/tls/sni/internal.example/ws${P2P}`,
    `/ip4/1.2.3.4/tcp/1${P2P}/p2p-circuit${P2P}`,
    `/ip4/1.2.3.4/tcp/1/p2p-circuit${P2P}`,
    `/ip4/1.2.3.4/tcp/1${P2P}${P2P}`,
    `/ip6zone/eth0/ip6/fe80::1/tcp/1${P2P}`,
    `/ip4/1.2.3.4/ipcidr/0/tcp/1${P2P}`,
    `/ip4/1.2.3.4${P2P}`,
    `/ip4/1.2.3.4/tcp/0${P2P}`,
    `/ip4/1.2.3.4/sctp/1${P2P}`,
    `/ip4/1.2.3.4/tcp/1/ip4/10.0.0.1/tcp/1${P2P}`,
    `/ip4/1.2.3.4/tcp/1/http-path/a${P2P}`,
    `/unix/%2Ftmp%2Fx${P2P}`,
    P2P,
  ])('not %s, on no net', (address) => {
    expect(dials(address)).toBe(false)
    expect(dials(address, { ...OPEN, allowPrivate: true })).toBe(false)
  })

  it.each(['10.0.0.1', '127.0.0.1', '169.254.0.1', '192.168.1.1', '100.64.0.1', '::1', 'fd00::1', 'fe80::1'])(
    '%s, where private nets are allowed',
    (ip) => {
      expect(dials(`/ip${ip.includes(':') ? 6 : 4}/${ip}/tcp/1${P2P}`, { ...OPEN, allowPrivate: true })).toBe(true)
    },
  )

  it.each(['0.0.0.0', '224.0.0.1', '255.255.255.255', '::', '::ffff:10.0.0.1', '64:ff9b::1', '2002::1', 'ff02::1'])(
    'not %s, there neither',
    (ip) => {
      expect(dials(`/ip${ip.includes(':') ? 6 : 4}/${ip}/tcp/1${P2P}`, { ...OPEN, allowPrivate: true })).toBe(false)
    },
  )

  it('on the whole, no address of the blocks that are not public', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255))
    const first = fc.constantFrom(0, 10, 127, ...Array.from({ length: 32 }, (_, i) => 224 + i))
    const groups = fc.array(fc.nat(0xffff), { minLength: 7, maxLength: 7 })
    fc.assert(
      fc.property(first, octets, (a, [b, c, d]) => {
        expect(dials(`/ip4/${a}.${b}.${c}.${d}/tcp/1${P2P}`)).toBe(false)
      }),
      RUNS,
    )
    fc.assert(
      fc.property(
        fc.nat(0xffff).filter((group) => group >> 13 !== 1),
        groups,
        (head, rest) => {
          expect(dials(`/ip6/${[head, ...rest].map((group) => group.toString(16)).join(':')}/tcp/1${P2P}`)).toBe(false)
        },
      ),
      RUNS,
    )
  })

  it('agrees with a count of all 65,536 blocks of IPv4', () => {
    let open = 0
    for (let block = 0; block < 65_536; block++) {
      open += reachOf(Uint8Array.of(block >> 8, block & 255, 77, 1)) === 'public' ? 1 : 0
    }
    // 0, 10, 127 and 224-255 whole; 100.64/10, 172.16/12, 169.254, 192.168, 198.18/15
    expect(open).toBe(65_536 - 35 * 256 - 64 - 16 - 1 - 1 - 2)
  })
})

describe('the address that the writer was seen at', () => {
  it.each([
    ['/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.4/tcp/60001', true],
    ['/ip4/1.2.3.4/tcp/4001', `/ip4/1.2.3.4/tcp/60001${P2P}`, true],
    ['/ip4/1.2.3.4/tcp/4001', '1.2.3.4', true],
    ['/ip4/1.2.3.4/tcp/4001', '::ffff:1.2.3.4', true],
    ['/ip4/1.2.3.4/tcp/4001', '/ip6/::ffff:1.2.3.4/tcp/1', true],
    ['/ip6/2a00::1/tcp/4001', '/ip6/2a00:0::1/tcp/1', true],
    ['/ip4/1.2.3.4/tcp/4001', '/ip4/1.2.3.5/tcp/4001', false],
    ['/ip4/1.2.3.4/tcp/4001', '/ip6/2a00::1/tcp/1', false],
    ['/ip4/1.2.3.4/tcp/4001', '/dns4/example.com/tcp/1', false],
    ['/ip4/1.2.3.4/tcp/4001', `${P2P}/p2p-circuit`, false],
    ['/ip4/1.2.3.4/tcp/4001', 'nonsense', false],
    ['/ip4/1.2.3.4/tcp/4001', '', false],
    ['/ip4/1.2.3.4/tcp/4001', undefined, false],
  ])('%s for one at %s: %s', (address, observed, allowed) => {
    expect(dials(address + P2P, {}, observed)).toBe(allowed)
  })
})

describe('the text of an address', () => {
  it.each([
    [
      '/ip4/192.0.2.7/tcp/4001/ipfs/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN/',
      '/ip4/192.0.2.7/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN',
    ],
    ['/ip6/0:0:0:0:0:0:0:1/tcp/80', '/ip6/::1/tcp/80'],
    ['no address', 'no address'],
  ])('%s is printed as Go prints it', (text, normal) => {
    expect(normalizeAddress(text)).toBe(normal)
  })
})
