// Documents against Yjs and a plain Map of last-writer registers, in one process, in turns. Updates are made before the clock
// starts: what is timed is taking them in.
import { createHash } from 'node:crypto'
import { changes, createDocument, remove, type Document, type Update, validateUpdate } from '@sr/ir'
import { Dict, List, type Node } from '@sr/xr'
import * as Y from 'yjs'
import { median } from './measure.ts'
import { perSecond, type Row } from './report.ts'

const ROUNDS = 9
/** Updates of one key that are timed at a time. */
const SINGLE = 20_000
/** Updates of a thousand keys that are timed at a time. */
const BULK = 20
const BULK_KEYS = 1000

/** Everything here is said within a second or so of this seq, and lives a day. */
const START = 1_700_000_000_000_000
const DAY_MS = 86_400_000
const NOW = START / 1000

interface Register {
  value: string
  seq: number
}

/** A thing that holds `keys` entries and takes in more. */
interface Store {
  readonly name: string
  /** work to be timed, made ready outside the clock */
  ready(batches: ReadonlyArray<readonly number[]>): () => void
}

const keyOf = (i: number): string => `k${String(i).padStart(5, '0')}`
let turn = 0
const valueOf = (): string => `v${String((turn = (turn + 1) % 1e7)).padStart(7, '0')}`

let seq = START
const hashOf = (n: number): string => createHash('sha256').update(String(n)).digest('hex')

function update(entries: Array<[Node, Node]>, life: number = DAY_MS, known?: string): Update {
  seq += 7
  const hash = known ?? hashOf(seq)
  const expires = NOW + life
  return { seq, hash, expires, retain: NOW + DAY_MS, body: Dict.from(entries) }
}

function thousands(count: number): number[][] {
  return Array.from({ length: Math.ceil(count / BULK_KEYS) }, (_, i) =>
    Array.from({ length: Math.min(BULK_KEYS, count) }, (_, k) => i * BULK_KEYS + k),
  )
}

function loaded(count: number): Document {
  const document = createDocument()
  for (const keys of thousands(count)) document.apply(validateUpdate(update(keys.map((i) => [keyOf(i), valueOf()]))))
  return document
}

function ours(count: number): Store {
  const document = loaded(count)
  return {
    name: 'ours',
    ready(batches) {
      const updates = batches.map((keys) => update(keys.map((i) => [keyOf(i), valueOf()])))
      return () => {
        for (const one of updates) document.apply(validateUpdate(one))
      }
    },
  }
}

function yjs(count: number): Store {
  const doc = new Y.Doc()
  const map = doc.getMap<string>('m')
  const ready: Store['ready'] = (batches) => {
    const work = batches.map((keys) => keys.map((i) => [keyOf(i), valueOf()] as const))
    return () => {
      for (const entries of work) {
        doc.transact(() => {
          for (const [key, value] of entries) map.set(key, value)
        })
      }
    }
  }
  ready(thousands(count))()
  return { name: 'Yjs', ready }
}

function registers(count: number): Store {
  const map = new Map<string, Register>()
  const ready: Store['ready'] = (batches) => {
    const work = batches.map((keys) => ({ seq: (seq += 7), entries: keys.map((i) => [keyOf(i), valueOf()] as const) }))
    return () => {
      for (const { seq, entries } of work) {
        for (const [key, value] of entries) {
          const old = map.get(key)
          if (old === undefined || old.seq < seq) map.set(key, { value, seq })
        }
      }
    }
  }
  ready(thousands(count))()
  return { name: 'Map', ready }
}

/** Median time of one batch for each store, in ns, the stores in turns. */
function race(stores: readonly Store[], batches: () => number[][]): number[] {
  const times: number[][] = stores.map(() => [])
  for (let round = -2; round < ROUNDS; round++) {
    const work = batches()
    stores.forEach((store, i) => {
      const run = store.ready(work)
      const start = process.hrtime.bigint()
      run()
      const ns = Number(process.hrtime.bigint() - start) / work.length
      // the first rounds warm up
      if (round >= 0) (times[i] as number[]).push(ns)
    })
  }
  return times.map(median)
}

/** Keys in an order that is neither theirs nor the memory's. */
function scattered(count: number, length: number): number[][] {
  let key = turn % count
  return Array.from({ length }, () => [(key = (key + 7919) % count)])
}

