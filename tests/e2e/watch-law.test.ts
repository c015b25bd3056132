import { describe, expect, it } from '@jest/globals'
import { type ByteDuplex, duplexPair, ProtocolError, serveContext, type WatchPart } from '@sr/protocol'
import { recordClientProtocol, WatchedRecord } from '@sr/protocol-client/session'
import { recordServerProtocol } from '@sr/protocol-server/session'
import { delay } from '@sr/runtime'
import { key, type Node } from '@sr/xr'
import { parse } from '@sr/xr/text'
import { Random } from '../kit/src/random.ts'
import { PEER, startMachine } from './record-client.ts'

const SCHEDULES = Number(process.env['SR_RUNS'] ?? 20)
const SEED = Number(process.env['SR_SEED'] ?? 1)
const STEPS = 60
const BODIES = [
  '{a=1}',
  '{a=2 l=["x"]}',
  '{l=["y" $remove("x")]}',
  '{d={b=1}}',
  '{d={b=$remove() c=2}}',
  '$set({a=3})',
  '$remove()',
]
const OTHER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
// a snapshot with these comes in several parts, so that streams are lost between them
const LARGE = ['p', 'q', 'r'].map((name) => `{${name}="${name.repeat(40_000)}"}`)
const KEY = new TextEncoder().encode('k')

const stateOf = (documents: ReadonlyMap<string, { readonly node: Node }>): string =>
  [...documents]
    .map(([writer, { node }]) => `${writer}:${key(node)}`)
    .sort()
    .join()

/** One schedule of changes, lost streams, restarts and a slow application; returns how many of each part came. */
async function run(seed: number): Promise<Map<string, number>> {
  const random = new Random(seed)
  const pick = <T>(all: readonly T[]): T => all[random.below(all.length)] as T
  let machine = await startMachine()
  const open: ByteDuplex[] = []
  /** what the record shows, by epoch and counter */
  const history = new Map<string, string>()
  const note = async (): Promise<string> => {
    const { revision, documents } = await machine.get(KEY)
    const shown = new Map(Array.from(documents, ([writer, { document }]) => [writer, { node: document as Node }]))
    history.set(`${String(revision.epoch)}/${revision.counter}`, stateOf(shown))
    return stateOf(shown)
  }
  const cut = (): void => {
    for (const duplex of open.splice(0)) duplex.abort(new ProtocolError('PROTOCOL_RESET', 'cut'))
  }
  const session = recordClientProtocol({ jitterMs: 0 }).connect(async () => {
    const [ours, theirs] = duplexPair()
    open.push(theirs)
    recordServerProtocol()
      .serve(theirs, serveContext({ machine, peer: PEER }))
      .catch(() => {})
    return ours
  })
  await note()
  const record = new WatchedRecord()
  const watch = session.watch('k', { creditBytes: pick([1024, 2000, 262_144]) })
  const counts = new Map<string, number>()
  const apply = (part: WatchPart): void => {
    counts.set(part.kind, (counts.get(part.kind) ?? 0) + 1)
    const before = record.revision?.counter ?? 0
    record.apply(part)
    if ((part.kind === 'changes' && record.revision !== undefined) || part.kind === 'marker') {
      const { epoch, counter } = record.revision as NonNullable<typeof record.revision>
      if (counter < before) throw new Error(`counter ${counter} after ${before}`)
      const expected = history.get(`${String(epoch)}/${counter}`)
      // a marker may have the counter of a change of another record
      const found = stateOf(record.documents)
      if (found !== expected && (part.kind === 'changes' || expected !== undefined)) {
        throw new Error(`at ${counter} the folded state is ${found}, and the record's ${expected}`)
      }
    }
  }
  const pull = async (): Promise<void> => apply((await watch.next()).value as WatchPart)
  await pull()
  let pulling: Promise<void> | undefined
  for (let step = 0; step < STEPS; step++) {
    const die = random.below(10)
    if (die < 5) {
      const body = parse(pick(random.below(8) === 0 ? LARGE : BODIES))
      await machine.updateUnsigned({ key: KEY, writer: pick([PEER, OTHER]), body, ttl: 600 })
      await note()
    } else if (die === 5) {
      cut()
    } else if (die === 6 && random.below(3) === 0) {
      const next = await startMachine()
      cut()
      await machine.close()
      machine = next
      await note()
    } else {
      pulling ??= pull().finally(() => {
        pulling = undefined
      })
      await Promise.race([pulling, delay(2)])
    }
  }
  const last = await note()
  while (stateOf(record.documents) !== last || record.revision === undefined) {
    await (pulling ?? pull())
  }
  await watch.return?.()
  await pulling?.catch(() => {})
  session.close()
  await machine.close()
  return counts
}

describe('a watch', () => {
  it('has the state of the record at each counter, whatever is lost, restarted or not taken', async () => {
    const counts = new Map<string, number>()
    for (let seed = SEED; seed < SEED + SCHEDULES; seed++) {
      try {
        for (const [kind, count] of await run(seed)) counts.set(kind, (counts.get(kind) ?? 0) + count)
      } catch (cause) {
        throw new Error(`seed ${seed}`, { cause })
      }
    }
    for (const kind of ['snapshot', 'marker', 'changes', 'reset'])
      expect([kind, counts.get(kind) ?? 0]).not.toEqual([kind, 0])
  }, 120_000)
})
