// More vectors of merge/1, made from tables of what one writer says: registers, dicts, lists, operators. Each has an
// instant on both sides of every end. What shows is the oracle's word and what is needed the model's.
import { createHash } from 'node:crypto'
import { print, type Node } from '@sr/xr'
import { decode, encode } from '@sr/xr/dag-cbor'
import { parse } from '@sr/xr/text'
import type { Update } from '../../src/index.ts'
import { latestExpiry } from '../arbitrary.ts'
import * as model from '../model.ts'
import { interpret, showAt } from '../oracle.ts'
import { DICTS } from './dicts.ts'
import { VERSION, type MergeVector, type UpdateVector } from './files.ts'
import type { History, Said } from './history.ts'
import { LISTS } from './lists.ts'
import { OPERATORS } from './operators.ts'
import { REGISTERS } from './registers.ts'

/** A vector that also says whether its writer keeps the promise of `retain`; of one who lies nothing is said to be needed. */
export interface TableVector extends MergeVector {
  readonly why?: string
  readonly promise: boolean
}

const TABLES: ReadonlyArray<readonly [file: string, about: string, histories: readonly History[]]> = [
  ['registers', 'leaves, keys and the order of updates', REGISTERS],
  ['dicts', 'Dicts, and paths that become of another kind', DICTS],
  ['lists', 'Lists: members, their lives and their order', LISTS],
  ['operators', '$set, $remove, $ttl and the memory of what they did', OPERATORS],
]

/** The cases of all tables. */
export function tableVectors(): TableVector[] {
  return TABLES.flatMap(([, , histories]) => histories.map(vectorOf))
}

function vectorOf([name, said, why]: History): TableVector {
  const updates = updatesOf(name, said)
  const promise = said.every(([, , , unusual]) => unusual?.lie === undefined)
  const tree = interpret(updates)
  const state = updates.map(model.stateOf).reduce(model.join, model.EMPTY)
  const ends = [...new Set(updates.flatMap((update) => [...expiriesOf(update), update.retain]))].sort((a, b) => a - b)
  const times = [...new Set([0, ...ends.flatMap((end) => [end - 1, end])])].sort((a, b) => a - b)
  return {
    name,
    ...(why === undefined ? {} : { why }),
    promise,
    updates: updates.map(updateVectorOf),
    shows: times.map((at) => {
      const node = showAt(tree, at)
      return { at, tree: node === undefined ? null : hexOf(node), text: node === undefined ? null : textOf(node) }
    }),
    live: promise ? [0, ...ends].map((at) => ({ at, hashes: model.holdings(model.prune(state, at)).live })) : [],
  }
}

function updatesOf(name: string, said: readonly Said[]): Update[] {
  const drafts = said.map(([at, life, body, unusual = {}], i) => {
    const digits = createHash('sha256').update(`${name} ${i}`).digest('hex')
    const hash = `${unusual.hash ?? ''}${digits}`.slice(0, 64)
    const expires = (at + life) * 1000
    return {
      unusual,
      update: { seq: at * 1_000_000 + (unusual.micros ?? 0), hash, expires, retain: expires, body: parse(body) },
    }
  })
  // the promise: no earlier than anything that was said before ends
  let horizon = 0
  for (const { unusual, update } of drafts.toSorted(
    (a, b) => a.update.seq - b.update.seq || (a.update.hash < b.update.hash ? -1 : 1),
  )) {
    horizon = Math.max(horizon, latestExpiry(update))
    update.retain = unusual.lie === undefined ? horizon + (unusual.beyond ?? 0) * 1000 : unusual.lie * 1000
  }
  return drafts.map(({ update }) => update)
}

/** Every expiry in an update. */
function expiriesOf(update: Update): number[] {
  const lives = [...print(update.body).matchAll(/, (\d+)\)/g)].map(
    ([, seconds]) => Math.floor(update.seq / 1000) + Number(seconds) * 1000,
  )
  return [update.expires, ...lives]
}

function updateVectorOf({ seq, hash, expires, retain, body }: Update): UpdateVector {
  return { seq, hash, expires, retain, body: hexOf(body), text: textOf(body) }
}

function hexOf(node: Node): string {
  return Buffer.from(encode(node)).toString('hex')
}

/** What the bytes say, Dicts in their canonical order. */
function textOf(node: Node): string {
  return print(decode(encode(node)))
}

/** Path from the root and content of each file. */
export function tableFiles(): Map<string, string> {
  return new Map(
    TABLES.map(([file, about, histories]) => [
      `vectors/merge/${file}.json`,
      `{"version":"${VERSION}","about":${ascii(about)},"cases":[\n${histories.map((history) => ascii(vectorOf(history))).join(',\n')}\n]}\n`,
    ]),
  )
}

function ascii(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
