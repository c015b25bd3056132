import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createUpdateCodec } from '@sr/update'
import { createMachine, type LocalMachine } from '@sr/vm'
import { Dict, List, type Node, Predicate } from '@sr/xr'
import type { Row } from './report.ts'

/** What the process may hold for each byte that writers are charged. */
const MAX_RATIO = 1.25

/** Charged bytes that each case fills, enough that what the process holds besides is small. */
const FILL_BYTES = 24 * 1024 * 1024

const HOUR_S = 3600

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Bytes that the process holds after a full collection: the heap, and arrays outside of it. */
async function held(): Promise<number> {
  for (let pass = 0; pass < 3; pass++) {
    gc()
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Writers are peer ids of Ed25519 keys, spelled as libp2p does. The codec of updates accepts these. */
const WRITER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'

interface Fill {
  readonly name: string
  /** the n-th update: its key, and its body */
  readonly key: (n: number) => string
  readonly body: (n: number) => Node
  /** whether the record is read after each update, so that the shown tree is in memory too */
  readonly read?: boolean
}

const dict = (entries: ReadonlyArray<readonly [Node, Node]>): Dict => Dict.from(entries)
const names = (count: number, n: number): Array<readonly [Node, Node]> =>
  Array.from({ length: count }, (_, i) => [`k${n}.${i}`, BigInt(i)] as const)

function nested(depth: number, n: number): Node {
  let node: Node = BigInt(n)
  for (let i = 0; i < depth; i++) node = dict([['a', node]])
  return node
}

function keysInKeys(depth: number, n: number): Node {
  let key: Node = BigInt(n)
  for (let i = 0; i < depth; i++) key = dict([[key, true]])
  return dict([[key, true]])
}

const FILLS: readonly Fill[] = [
  { name: 'records of one pair', key: (n) => `r${n}`, body: () => dict([['a', 1n]]), read: true },
  { name: 'records of one list of one', key: (n) => `r${n}`, body: () => dict([['a', List.of(1n)]]), read: true },
  { name: 'empty records', key: (n) => `r${n}`, body: () => dict([]), read: true },
  { name: 'pairs of one record, one each', key: () => 'r', body: (n) => dict([[`k${n}`, 1n]]) },
  { name: 'members of one list, one each', key: () => 'r', body: (n) => dict([['l', List.of(BigInt(n))]]) },
  { name: 'pairs, 1,000 each', key: (n) => `r${n}`, body: (n) => dict(names(1000, n)), read: true },
  {
    name: 'lists of one, 1,000 each',
    key: (n) => `r${n}`,
    body: (n) => dict(Array.from({ length: 1000 }, (_, i) => [`k${i}`, List.of(BigInt(n))] as const)),
    read: true,
  },
  {
    name: 'members, 1,000 each',
    key: (n) => `r${n}`,
    body: (n) => dict([['l', List.from(Array.from({ length: 1000 }, (_, i) => `m${n}.${i}`))]]),
    read: true,
  },
  {
    name: 'dicts in dicts, 20 deep, 40 each',
    key: (n) => `r${n}`,
    body: (n) => dict(Array.from({ length: 40 }, (_, i) => [`k${i}`, nested(20, n)] as const)),
    read: true,
  },
  {
    name: 'empty dicts, 1,000 each',
    key: (n) => `r${n}`,
    body: () => dict(Array.from({ length: 1000 }, (_, i) => [`k${i}`, Dict.empty] as const)),
    read: true,
  },
  {
    name: 'keys in keys, 25 deep, 40 each',
    key: (n) => `r${n}`,
    body: (n) => dict(Array.from({ length: 40 }, (_, i) => [`k${i}`, keysInKeys(25, n)] as const)),
    read: true,
  },
  {
    name: 'keys in keys, 60 deep, one each',
    key: (n) => `r${n}`,
    body: (n) => keysInKeys(60, n),
    read: true,
  },
  {
    name: 'predicates, 500 each',
    key: (n) => `r${n}`,
    body: (n) => dict(Array.from({ length: 500 }, (_, i) => [`k${i}`, new Predicate('p', [BigInt(n)])] as const)),
    read: true,
  },
  {
    name: 'bytes, 60 KiB each',
    key: (n) => `r${n}`,
    body: (n) => dict([['a', new Uint8Array(60 * 1024).fill(n)]]),
    read: true,
  },
]

const limits = { recordsPerWriter: 1e9, bytesPerWriter: 1e12, bytes: 1e12, slotsPerDocument: 1e9 }

async function measure({ key, body, read = false }: Fill): Promise<{ charged: number; real: number; updates: number }> {
  const machine: LocalMachine = createMachine({ self: 'server', updates: codec(), limits })
  await machine.start()
  const before = await held()
  let n = 0
  for (; (await machine.usage(WRITER)).bytes < FILL_BYTES; n++) {
    const bytes = new TextEncoder().encode(key(n))
    await machine.updateUnsigned({ key: bytes, writer: WRITER, body: body(n), ttl: HOUR_S })
    if (read) await machine.get(bytes)
  }
  const real = (await held()) - before
  const charged = (await machine.usage(WRITER)).bytes
  await machine.close()
  return { charged, real, updates: n }
}

/** A codec that takes any `self`. */
function codec(): ReturnType<typeof createUpdateCodec> {
  const { isWriter: _, ...rest } = createUpdateCodec({ network: 'bench' })
  return rest as ReturnType<typeof createUpdateCodec>
}

/** What the process holds for what a machine charges, by kind of update: the store in memory, documents and trees. */
export async function suite(): Promise<Row[]> {
  const rows: Row[] = []
  for (const fill of FILLS) {
    const { charged, real, updates } = await measure(fill)
    const ratio = real / charged
    rows.push({
      work: fill.name,
      figure: `${Math.round(real / updates)} B an update`,
      against: `charged ${Math.round(charged / updates)} B`,
      ratio,
      target: `<= ${MAX_RATIO}x`,
      met: ratio <= MAX_RATIO,
    })
  }
  return rows
}
