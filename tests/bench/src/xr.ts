import * as stockCbor from '@ipld/dag-cbor'
import * as stockJson from '@ipld/dag-json'
import { Dict, equal, from, type Node, type Plain, print } from '@sr/xr'
import * as dagCbor from '@sr/xr/dag-cbor'
import * as dagJson from '@sr/xr/dag-json'
import { goDocument } from '@sr/protocol-go'
import { parse } from '@sr/xr/text'
import { contest, median } from './measure.ts'
import { perSecond, type Row } from './report.ts'

const LIMITS = { nodes: 1e7, size: 1e9, depth: 64 }

/** Flat dicts of string entries, as ANCHORS has them, and one nested five deep. */
function documents(): Array<[string, Record<string, unknown>]> {
  const flat = (count: number): Record<string, unknown> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [
        `k${String(i).padStart(5, '0')}`,
        `value${String(i % 1000).padStart(3, '0')}`,
      ]),
    )
  const nested = (depth: number): unknown =>
    depth === 0 ? 'leaf value' : Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`key${i}`, nested(depth - 1)]))
  return [
    ['10', flat(10)],
    ['1k', flat(1000)],
    ['100k', flat(100_000)],
    ['nested 5', nested(5) as Record<string, unknown>],
  ]
}

export function suite(): Row[] {
  const rows: Row[] = []
  for (const [size, plain] of documents()) {
    const node = from(plain as Plain)
    // encoding a Dict that was never written before, as well as one that was: `from` notes no order
    rows.push(...codec('dag-cbor', size, plain, node, dagCbor, stockCbor, 1))
    rows.push(...codec('dag-json', size, plain, node, dagJson, stockJson, 2))
  }
  rows.push(...goForm(), ...dicts(), ...text())
  return rows
}

/**
 * What the Go reference does with documents of pairs `k%05d` → 8 bytes of String, operations a
 * second, measured with Go 1.19 on a machine like this one: entries, encode, decode.
 */
const GO: ReadonlyArray<readonly [number, number, number]> = [
  [10, 60_800, 37_200],
  [1000, 522, 416],
  [10_000, 47, 35],
  [100_000, 6.9, 4.1],
]

function goForm(): Row[] {
  return GO.flatMap(([count, encode, decode]) => {
    const node = Dict.from(
      Array.from(
        { length: count },
        (_, i) => [`k${String(i).padStart(5, '0')}`, `v${String(i).padStart(7, '0')}`] as const,
      ),
    )
    const bytes = goDocument.encode(node)
    const row = (verb: string, run: () => unknown, go: number): Row => {
      const [times] = contest([{ name: verb, run }]) as [number[]]
      const ops = 1e9 / median(times)
      return {
        work: `Go form ${verb} ${count}`,
        figure: perSecond(median(times)),
        against: `Go ${perSecond(1e9 / go)}`,
        ratio: ops / go,
        target: '>= 1.0x',
        met: ops >= go,
      }
    }
    return [
      row('encode', () => goDocument.encode(node), encode),
      row('decode', () => goDocument.decode(bytes, LIMITS), decode),
    ]
  })
}

interface Ours {
  encode: (node: Node) => Uint8Array
  decode: (bytes: Uint8Array, limits: typeof LIMITS) => Node
}
interface Stock {
  encode: (value: unknown) => Uint8Array
  decode: (bytes: Uint8Array) => unknown
}

function codec(
  name: string,
  size: string,
  plain: unknown,
  node: Node,
  ours: Ours,
  stock: Stock,
  target: number,
): Row[] {
  const bytes = ours.encode(node)
  const theirs = stock.encode(plain)
  return [
    ratio(
      `${name} encode ${size}`,
      () => ours.encode(node),
      () => stock.encode(plain),
      target,
    ),
    ratio(
      `${name} decode ${size}`,
      () => ours.decode(bytes, LIMITS),
      () => stock.decode(theirs),
      target,
    ),
  ]
}

function ratio(work: string, ours: () => unknown, theirs: () => unknown, target: number): Row {
  const [mine, peer] = contest([
    { name: 'ours', run: ours },
    { name: 'stock', run: theirs },
  ]) as [number[], number[]]
  const speed = median(mine.map((ns, i) => (peer[i] as number) / ns))
  return {
    work,
    figure: perSecond(median(mine)),
    against: `stock ${perSecond(median(peer))}`,
    ratio: speed,
    target: `>= ${target.toFixed(1)}x`,
    met: speed >= target,
  }
}

function bound(work: string, value: number, unit: string, max: number): Row {
  return {
    work,
    figure: `${value.toFixed(value < 10 ? 3 : 1)} ${unit}`,
    against: '',
    ratio: undefined,
    target: `<= ${max} ${unit}`,
    met: value <= max,
  }
}

function dicts(): Row[] {
  const entries = Array.from({ length: 100_000 }, (_, i) => [`k${String(i).padStart(5, '0')}`, `value${i}`] as const)
  const big = Dict.from(entries)
  const other = Dict.from(entries.map(([name, value]) => [name, `${value}`] as const).reverse())
  let turn = 0
  const [get] = contest([
    {
      name: 'get',
      run: () => {
        for (let i = 0; i < 1000; i++) {
          turn = (turn + 7919) % 100_000
          big.get((entries[turn] as readonly [string, string])[0])
        }
      },
    },
  ]) as [number[]]
  const [build] = contest([{ name: 'build', run: () => Dict.from(entries) }]) as [number[]]
  const [same] = contest([{ name: 'equal', run: () => equal(big, other) }]) as [number[]]
  return [
    bound('Dict.get in 100k', median(get) / 1000 / 1000, 'us', 1),
    bound('Dict.from of 100k', median(build) / 1e6, 'ms', 100),
    bound('equal of two 100k', median(same) / 1e6, 'ms', 50),
    bound('memory of a 100k Dict, per entry above the strings', perEntry(entries), 'B', 200),
  ]
}

/** Heap of Dicts over strings that are there already; needs --expose-gc. */
function perEntry(entries: ReadonlyArray<readonly [string, string]>): number {
  const gc = (globalThis as { gc?: () => void }).gc
  if (gc === undefined) {
    throw new Error('run with --expose-gc')
  }
  const kept: Dict[] = []
  gc()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 5; i++) {
    kept.push(Dict.from(entries))
  }
  gc()
  return (process.memoryUsage().heapUsed - before) / 5 / entries.length
}

function text(): Row[] {
  const [, thousand] = documents()[1] as [string, Record<string, unknown>]
  const [, large] = documents()[2] as [string, Plain]
  return [
    ...speeds(
      'of 1k entries and 5 deep',
      from({ ...thousand, nested: (documents()[3] as [string, Plain])[1] } as Plain),
    ),
    ...speeds('of 100k entries', from(large)),
  ]
}

function speeds(what: string, node: Node): Row[] {
  const printed = print(node)
  const [parsing, printing] = contest([
    { name: 'parse', run: () => parse(printed, LIMITS) },
    { name: 'print', run: () => print(node) },
  ]) as [number[], number[]]
  const speed = (work: string, ns: number): Row => {
    const rate = printed.length / 1e6 / (ns / 1e9)
    return {
      work: `${work} ${what}`,
      figure: `${rate.toFixed(1)} MB/s`,
      against: '',
      ratio: undefined,
      target: '>= 20 MB/s',
      met: rate >= 20,
    }
  }
  return [speed('parse', median(parsing)), speed('print', median(printing))]
}
