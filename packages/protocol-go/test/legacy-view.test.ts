import { describe, expect, it } from '@jest/globals'
import { Dict, List, type Node, Predicate, print } from '@sr/xr'
import { toLegacyView } from '../src/server/index.ts'
import { legacyRewriter } from '../src/server/legacy-view.ts'
import { ANN, BOB, dict, normalizeAddress, SELF, verdicts } from './samples.ts'

const PLACE = '/ip4/192.0.2.7/tcp/4001'

const request = (tag: string, address: string, extra: Array<[Node, Node]> = []): Predicate =>
  new Predicate(tag, [], Dict.from([['address', new Predicate('multiaddr', [address])], ...extra]))

const dialable = (address: string): Predicate => request('dialable', address)
const verdict = (tag: string): Predicate => new Predicate(tag, [], Dict.from([['at', 1_700_000_000_000n]]))

function shown(documents: Record<string, Dict>): Record<string, string> {
  const record = toLegacyView(new Map(Object.entries(documents).map(([peer, document]) => [peer, { document }])), {
    self: SELF,
    verdicts,
    normalizeAddress,
  })
  return Object.fromEntries(Array.from(record, ([peer, document]) => [peer, print(document)]))
}

const facts = (...entries: Array<[Node, Node]>): Dict => Dict.from([['facts', Dict.from(entries)]])

describe('a record as Go peers see it', () => {
  it('shows verdicts where requests stood: values, keys, members, and in Dicts and Lists within', () => {
    const a = dialable(`${PLACE}/p2p/${ANN}`)
    const b = request('connectivity', `${PLACE}/p2p/${BOB}`)
    const own = facts([a, verdict('dialed')], [b, verdict('notConnected')])
    const body = Dict.from([
      ['value', a],
      [b, 'as a key'],
      ['list', List.of(a, 'x')],
      ['deep', dict({ inner: List.of(List.of(b)) })],
    ])
    const dialed = `dialed(address="${PLACE}/p2p/${ANN}")`
    const notConnected = `notConnected(address="${PLACE}/p2p/${BOB}")`
    expect(shown({ [SELF]: own, [ANN]: body })).toEqual({
      [ANN]: `{value=${dialed} ${notConnected}="as a key" list=[${dialed} "x"] deep={inner=[[${notConnected}]]}}`,
    })
  })

  it('shows no verdict inside a predicate, and none without a fact', () => {
    const a = dialable(`${PLACE}/p2p/${ANN}`)
    const body = Dict.from([
      ['offer', new Predicate('offer', [a])],
      ['other', dialable(`${PLACE}/p2p/${BOB}`)],
    ])
    expect(shown({ [SELF]: facts([a, verdict('dialed')]), [ANN]: body })).toEqual({ [ANN]: print(body) })
    expect(shown({ [ANN]: body })).toEqual({ [ANN]: print(body) })
  })

  it('shows a verdict for the request it is about, and only a verdict that fits it', () => {
    const a = dialable(`${PLACE}/p2p/${ANN}`)
    const more = request('dialable', `${PLACE}/p2p/${ANN}`, [['note', 'x']])
    const body = Dict.from([
      ['a', a],
      ['more', more],
    ])
    expect(shown({ [SELF]: facts([a, verdict('connected')], [more, 'dialed']), [ANN]: body })).toEqual({
      [ANN]: print(body),
    })
    expect(shown({ [SELF]: facts([more, verdict('notDialable')]), [ANN]: body })).toEqual({
      [ANN]: `{a=${print(a)} more=notDialable(address="${PLACE}/p2p/${ANN}")}`,
    })
  })

  it('says notDialable of a connectivity whose address names no peer, as Go does', () => {
    const nobody = request('connectivity', PLACE)
    const body = Dict.from([['a', nobody]])
    expect(shown({ [SELF]: facts([nobody, verdict('notDialable')]), [ANN]: body })).toEqual({
      [ANN]: `{a=notDialable(address="${PLACE}")}`,
    })
    // as the grammar says it, and as nothing else says it
    expect(shown({ [SELF]: facts([nobody, verdict('dialed')]), [ANN]: body })).toEqual({ [ANN]: print(body) })
  })

  it("takes facts from the server's own document alone", () => {
    const a = dialable(`${PLACE}/p2p/${ANN}`)
    const body = Dict.from([['a', a]])
    expect(shown({ [BOB]: facts([a, verdict('dialed')]), [ANN]: body })[ANN]).toBe(print(body))
  })

  it('takes the tag from a verdict that a writer has said, wherever it stands', () => {
    const claim = (tag: string): Predicate => new Predicate(tag, [], Dict.from([['address', `${PLACE}/p2p/${ANN}`]]))
    const body = Dict.from([
      ['a', claim('dialed')],
      [claim('notDialable'), List.of(claim('connected'))],
      ['c', new Predicate('quote', [claim('notConnected')], Dict.from([[claim('dialed'), true]]))],
    ])
    const blank = `""(address="${PLACE}/p2p/${ANN}")`
    expect(shown({ [ANN]: body, [SELF]: body })).toEqual({
      [ANN]: `{a=${blank} ${blank}=[${blank}] c=quote(${blank}, ${blank}=true)}`,
      [SELF]: `{a=${blank} ${blank}=[${blank}] c=quote(${blank}, ${blank}=true)}`,
    })
  })

  it("leaves the facts out, and the server's document when it is nothing else", () => {
    const own = Dict.from([...facts([dialable(PLACE), verdict('dialed')]), ['name', 'server']])
    expect(shown({ [SELF]: own, [ANN]: facts([dialable(PLACE), verdict('dialed')]) })).toEqual({
      [SELF]: '{name="server"}',
      // in another's document it is a Dict like any other
      [ANN]: `{facts={dialed(address="${PLACE}")=""(at=1700000000000)}}`,
    })
    expect(shown({ [SELF]: facts([dialable(PLACE), verdict('dialed')]) })).toEqual({})
    expect(shown({ [SELF]: Dict.empty })).toEqual({ [SELF]: '{}' })
  })

  it('prints addresses as Go does', () => {
    const a = dialable(`${PLACE}/ipfs/${ANN}/`)
    expect(shown({ [SELF]: facts([a, verdict('dialed')]), [ANN]: Dict.from([['a', a]]) })).toEqual({
      [ANN]: `{a=dialed(address="${PLACE}/p2p/${ANN}")}`,
    })
  })

  it('keeps the first of keys that come out equal', () => {
    const a = dialable(`${PLACE}/ipfs/${ANN}`)
    const b = dialable(`${PLACE}/p2p/${ANN}`)
    const own = facts([a, verdict('dialed')], [b, verdict('dialed')])
    expect(
      shown({
        [SELF]: own,
        [ANN]: Dict.from([
          [a, 'first'],
          [b, 'second'],
        ]),
      }),
    ).toEqual({ [ANN]: `{dialed(address="${PLACE}/p2p/${ANN}")="first"}` })
  })

  it('gives documents that need no change as they are', () => {
    const document = dict({ a: [1, { b: 'c' }] })
    expect(toLegacyView(new Map([[ANN, { document }]]), { self: SELF, verdicts }).get(ANN)).toBe(document)
  })
})