export async function suite(): Promise<Row[]> {
  return [...singles(), bulk(), union(), floors(), ...memory(), ...expiry(), ...reading()]
}

function singles(): Row[] {
  const sizes = [1000, 10_000, 100_000]
  const all: Array<[number, number, number]> = []
  const rows = sizes.map((count): Row => {
    const [mine, peer, map] = race([ours(count), yjs(count), registers(count)], () => scattered(count, SINGLE)) as [
      number,
      number,
      number,
    ]
    all.push([mine, peer, map])
    const target = count === 10_000 ? 500_000 : 0
    return {
      work: `1 key onto ${count / 1000}k`,
      figure: perSecond(mine),
      against: `Yjs ${perSecond(peer)}, Map ${perSecond(map)}`,
      ratio: peer / mine,
      target: target > 0 ? '>= 500k/s' : '',
      met: 1e9 / mine >= target,
    }
  })
  // a Map alone is slower by more once it outgrows the caches; a caller that looks it up once for each key is, too
  const [spread, peers, maps] = [0, 1, 2]
    .map((store) => all.map((times) => times[store] as number))
    .map((times) => Math.max(...times) / Math.min(...times)) as [number, number, number]
  return [
    ...rows,
    {
      work: '1 key: fastest to slowest of these',
      figure: `${spread.toFixed(2)}x`,
      against: `Yjs ${peers.toFixed(2)}x, Map ${maps.toFixed(2)}x`,
      ratio: undefined,
      target: '<= 2x',
      met: spread <= 2,
    },
  ]
}

function bulk(): Row {
  const count = 100_000
  const batches = (): number[][] =>
    scattered(count / BULK_KEYS, BULK).map(([i]) =>
      Array.from({ length: BULK_KEYS }, (_, k) => (i as number) * BULK_KEYS + k),
    )
  const [mine, peer, map] = race([ours(count), yjs(count), registers(count)], batches) as [number, number, number]
  return {
    work: '1k keys onto 100k',
    figure: perSecond(mine),
    against: `Yjs ${perSecond(peer)}, Map ${perSecond(map)}`,
    ratio: peer / mine,
    target: '>= 700/s',
    met: 1e9 / mine >= 700,
  }
}

function union(): Row {
  const members = List.from(Array.from({ length: 9_990 }, (_, i) => `member${i}`))
  const times = Array.from({ length: ROUNDS }, () => {
    const document = createDocument()
    document.apply(validateUpdate(update([['list', members]])))
    const again = update([['list', members]])
    return timed(() => document.apply(validateUpdate(again)))
  })
  return bound('union of a list of 10k with itself', median(times) / 1e6, 'ms', 20)
}

/** Updates that come late empty a container, one after the other; each is older than all but one of 100k entries. */
function floors(): Row {
  const document = createDocument()
  const late: Update[] = []
  for (let n = 0; n <= ROUNDS; n++) {
    document.apply(validateUpdate(update([['in', Dict.from([[`old${n}`, valueOf()]])]])))
    late.push(update([['in', remove()]]))
  }
  for (const keys of thousands(100_000))
    document.apply(validateUpdate(update([['in', Dict.from(keys.map((i) => [keyOf(i), valueOf()]))]])))
  const times = late.map((one) => {
    const { slots } = document
    const time = timed(() => document.apply(validateUpdate(one)))
    // the register comes, the entry goes, and from the second on the register before
    if (document.slots > slots) throw new Error('nothing was removed')
    return time
  })
  // the first puts the children in the order of their age
  return bound('$remove of one entry below 100k newer, the second and later', median(times.slice(1)) / 1e6, 'ms', 0.1)
}

function expiry(): Row[] {
  const half = (document: Document): number => timed(() => document.prune(NOW + DAY_MS / 2))
  const batched = (): Document => {
    const document = createDocument()
    thousands(100_000).forEach((keys, n) =>
      document.apply(
        validateUpdate(
          update(
            keys.map((i) => [keyOf(i), valueOf()]),
            n % 2 === 0 ? DAY_MS : DAY_MS / 2,
          ),
        ),
      ),
    )
    return document
  }
  const single = (): Document => {
    const document = createDocument()
    for (let i = 0; i < 100_000; i++)
      document.apply(validateUpdate(update([[keyOf(i), valueOf()]], i % 2 === 0 ? DAY_MS : DAY_MS / 2)))
    return document
  }
  return [
    bound(
      'expiring half of 100k, from updates of 1k keys',
      median(Array.from({ length: 5 }, () => half(batched()))) / 1e6,
      'ms',
      50,
    ),
    bound(
      'expiring half of 100k, from updates of 1 key',
      median(Array.from({ length: 5 }, () => half(single()))) / 1e6,
      'ms',
      50,
    ),
  ]
}

