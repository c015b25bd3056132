import { describe, expect, test } from '@jest/globals'
import type { ServedMachine, ServedWatch } from '@sr/protocol'
import type { Request } from '@sr/protocol/messages'
import { delay } from '@sr/runtime'
import { from } from '@sr/xr'
import { encode } from '@sr/xr/dag-cbor'
import { Random } from '../../../../tests/kit/src/random.ts'
import { machineWith, RECEIPT, REVISION, serve, watchOf } from './setup.ts'

/** Runs of each property in every test run. */
const RUNS = 150
const REQUESTS = 60

const KEYS = ['a', 'b', 'c'].map((name) => new TextEncoder().encode(name))

/** Waits for one of the things that machines wait for: nothing, microtasks, I/O, a timer. */
async function pause(random: Random): Promise<void> {
  switch (random.below(5)) {
    case 0:
      return
    case 1:
      await Promise.resolve()
      return
    case 2:
      await new Promise((resolve) => process.nextTick(resolve))
      return
    case 3:
      await new Promise((resolve) => setImmediate(resolve))
      return
    default:
      await delay(random.below(3))
  }
}

/** One call of a machine: which record it is for, and what it does there. */
interface Call {
  readonly key: string
  readonly what: string
}

/** A machine that takes random time, fails now and then, and notes which calls run at the same time. */
class SlowMachine {
  readonly calls: Call[] = []
  readonly #running = new Map<string, number>()
  /** calls for one record that ran at the same time */
  overlaps = 0
  /** most calls that ran at the same time */
  most = 0
  readonly machine: ServedMachine

