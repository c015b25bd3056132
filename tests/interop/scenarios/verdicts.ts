import { dict, list, pred, str } from '../recordings/nodes.mjs'
import type { Spec } from '../peers/spec.ts'
import { ABSENT_WRITER, type Pair, startListener } from '../peers/harness.ts'
import { type Row, scenario } from '../report/row.ts'
import { putAndGet, read } from './steps.ts'

/** An address where no peer listens, without a peer id. */
const NOWHERE = '/ip4/127.0.0.1/tcp/1'

/** `tag(address=multiaddr("…"))`. */
const asks = (tag: string, address: string): Spec =>
  pred(tag, [], [[str('address'), pred('multiaddr', [str(address)])]])

const at = (node: Spec): Spec => dict([str('at'), node])

/** What an address is made of in a row. */
interface Place {
  pair: Pair
  listener: string
}

/** A request about an address, with a listener started when the row needs one. */
function verdict(name: string, wanted: string, document: (place: Place) => Spec, listens = false): Row[] {
  return scenario(`verdict: ${name}`, `ok; A=${wanted}`, async (pair, key) => {
    if (!listens) {
      return await putAndGet(pair, key, document({ pair, listener: '' }))
    }
    const listener = await startListener()
    pair.names
      .add(listener.address, '/at-L/p2p/L')
      .add(listener.address.replace(/\/p2p\/.*/, ''), '/at-L')
      .add(listener.id, 'L')
    try {
      return pair.names.in(await putAndGet(pair, key, document({ pair, listener: listener.address })))
    } finally {
      await listener.close()
    }
  })
}

const dialable: Row[] = [
  ...verdict(
    'dialable, true',
    '{at=dialed(address="/at-L/p2p/L")}',
    ({ listener }) => at(asks('dialable', listener)),
    true,
  ),
  ...verdict('dialable, no peer there', `{at=notDialable(address="${NOWHERE}/p2p/N")}`, () =>
    at(asks('dialable', `${NOWHERE}/p2p/${ABSENT_WRITER}`)),
  ),
  ...verdict(
    'dialable, another peer there',
    '{at=notDialable(address="/at-L/p2p/N")}',
    ({ listener }) => at(asks('dialable', listener.replace(/[^/]+$/, ABSENT_WRITER))),
    true,
  ),
  ...verdict('dialable, no peer named', `{at=notDialable(address="${NOWHERE}")}`, () => at(asks('dialable', NOWHERE))),
  ...verdict('dialable, the server itself', '{at=dialed(address="/at-S/p2p/S")}', ({ pair }) =>
    at(asks('dialable', pair.server.address)),
  ),
  ...verdict(
    'dialable, the server at an address that is not its own',
    `{at=dialed(address="${NOWHERE}/p2p/S")}`,
    ({ pair }) => at(asks('dialable', `${NOWHERE}/p2p/${pair.server.id}`)),
  ),
  ...verdict('dialable, a connected peer at another address', `{at=dialed(address="${NOWHERE}/p2p/A")}`, ({ pair }) =>
    at(asks('dialable', `${NOWHERE}/p2p/${pair.a.id}`)),
  ),
  ...verdict('dialable, named by /ipfs/', `{at=notDialable(address="${NOWHERE}/p2p/N")}`, () =>
    at(asks('dialable', `${NOWHERE}/ipfs/${ABSENT_WRITER}`)),
  ),
  ...verdict('dialable, not a multiaddr', '{at=(address=("nonsense"))}', () => at(asks('dialable', 'nonsense'))),
  ...verdict('dialable, the address a plain String', `{at=(address="${NOWHERE}/p2p/N")}`, () =>
    at(pred('dialable', [], [[str('address'), str(`${NOWHERE}/p2p/${ABSENT_WRITER}`)]])),
  ),
  ...verdict('dialable, with other arguments', `{at=notDialable(address="${NOWHERE}/p2p/N")}`, () => {
    return at(
      pred(
        'dialable',
        [str('more')],
        [
          [str('address'), pred('multiaddr', [str(`${NOWHERE}/p2p/${ABSENT_WRITER}`)])],
          [str('note'), str('x')],
        ],
      ),
    )
  }),
  ...verdict(
    'dialable, five in one update',
    `{at=[${[1, 2, 3, 4, 5].map((port) => `notDialable(address="/ip4/127.0.0.1/tcp/${port}/p2p/N")`).join(' ')}]}`,
    () => {
      return at(
        list(...[1, 2, 3, 4, 5].map((port) => asks('dialable', `/ip4/127.0.0.1/tcp/${port}/p2p/${ABSENT_WRITER}`))),
      )
    },
  ),
]

const NOT = `notDialable(address="${NOWHERE}/p2p/N")`
const request = asks('dialable', `${NOWHERE}/p2p/${ABSENT_WRITER}`)

const places: Row[] = [
  ...verdict('in a List', `{at=[${NOT}]}`, () => at(list(request))),
  ...verdict('in a Dict in a Dict', `{at={deep=${NOT}}}`, () => at(dict([str('deep'), request]))),
  ...verdict('as a key', `{at={${NOT}="x"}}`, () => at(dict([request, str('x')]))),
  ...verdict('in a Predicate', `{at=(dialable(address="${NOWHERE}/p2p/N"))}`, () => at(pred('outer', [request]))),
]

const connectivity: Row[] = [
  ...verdict('connectivity, true', `{at=connected(address="${NOWHERE}/p2p/A")}`, ({ pair }) =>
    at(asks('connectivity', `${NOWHERE}/p2p/${pair.a.id}`)),
  ),
  ...verdict('connectivity, no peer there', `{at=notConnected(address="${NOWHERE}/p2p/N")}`, () =>
    at(asks('connectivity', `${NOWHERE}/p2p/${ABSENT_WRITER}`)),
  ),
  ...verdict(
    'connectivity, a peer that listens',
    '{at=notConnected(address="/at-L/p2p/L")}',
    ({ listener }) => at(asks('connectivity', listener)),
    true,
  ),
  ...verdict('connectivity, no peer named', `{at=notDialable(address="${NOWHERE}")}`, () =>
    at(asks('connectivity', NOWHERE)),
  ),
  ...verdict('connectivity, the server itself', '{at=connected(address="/at-S/p2p/S")}', ({ pair }) =>
    at(asks('connectivity', pair.server.address)),
  ),
  ...verdict('connectivity, not a multiaddr', '{at=(address=("nonsense"))}', () =>
    at(asks('connectivity', 'nonsense')),
  ),
]

/** What servers say of addresses in the GET right after the UPDATE. */
export const verdicts: Row[] = [
  ...dialable,
  ...places,
  ...connectivity,
  ...scenario('verdict: read by another, and no facts', `B=empty; B=A={at=${NOT}}`, async (pair, key) => {
    const before = await read(pair, pair.b, key)
    await pair.a.update(key, at(request))
    return `B=${before}; B=${await read(pair, pair.b, key)}`
  }),
]