function memory(): Row[] {
  const count = 100_000
  const all = thousands(count)
  const peers = (): string => {
    const y = perEntry(count, () => {
      const doc = new Y.Doc()
      const map = doc.getMap<string>('m')
      for (const keys of all)
        doc.transact(() => {
          for (const i of keys) map.set(keyOf(i), valueOf())
        })
      return doc
    })
    const m = perEntry(
      count,
      () => new Map(Array.from({ length: count }, (_, i) => [keyOf(i), { value: valueOf(), seq: (seq += 7) }])),
    )
    return `Yjs ${y.toFixed(0)} B, Map ${m.toFixed(0)} B`
  }
  const batched = perEntry(count, () => loaded(count))
  // a store has its hash as a key already; the document holds the very same string
  const stored = Array.from({ length: count }, (_, i) => hashOf(i))
  const single = (known: readonly string[]): number =>
    perEntry(count, () => {
      const document = createDocument()
      for (let i = 0; i < count; i++) document.apply(validateUpdate(update([[keyOf(i), valueOf()]], DAY_MS, known[i])))
      return document
    })
  const row = (work: string, bytes: number, against: string): Row => ({
    work,
    figure: `${bytes.toFixed(0)} B`,
    against,
    ratio: undefined,
    target: '<= 300 B',
    met: bytes <= 300,
  })
  return [
    row('memory per entry of 100k, from updates of 1k keys', batched, peers()),
    row(
      'memory per entry of 100k, from updates of 1 key',
      single(stored),
      `${single([]).toFixed(0)} B with hash strings that are not shared`,
    ),
  ]
}

function reading(): Row[] {
  const document = loaded(100_000)
  const fresh = Array.from({ length: ROUNDS }, () => {
    document.apply(validateUpdate(update([[keyOf(1), valueOf()]])))
    return timed(() => document.show(NOW))
  })
  const again = Array.from({ length: ROUNDS }, () => timed(() => document.show(NOW)))
  let seen = document.view(NOW)
  const watched = Array.from({ length: ROUNDS }, () => {
    document.apply(validateUpdate(update([[keyOf(1), valueOf()]])))
    return timed(() => {
      const view = document.view(NOW)
      if (changes(seen, view).length !== 1) throw new Error('one key was said')
      seen = view
    })
  })
  const first = Array.from({ length: ROUNDS }, () => {
    const another = loaded(100_000)
    return timed(() => another.show(NOW))
  })
  const entries = [...(document.show(NOW) as Dict)]
  const copy = median(Array.from({ length: ROUNDS }, () => timed(() => new Map(entries))))
  const whole = median(first)
  return [
    {
      work: 'show of 100k for the first time',
      figure: `${(whole / 1e6).toFixed(1)} ms`,
      against: `new Map of as many ${(copy / 1e6).toFixed(1)} ms`,
      ratio: copy / whole,
      target: '',
      met: true,
    },
    bound('show of 100k after an update', median(fresh) / 1e6, 'ms', 0.1),
    bound('show of 100k again', median(again) / 1e6, 'ms', 0.05),
    bound('view of 100k and changes since the last, after an update', median(watched) / 1e6, 'ms', 0.1),
  ]
}

/** Heap that stays for each of so many entries; needs --expose-gc. */
function perEntry(count: number, build: () => unknown): number {
  const { gc } = globalThis as { gc?: () => void }
  if (gc === undefined) throw new Error('run with --expose-gc')
  gc()
  const before = process.memoryUsage()
  const kept = build()
  gc()
  const after = process.memoryUsage()
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  keep = kept
  return bytes / count
}
/** What is measured must not be collected meanwhile. */
export let keep: unknown

function timed(work: () => unknown): number {
  const start = process.hrtime.bigint()
  keep = work()
  return Number(process.hrtime.bigint() - start)
}

function bound(work: string, value: number, unit: string, max: number): Row {
  return {
    work,
    figure: `${value.toFixed(value < 1 ? 3 : 1)} ${unit}`,
    against: '',
    ratio: undefined,
    target: `<= ${max} ${unit}`,
    met: value <= max,
  }
}
