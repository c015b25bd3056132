import { readdirSync, readFileSync } from 'node:fs'
import type { Row } from '../report/row.ts'
import { type GoPeer, startGoV1 } from '../peer.mjs'
import { ask } from '../peers/go-peer.ts'

const VECTORS = new URL('../../../vectors/', import.meta.url)

function read<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, VECTORS), 'utf8')) as T
}

/** `36 of 36`, and the first names of those that differ. */
function score(names: readonly string[], right: (at: number) => boolean): string {
  const wrong = names.filter((_, i) => !right(i))
  return [`${names.length - wrong.length} of ${names.length}`, ...wrong.slice(0, 5)].join(', ')
}

let peer: Promise<GoPeer> | undefined

/** Ends the peer of these rows. */
export async function closeVectorsPeer(): Promise<void> {
  await (await peer)?.close()
  peer = undefined
}

function row(name: string, wanted: string, run: (v1: GoPeer) => Promise<string>): Row {
  return {
    name: `1.0.0 vectors: ${name}`,
    direction: 'vectors → v1',
    wanted,
    waits: false,
    async run() {
      peer ??= startGoV1()
      return await run(await peer)
    },
  }
}

interface Wire {
  readonly alice: { readonly id: string }
  readonly signed: {
    readonly payload: string
    readonly signedBytes: string
    readonly envelope: string
    readonly hash: string
  }
  readonly messages: ReadonlyArray<{ readonly name: string; readonly hex: string }>
}

/** Section 4's example is of this time. */
const EXAMPLE_MS = 1_767_225_605_000

async function frames(v1: GoPeer): Promise<string> {
  const { messages } = read<Wire>('wire/1.0.0/smart-record-1.0.0.json')
  const again = await ask<string[]>(v1, 'frames', { frames: messages.map(({ hex }) => hex) })
  return score(
    messages.map(({ name }) => name),
    (i) => again[i] === messages[i]?.hex,
  )
}

async function signedUpdate(v1: GoPeer): Promise<string> {
  const { alice, signed } = read<Wire>('wire/1.0.0/smart-record-1.0.0.json')
  const found = await ask<Record<string, unknown>>(v1, 'verify', {
    envelope: signed.envelope,
    network: 'main',
    now: EXAMPLE_MS,
  })
  const { payload, signedBytes, hash, writer } = found
  const same = payload === signed.payload && signedBytes === signed.signedBytes && hash === signed.hash
  return `verified ${found.code === 0}, writer ${writer === alice.id}, bytes ${same}`
}

interface ValueCase {
  readonly name: string
  readonly dagCbor: string
  readonly canonical: string
  readonly size: number
  readonly nodes: number
  readonly depth: number
}

async function values(v1: GoPeer): Promise<string> {
  const { cases } = read<{ cases: ValueCase[] }>('xr/values.json')
  const found = await ask<ValueCase[]>(v1, 'values', { values: cases.map(({ dagCbor }) => dagCbor) })
  return score(
    cases.map(({ name }) => name),
    (i) => (['canonical', 'size', 'nodes', 'depth'] as const).every((field) => found[i]?.[field] === cases[i]?.[field]),
  )
}

async function refusedValues(v1: GoPeer): Promise<string> {
  const { cases } = read<{ cases: Array<{ name: string; bytes: string }> }>('xr/dag-cbor-refused.json')
  const found = await ask<Array<{ code: number }>>(v1, 'values', { values: cases.map(({ bytes }) => bytes) })
  return score(
    cases.map(({ name }) => name),
    (i) => (found[i]?.code ?? 0) > 0,
  )
}

interface History {
  readonly name: string
  readonly updates: readonly object[]
  readonly shows: ReadonlyArray<{ readonly at: number; readonly tree: string | null }>
}

async function merge(v1: GoPeer): Promise<string> {
  const files = readdirSync(new URL('merge/', VECTORS)).filter((name) => /^(?!refused).*\.json$/.test(name))
  const cases = files.flatMap((name) => read<{ cases: History[] }>(`merge/${name}`).cases)
  const questions = cases.map(({ updates, shows }) => ({ updates, at: shows.map(({ at }) => at) }))
  const found = await ask<Array<Array<string | null>>>(v1, 'shows', { cases: questions })
  return score(
    cases.map(({ name }) => name),
    (i) => JSON.stringify(found[i]) === JSON.stringify(cases[i]?.shows.map(({ tree }) => tree)),
  )
}

async function refusedBodies(v1: GoPeer): Promise<string> {
  const { cases } = read<{ cases: Array<{ name: string; update: object }> }>('merge/refused.json')
  const found = await ask<Array<{ code: number }>>(v1, 'bodies', { updates: cases.map(({ update }) => update) })
  return score(
    cases.map(({ name }) => name),
    (i) => (found[i]?.code ?? 0) > 0,
  )
}

/** What the Go peer makes of the shared vectors, which it did not see while it was written. */
export const vectorRows: Row[] = [
  row('messages, decoded and encoded', '36 of 36', frames),
  row('the signed update', 'verified true, writer true, bytes true', signedUpdate),
  row('values', '201 of 201', values),
  row('values that are refused', '233 of 233', refusedValues),
  row('merge, what shows', '238 of 238', merge),
  row('bodies that are refused', '42 of 42', refusedBodies),
]
