import { from, type Node, type Plain, print } from '@sr/xr'
import { createMachine } from '../src/create-machine.ts'
import type { LocalMachine, MachineInit } from '../src/machine.ts'
import { type ManualClock, manualClock } from '../src/testing/manual-clock.ts'
import { type MemoryStore, memoryStore } from '../src/store/memory-store.ts'
import { plainUpdates, type PlainUpdates } from '../src/testing/plain-updates.ts'
import type { Receipt } from '../src/admission/receipt.ts'

export const START = Date.UTC(2025, 0)
const HOUR_MS = 3_600_000
export const SELF = 'server'
export const KEY = Uint8Array.of(1, 2, 3)

/** A machine and its ports; the test moves the clock. */
export interface TestMachine {
  readonly machine: LocalMachine
  readonly clock: ManualClock
  readonly store: MemoryStore
  readonly updates: PlainUpdates
  /** hands in an unsigned update, via its author */
  say(writer: string, body: Plain, ttl?: number, key?: Uint8Array): Promise<Receipt>
  /** hands in a signed update */
  sign(
    writer: string,
    body: Plain,
    times: { seq: number; expires: number; retain?: number },
    key?: Uint8Array,
  ): Promise<Receipt>
  /** what the record shows as text, by writer */
  show(key?: Uint8Array): Promise<Record<string, string>>
}

/** A started machine, with everything in memory. Without a clock given, it has run for an hour: its time is confirmed. */
export async function startMachine(
  init: Partial<MachineInit> & { clock?: ManualClock; store?: MemoryStore } = {},
): Promise<TestMachine> {
  const fresh = init.clock === undefined
  const { clock = manualClock(fresh ? START - HOUR_MS : START), store = memoryStore() } = init
  const updates = plainUpdates(SELF)
  const machine = createMachine({ self: SELF, updates, random: () => 0, ...init, clock, store })
  await machine.start()
  if (fresh) {
    await clock.advance(HOUR_MS)
    machine.time()
  }
  return {
    machine,
    clock,
    store,
    updates,
    say: async (writer, body, ttl = 60, key = KEY) =>
      await machine.updateUnsigned(
        { key, writer, body: node(body), ttl },
        { via: 'author', observedAddr: '/ip4/1.2.3.4/tcp/5' },
      ),
    sign: async (writer, body, { seq, expires, retain = expires }, key = KEY) =>
      await machine.update(await updates.signAs({ key, writer, seq, expires, retain, body: node(body) })),
    show: async (key = KEY) => texts((await machine.get(key)).documents),
  }
}

export function texts(views: ReadonlyMap<string, { document: Node }>): Record<string, string> {
  return Object.fromEntries(Array.from(views, ([writer, { document }]) => [writer, print(document)]))
}

/** The state that a refusal must not change. */
export async function stateOf(
  { machine, store }: TestMachine,
  writers: readonly string[],
  keys: readonly Uint8Array[] = [KEY],
): Promise<string> {
  const stored = await store.index({ limit: 1_000_000 })
  const shown = await Promise.all(keys.map(async (key) => texts((await machine.get(key)).documents)))
  return JSON.stringify({
    stored,
    bytes: store.bytes,
    shown,
    usage: await Promise.all(writers.map(async (writer) => await machine.usage(writer))),
  })
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'accepted'
  } catch (err) {
    return (err as { code: string }).code
  }
}

function node(body: Plain): Node {
  return from(body)
}
