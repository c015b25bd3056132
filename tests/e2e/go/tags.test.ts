import { describe, expect, it } from '@jest/globals'
import { baseGrammar, memoryProber, reachabilityVerdicts } from '@sr/grammar-base'
import { createGrammar } from '@sr/ir'
import { duplexPair, serveContext } from '@sr/protocol'
import { goClientProtocol } from '@sr/protocol-go/client'
import { goServerProtocol } from '@sr/protocol-go/server'
import { Dict, type Node, Predicate } from '@sr/xr'
import { ANN, startMachine } from './raw-peer.ts'

const TAGS = 11_520
const PER_UPDATE = 1152
/** Requests of one update that are read; the others are not run. */
const READ_PER_UPDATE = 64

const request = (i: number): Predicate =>
  new Predicate(
    'dialable',
    [],
    Dict.from([['address', new Predicate('multiaddr', [`/ip4/192.0.2.7/tcp/${i + 1}/p2p/${ANN}`])]]),
  )

describe('a writer with 11,520 requests', () => {
  it('costs a tiny update and a GET no reading of tags and addresses', async () => {
    let [parsed, normalized] = [0, 0]
    const base = baseGrammar({ prober: memoryProber() })
    const grammar = createGrammar(
      base.rules.map((rule) => ({
        ...rule,
        parse: (predicate: Predicate) => {
          parsed++
          return rule.parse(predicate)
        },
      })),
    )
    const machine = await startMachine({ grammar, limits: { bytesPerWriter: Infinity, bytes: Infinity } })
    const counted = new Set<string>()
    const [ours, theirs] = duplexPair()
    const normalizeAddress = (text: string): string => {
      normalized++
      return text
    }
    const served = goServerProtocol({ verdicts: reachabilityVerdicts, normalizeAddress }).serve(
      theirs,
      serveContext({ machine, peer: ANN, count: (name) => counted.add(name) }),
    )
    const session = goClientProtocol().connect(async () => ours)
    for (let from = 0; from < TAGS; from += PER_UPDATE) {
      const entries = Array.from({ length: PER_UPDATE }, (_, i): [Node, Node] => [`t${from + i}`, request(from + i)])
      await session.update('k', Dict.from(entries), { ttl: 600 })
    }
    const before = parsed
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThanOrEqual((TAGS / PER_UPDATE) * READ_PER_UPDATE)
    for (let tiny = 0; tiny < 5; tiny++) {
      await session.update('k', { tiny }, { ttl: 600 })
    }
    // the view is made; in the form of this protocol it takes more than a frame
    const { documents } = await session.get('k')
    session.close()
    await served
    await machine.close()
    expect([documents.size, counted.has('answers.writersLeftOut')]).toEqual([0, true])
    expect([parsed - before, normalized]).toEqual([0, 0])
  })
})
