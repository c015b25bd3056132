import { describe, expect, it } from '@jest/globals'
import { Dict, List, type Node, Predicate, print } from '@sr/xr'
import { createMachine } from '../src/create-machine.ts'
import type { MachineInit } from '../src/machine.ts'
import { memoryStore } from '../src/store/memory-store.ts'
import { manualClock } from '../src/testing/manual-clock.ts'
import { plainUpdates } from '../src/testing/plain-updates.ts'
import { SELF, START } from './setup.ts'

/** Writes to all that is writable in a value: arrays of bytes, objects, lists. */
function scribble(value: unknown): void {
  if (value instanceof Uint8Array) {
    value.fill(0xa5)
  } else if (value instanceof Dict || value instanceof List || value instanceof Predicate) {
    leaves(value).forEach(scribble)
  } else if (typeof value === 'object' && value !== null && !(value instanceof AbortSignal)) {
    for (const [name, part] of Object.entries(value)) {
      scribble(part)
      Reflect.set(value, name, undefined)
    }
  }
}

function leaves(node: Node): Node[] {
  if (node instanceof Dict) {
    return [...node].flatMap(([name, value]) => [name, value].flatMap(leaves))
  }
  if (node instanceof List) {
    return [...node].flatMap(leaves)
  }
  return node instanceof Predicate ? [...node.positional, ...node.named.values()].flatMap(leaves) : [node]
}

const key = (n: number): Uint8Array => Uint8Array.of(n, 1, 2)
const body = (n: number): Dict =>
  Dict.from([
    ['bytes', Uint8Array.of(n, n)],
    [Uint8Array.of(n), List.from([Uint8Array.of(n, 3)])],
    ['deep', Dict.from([['call', new Predicate('f', [Uint8Array.of(n, 4)], Dict.from([['x', Uint8Array.of(n, 5)]]))]])],
  ])

/** Every public call that takes an argument, with arguments made for it alone. */
type Call = (init: {
  machine: ReturnType<typeof createMachine>
  n: number
  after: (...given: unknown[]) => void
}) => Promise<unknown>

const CALLS: Readonly<Record<string, Call>> = {
  updateUnsigned: async ({ machine, n, after }) => {
    const update = { key: key(n), writer: 'ann', body: body(n), ttl: 60 }
    const options = { via: 'author' as const, from: 'ann', observedAddr: '/ip4/1.2.3.4' }
    const call = machine.updateUnsigned(update, options)
    after(update, options)
    return await call
  },
  update: async ({ machine, n, after }) => {
    const times = { seq: START * 1000 + n, expires: START + 60_000, retain: START + 60_000 }
    const bytes = await plainUpdates(SELF).signAs({ key: key(n), writer: 'bob', ...times, body: body(n) })
    const options = { via: 'author' as const }
    const call = machine.update(bytes, options)
    after(bytes, options)
    return await call
  },
  get: async ({ machine, n, after }) => {
    const [bytes, options] = [key(n), {}]
    const call = machine.get(bytes, options)
    after(bytes, options)
    return [...(await call).documents].map(([writer, { document }]) => [writer, print(document)])
  },
}

async function run(after: (...given: unknown[]) => void): Promise<unknown> {
  const limits = { maxTtl: 60 }
  const store = memoryStore()
  const init: MachineInit = {
    self: SELF,
    updates: plainUpdates(SELF),
    clock: manualClock(START),
    random: () => 0,
    store,
    limits,
  }
  const machine = createMachine(init)
  after(limits)
  await machine.start()
  // all calls at once, so that they wait for one another
  const results = await Promise.all(
    [1, 2, 3, 1, 2].flatMap((n) => Object.values(CALLS).map(async (call) => await call({ machine, n, after }))),
  )
  const shown = await Promise.all(
    [1, 2, 3].map(async (n) =>
      [...(await machine.get(key(n))).documents].map(([writer, { document }]) => [writer, print(document)]),
    ),
  )
  const stored = await Promise.all(['aeaqe', 'aiaqe', 'amaqe'].map(async (record) => await store.read(record)))
  return { results, shown, stored, size: store.size }
}

describe('what a caller hands in', () => {
  it('may be changed as soon as the call has returned', async () => {
    const untouched = await run(() => {})
    const scribbled = await run((...given) => {
      given.forEach(scribble)
    })
    expect(scribbled).toEqual(untouched)
    expect((untouched as { size: number }).size).toBeGreaterThan(0)
  })

  it('may be one array for the keys of several calls', async () => {
    const machine = createMachine({ self: SELF, updates: plainUpdates(SELF), clock: manualClock(START) })
    await machine.start()
    const scratch = new Uint8Array(1)
    const calls = [1, 2, 3].map(async (n) => {
      scratch[0] = n
      await machine.updateUnsigned({ key: scratch, writer: 'ann', body: Dict.from([['n', BigInt(n)]]), ttl: 60 })
    })
    await Promise.all(calls)
    const reads = [1, 2, 3].map(async (n) => {
      scratch[0] = n
      return (await machine.get(scratch)).documents
    })
    const shown = (await Promise.all(reads)).map((views) => print(views.get('ann')?.document ?? false))
    expect(shown).toEqual(['{n=1}', '{n=2}', '{n=3}'])
  })
})