describe('a document with 11,520 requests', () => {
  const TAGS = 11_520
  const requests = Array.from({ length: TAGS }, (_, i) => dialable(`/ip4/192.0.2.7/tcp/${i}/p2p/${ANN}`))
  const document = Dict.from(requests.map((one, i): [Node, Node] => [`t${i}`, one]))
  const rewrite = (own: Dict, shownDocument: Dict): { steps: number; normalized: number; result: Dict | undefined } => {
    let [steps, normalized] = [0, 0]
    const record = new Map([
      [SELF, { document: own }],
      [ANN, { document: shownDocument }],
    ])
    const count = (text: string): string => {
      normalized++
      return text
    }
    const work = legacyRewriter(record, { self: SELF, verdicts, normalizeAddress: count })(ANN)
    for (;;) {
      const { done, value } = work.next()
      if (done === true) {
        return { steps, normalized, result: value }
      }
      steps++
    }
  }
  /** a request is a predicate with a name and an address, which is a predicate with a text; the view looks at each up to twice */
  const MOST_STEPS = (2 * TAGS * 5) / 512 + 1

  it.each([
    ['before', document],
    ['after', Dict.from([...document, ['tiny', 1n]])],
  ])('is looked at once, in slices, and no address is read, %s a tiny update', (_, shownDocument) => {
    const { steps, normalized, result } = rewrite(Dict.empty, shownDocument)
    expect(result).toBe(shownDocument)
    expect(normalized).toBe(0)
    expect(steps).toBeGreaterThan(TAGS / 512)
    expect(steps).toBeLessThan(MOST_STEPS)
  })

  it('has as many addresses read as there are verdicts', () => {
    const answered = requests.slice(0, 64).map((one): [Node, Node] => [one, verdict('dialed')])
    const { steps, normalized } = rewrite(facts(...answered), document)
    expect(normalized).toBe(64)
    expect(steps).toBeLessThan(MOST_STEPS)
  })
})
