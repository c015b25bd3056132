import { watch } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { LocalMachine } from '@sr/vm'
import type { Authors } from '../authors.ts'
import { CallCount } from '../call-count.ts'
import { disagreements, lastOfAll } from '../inspect.ts'
import { type Opened, openMachine } from '../open.ts'
import { isPlanted } from '../plant.ts'
import type { Random } from '../random.ts'
import { FaultyStore, STORE_TIMEOUT_MS } from './faulty-store.ts'
import { FeedMirror } from './feed-mirror.ts'
import { BYTES, Load, type LoadCounts } from './load.ts'

/** Load without faults at the end of a run, milliseconds: no gap of the feed mends what it left out then. */
const HEALTHY_MS = 1000

/** Load under which the machine closes, milliseconds. */
const CLOSING_MS = 300

/** Time until most of what expires soon has expired, milliseconds. */
const EXPIRY_MS = 2500

/** Longest time until the store does not change any more, milliseconds: a late call, expiry that is tried again. */
const STILL_MS = 120_000

/** Attempts to start: on a loaded computer a start may take longer than a call of the store may. */
const STARTS = 5

/** What runs have in common. */
export interface SoakState {
  readonly folder: string
  readonly authors: Authors
  readonly random: Random
  /** start of the soak, milliseconds since 1970 */
  readonly begun: number
  /** the last acknowledged update by stream */
  readonly last: number[]
  readonly add: (name: string, count: number) => void
  readonly violate: (name: string, text: string) => void
}

/** Starts a machine on the folder, loads it for some time with faults, compares all that it shows with its store, and closes it under load. */
export async function runOnce(state: SoakState, ms: number, underLoad: () => Promise<void>): Promise<void> {
  const { folder, authors, random, begun, last, add, violate } = state
  const faulty = new FaultyStore(random)
  const calls = new CallCount()
  const { machine, store, reports } = await start(state, faulty, calls)
  if (isPlanted('handle')) watch(folder)
  await checkStreams(machine, state)
  const mirror = new FeedMirror(machine)
  await mirror.start()
  const load = new Load(machine, authors, random, begun, last)
  load.start()
  faulty.enabled = true
  const end = performance.now() + ms
  while (performance.now() < end) {
    await delay(Math.min(ms, 15_000, end - performance.now()))
    await underLoad()
  }
  faulty.enabled = false
  await delay(HEALTHY_MS)
  await load.stop()
  checkCounters(machine, load.counts, violate)
  await delay(EXPIRY_MS)
  const found = await whenStill(faulty, calls, async () => {
    await checkStreams(machine, state)
    const report = await store.check({ repair: false })
    return [
      ...(await disagreements(machine, authors)).map((text) => ['problems', text] as const),
      ...(await mirror.differences()).map((hash) => ['feed', `the feed and the index differ on ${hash}`] as const),
      ...report.problems.map((text) => ['problems', text] as const),
      ...report.damaged.map(({ reason }) => ['problems', reason] as const),
    ]
  })
  for (const [name, text] of found ?? [['still', `the store still changes after ${STILL_MS} ms`] as const])
    violate(name, text)
  for (const text of mirror.problems) violate('feed', text)
  await mirror.stop()
  add('expired', machine.counters().get('gc.dropped') ?? 0)

  const closing = new Load(machine, authors, random, begun, last)
  faulty.enabled = true
  closing.start()
  await delay(CLOSING_MS)
  // the store may take longer to close than a call of it may
  await machine.close().catch((err: unknown) => {
    if (!isLate(err)) violate('unexpected errors', String(err))
  })
  await closing.stop()
  await settled(calls)

  for (const text of reports) violate('problems', text)
  for (const { counts } of [load, closing]) {
    for (const text of counts.unexpected) violate('unexpected errors', text)
    add('stored', counts.stored)
    add('failed', counts.failedUpdates)
    add('reads', counts.reads)
    add('watch parts', counts.watchParts)
  }
  add('faults', faulty.faults)
  add('feed events', mirror.events)
  add('feed gaps', mirror.gaps)
}

async function start({ folder, authors }: SoakState, faulty: FaultyStore, calls: CallCount): Promise<Opened> {
  for (let attempt = 1; ; attempt++) {
    try {
      const opened = await openMachine({
        folder,
        authors,
        wrap: (inner) => calls.count(faulty.wrap(inner)),
        init: { limits: { storeTimeoutMs: STORE_TIMEOUT_MS, cacheBytes: 200_000 } },
      })
      opened.machine.confirmTime()
      return opened
    } catch (err) {
      if (!isLate(err) || attempt === STARTS) throw err
      await settled(calls)
    }
  }
}

/** Each stream shows the last update that was acknowledged, or the next one, whose call failed or was under way. */
async function checkStreams(machine: LocalMachine, { authors, last, violate }: SoakState): Promise<void> {
  for (const [stream, n] of (await lastOfAll(machine, authors, BYTES)).entries()) {
    const acknowledged = last[stream] as number
    if (n !== acknowledged && n !== acknowledged + 1)
      violate('lost', `stream ${stream} shows ${n}; ${acknowledged} was acknowledged`)
    else last[stream] = n
  }
}

function checkCounters(machine: LocalMachine, counts: LoadCounts, violate: SoakState['violate']): void {
  const counters = machine.counters()
  const count = (name: Parameters<typeof counters.get>[0]): number => counters.get(name) ?? 0
  const found = {
    stored: count('updates.stored'),
    duplicate: count('updates.duplicate'),
    failedUpdates: count('updates.refused') + count('updates.failed'),
  }
  for (const name of ['stored', 'duplicate', 'failedUpdates'] as const)
    if (found[name] !== counts[name])
      violate('counters', `the machine counts ${found[name]} ${name}; its callers ${counts[name]}`)
}

/** The result of `compare` of a store that has not changed meanwhile and has answered all calls; undefined when it does not come to rest. */
async function whenStill<T>(faulty: FaultyStore, calls: CallCount, compare: () => Promise<T>): Promise<T | undefined> {
  for (const end = performance.now() + STILL_MS; performance.now() < end; await delay(100)) {
    if (calls.underWay > 0) continue
    const { commits } = faulty
    try {
      const result = await compare()
      if (faulty.commits === commits && calls.underWay === 0) return result
    } catch (err) {
      // a call is late on a loaded computer, or another one of the same record is
      if ((err as { code?: unknown }).code !== 'VM_STORAGE') throw err
    }
  }
  return undefined
}

/** Waits for the calls of a store that are under way, also those whose callers gave up. */
async function settled(calls: CallCount): Promise<void> {
  while (calls.underWay > 0) await delay(10)
}

function isLate(err: unknown): boolean {
  const { code, limit } = err as { code?: unknown; limit?: unknown }
  return code === 'VM_STORAGE' && limit === 'storeTimeoutMs'
}