  constructor(random: Random) {
    const call = async <T>(key: Uint8Array, what: string, result: T): Promise<T> => {
      const name = String(key)
      this.calls.push({ key: name, what })
      const running = (this.#running.get(name) ?? 0) + 1
      this.#running.set(name, running)
      this.overlaps += running > 1 ? 1 : 0
      this.most = Math.max(
        this.most,
        [...this.#running.values()].reduce((sum, n) => sum + n, 0),
      )
      try {
        await pause(random)
        if (random.once(10)) throw new Error('a call failed')
        return result
      } finally {
        this.#running.set(name, (this.#running.get(name) ?? 1) - 1)
      }
    }
    const page = { revision: REVISION, unchanged: false, documents: [], rows: [], updates: [], after: undefined }
    const { effects: _, ...receipt } = RECEIPT
    this.machine = machineWith({
      get: async (key) => await call(key, 'get', { revision: REVISION, documents: new Map() }),
      getPage: async (key) => await call(key, 'page', page),
      getUpdates: async (key) => await call(key, 'updates', page),
      query: async (key) => await call(key, 'query', page),
      updateUnsigned: async ({ key, body }) => await call(key, `update ${String(body)}`, RECEIPT),
      explain: async (update) =>
        await call((update as { key: Uint8Array }).key, 'explain', {
          receipt: { ...receipt, price: 0 },
          tags: [],
          problems: [],
        }),
      watch: async (key) => await call(key, 'watch', randomWatch(random)),
      info: async () => {
        await pause(random)
        return { revision: REVISION, merge: '1', limits: {}, tags: [] }
      },
    })
  }
}

/** A watch of a few parts, which then waits or fails. */
function randomWatch(random: Random): ServedWatch {
  let left = random.below(4)
  return watchOf(async () => {
    await pause(random)
    if (left-- > 0) return { kind: 'marker', revision: REVISION }
    if (random.once(3)) throw new Error('a watch failed')
    return undefined
  })
}

function randomRequest(random: Random, n: number): Request {
  const key = KEYS[random.below(KEYS.length)] as Uint8Array
  const item = (): { key: Uint8Array; body: Uint8Array; ttl: number } => {
    return { key: KEYS[random.below(KEYS.length)] as Uint8Array, body: encode(from(n)), ttl: 60 }
  }
  const timeoutMs = random.once(8) ? random.integer(1, 300) : undefined
  switch (random.below(8)) {
    case 0:
      return { op: 'get', key, timeoutMs }
    case 1:
      return { op: 'get', key, as: 'updates', timeoutMs }
    case 2:
      return { op: 'query', key, steps: [0], timeoutMs }
    case 3:
      return { op: 'explain', item: item() }
    case 4:
      return { op: 'watch', key, credit: random.once(2) ? 0 : 65_536 }
    case 5:
      return random.once(2) ? { op: 'ping' } : { op: 'info' }
    default:
      return { op: 'update', items: Array.from({ length: random.integer(1, 3) }, item), timeoutMs }
  }
}

/** What a client saw of each request. */
interface Seen {
  readonly ends: Map<number, number>
  readonly partsAfterEnd: number
}

/** Sends random requests, cancels and credit, ends its side, and reads to the end. */
async function converse(random: Random, slow: SlowMachine, cancels: boolean): Promise<[Map<number, Request>, Seen]> {
  const { client, over } = serve(slow.machine)
  const sent = new Map<number, Request>()
  const ends = new Map<number, number>()
  let partsAfterEnd = 0
  const reading = (async () => {
    for (let message = await client.next(); message !== undefined; message = await client.next()) {
      if (message.type !== 'part') ends.set(message.id, (ends.get(message.id) ?? 0) + 1)
      else if (ends.has(message.id)) partsAfterEnd++
    }
  })()
  let id = 0
  for (let n = 0; n < REQUESTS; n++) {
    const request = randomRequest(random, n)
    id += random.integer(1, 3)
    sent.set(id, request)
    client.send(id, request)
    while (cancels && random.once(3)) client.send(random.integer(1, id), { op: 'cancel' })
    if (random.once(4)) client.send(random.integer(1, id), { op: 'credit', bytes: random.once(2) ? 0 : 1024 })
    if (random.once(3)) await pause(random)
  }
  // watches end with the stream otherwise
  for (const [watch, { op }] of sent) if (op === 'watch') client.send(watch, { op: 'cancel' })
  await client.end()
  await reading
  await over
  return [sent, { ends, partsAfterEnd }]
}

describe('requests on one stream, at random', () => {
  test('each has exactly one end, with cancels and deadlines before, during and after its work', async () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const random = new Random(`one end ${seed}`)
      const [sent, { ends, partsAfterEnd }] = await converse(random, new SlowMachine(random), true)
      const wrong = [...sent].filter(([id]) => ends.get(id) !== 1).map(([id, { op }]) => `${op} ${id}: ${ends.get(id)}`)
      expect({ seed, wrong, unknown: [...ends.keys()].filter((id) => !sent.has(id)), partsAfterEnd }).toEqual({
        seed,
        wrong: [],
        unknown: [],
        partsAfterEnd: 0,
      })
    }
  })

  test('those for one record run in the order sent, one after the other; those for others at the same time', async () => {
    let most = 0
    for (let seed = 1; seed <= RUNS; seed++) {
      const random = new Random(`order ${seed}`)
      const slow = new SlowMachine(random)
      const [sent] = await converse(random, slow, false)
      const expected = [...sent.values()].filter(({ op }) => op !== 'ping' && op !== 'info').flatMap(callsOf)
      for (const key of KEYS.map(String)) {
        const found = slow.calls.filter((call) => call.key === key).map(({ what }) => what)
        const right = expected.filter((call) => call.key === key).map(({ what }) => what)
        // a deadline may drop a request whose turn has not come
        expect({ seed, key, found, sub: isSubsequence(found, right) }).toEqual({ seed, key, found, sub: true })
      }
      expect([seed, slow.overlaps]).toEqual([seed, 0])
      most = Math.max(most, slow.most)
    }
    expect(most).toBeGreaterThan(1)
  })
})

function callsOf(request: Request): Call[] {
  switch (request.op) {
    case 'update':
      return request.items.map((item) => {
        const { key, body } = item as { key: Uint8Array; body: Uint8Array }
        return { key: String(key), what: `update ${String(body[0] === 0x18 ? body[1] : body[0])}` }
      })
    case 'get':
      return [{ key: String(request.key), what: request.as === 'updates' ? 'updates' : 'get' }]
    case 'explain':
      return [{ key: String((request.item as { key: Uint8Array }).key), what: 'explain' }]
    case 'query':
    case 'watch':
      return [{ key: String(request.key), what: request.op }]
    default:
      return []
  }
}

function isSubsequence(found: readonly string[], all: readonly string[]): boolean {
  let at = 0
  for (const one of found) {
    at = all.indexOf(one, at) + 1
    if (at === 0) return false
  }
  return true
}
