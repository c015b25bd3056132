// What stands in vectors/merge, made from the tables beside this file. What shows is the oracle's word and what is needed the
// model's; neither shares code with src.
import { print, type Node } from '@sr/xr'
import { encode } from '@sr/xr/dag-cbor'
import { parse } from '@sr/xr/text'
import fc from 'fast-check'
import type { Update } from '../../src/index.ts'
import { instants, risingHistory } from '../arbitrary.ts'
import * as model from '../model.ts'
import { interpret, showAt } from '../oracle.ts'
import { LAWFUL, REFUSED_BODIES, REFUSED_TIMES } from './refused.ts'
import { SCENARIOS } from './scenarios.ts'

export const VERSION = 'merge/1'

export interface UpdateVector {
  readonly seq: number
  readonly hash: string
  readonly expires: number
  readonly retain: number
  /** dag-cbor, hex */
  readonly body: string
  readonly text: string
}

export interface MergeVector {
  readonly name: string
  readonly updates: readonly UpdateVector[]
  readonly shows: ReadonlyArray<{ readonly at: number; readonly tree: string | null; readonly text: string | null }>
  readonly live: ReadonlyArray<{ readonly at: number; readonly hashes: readonly string[] }>
}

export interface RefusedVector {
  readonly name: string
  readonly update: UpdateVector
  readonly code: string
  readonly path: readonly string[] | null
}

const hex = (node: Node): string => Buffer.from(encode(node)).toString('hex')

function vectorOf({ seq, hash, expires, retain, body }: Update): UpdateVector {
  return { seq, hash, expires, retain, body: hex(body), text: print(body) }
}

function caseOf(name: string, updates: readonly Update[], times: readonly number[]): MergeVector {
  const tree = interpret(updates)
  const state = updates.map(model.stateOf).reduce(model.join, model.EMPTY)
  return {
    name,
    updates: updates.map(vectorOf),
    shows: times.map((at) => {
      const node = showAt(tree, at)
      return { at, tree: node === undefined ? null : hex(node), text: node === undefined ? null : print(node) }
    }),
    live: times.map((at) => ({ at, hashes: model.holdings(model.prune(state, at)).live })),
  }
}

export function scenarioVectors(): MergeVector[] {
  return SCENARIOS.map(({ name, say, at }) => {
    const updates = say.map(([second, digit, expires, retain, body]): Update => ({
      seq: second * 1_000_000,
      hash: digit.repeat(64),
      expires: expires * 1000,
      retain: retain * 1000,
      body: parse(body),
    }))
    return caseOf(
      name,
      updates,
      at.map((second) => Math.round(second * 1000)),
    )
  })
}

/** Histories that chance has made, where rules meet. */
export function randomVectors(): MergeVector[] {
  return fc.sample(risingHistory, { numRuns: 60, seed: 1 }).map((updates, i) => {
    const times = instants(updates)
    const stride = Math.ceil(times.length / 6)
    return caseOf(
      `history ${i}`,
      updates,
      times.filter((_, n) => n % stride === 0),
    )
  })
}

export function refusedVectors(): RefusedVector[] {
  const bodies = REFUSED_BODIES.map(([name, body, code, path]) => ({
    name,
    update: vectorOf({ ...LAWFUL, body }),
    code,
    path: path.map((step) => print(step)),
  }))
  const times = REFUSED_TIMES.map(([name, change, code]) => ({
    name,
    update: vectorOf({ ...LAWFUL, ...change }),
    code,
    path: null,
  }))
  return [...times, ...bodies]
}

function file(about: string, cases: readonly object[]): string {
  return `{"version":${JSON.stringify(VERSION)},"about":${JSON.stringify(about)},"cases":[\n${cases.map((one) => JSON.stringify(one).replace(/[^\x20-\x7e]/g, escaped)).join(',\n')}\n]}\n`
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Path from the root and content of each file. */
export function vectorFiles(): Map<string, string> {
  return new Map([
    [
      'vectors/merge/scenarios.json',
      file('updates in, what shows and what is needed out: one rule at a time', scenarioVectors()),
    ],
    ['vectors/merge/histories.json', file('the same of histories that chance has made', randomVectors())],
    ['vectors/merge/refused.json', file('updates that are refused whole', refusedVectors())],
  ])
}
