// The vectors of the tables, in every order of arrival, pruned and rebuilt in between.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { decode } from '@sr/xr/dag-cbor'
import { validateUpdate, type Document, type Update } from '../src/index.ts'
import { bytesOf, documentOf, liveOf } from './replica.ts'
import type { UpdateVector } from './vectors/files.ts'
import { tableFiles, tableVectors, type TableVector } from './vectors/tables.ts'

const ROOT = new URL('../../../', import.meta.url)
const VECTORS = tableVectors()
const NAMED = VECTORS.map((vector) => [vector.name, vector] as const)
const KEPT = NAMED.filter(([, { promise }]) => promise)

describe('the vector files of the tables', () => {
  it.each([...tableFiles()])('%s equals the output of the interpreter', (path, content) => {
    // compared as a boolean: a diff of two long lines is not readable
    const same = readFileSync(new URL(path, ROOT), 'utf8') === content
    expect({ same, how: 'node packages/ir/test/vectors/write.ts' }).toEqual({
      same: true,
      how: 'node packages/ir/test/vectors/write.ts',
    })
  })

  it('contain many cases with unique names', () => {
    expect(VECTORS.length).toBeGreaterThanOrEqual(60)
    expect(new Set(VECTORS.map(({ name }) => name)).size).toBe(VECTORS.length)
  })
})

describe('a document', () => {
  it.each(NAMED)('shows %s, in every order of arrival', (_, vector) => {
    for (const updates of orders(vector.updates.map(updateOf))) {
      const document = documentOf(updates)
      expect(shown(document, vector, 0)).toEqual(expected(vector, 0))
      expect(shown(documentOf(liveOf(document, updates).reverse()), vector, 0)).toEqual(expected(vector, 0))
    }
  })

  it.each(KEPT)('shows %s, for any pruning and rebuilding in between', (_, vector) => {
    for (const updates of orders(vector.updates.map(updateOf))) {
      for (const { at: now } of vector.shows) {
        for (let before = 0; before <= updates.length; before++) {
          const pruned = documentOf(updates.slice(0, before))
          pruned.prune(now)
          for (const document of [pruned, documentOf(liveOf(pruned, updates))]) {
            // only updates whose retain has passed are refused
            for (const update of updates.slice(before)) {
              if (update.retain > now) document.apply(validateUpdate(update))
            }
            document.prune(now)
            expect({ now, before, shows: shown(document, vector, now) }).toEqual({
              now,
              before,
              shows: expected(vector, now),
            })
          }
        }
      }
    }
  })

  it.each(KEPT)('of %s needs the listed updates, and finally no update', (_, vector) => {
    for (const updates of orders(vector.updates.map(updateOf))) {
      for (const { at, hashes } of vector.live) {
        const document = documentOf(updates)
        document.prune(at)
        expect([at, [...document.live()]]).toEqual([at, hashes])
      }
    }
    expect(vector.live.at(-1)?.hashes).toEqual([])
  })
})

function updateOf({ seq, hash, expires, retain, body }: UpdateVector): Update {
  return { seq, hash, expires, retain, body: decode(Buffer.from(body, 'hex')) }
}

function shown(document: Document, { shows }: TableVector, now: number): unknown {
  return shows.filter(({ at }) => at >= now).map(({ at }) => [at, bytesOf(document.show(at))])
}

function expected({ shows }: TableVector, now: number): unknown {
  return shows.filter(({ at }) => at >= now).map(({ at, tree }) => [at, tree ?? 'nothing'])
}

const MOST_PERMUTED = 4
const SHUFFLES = 24

/** All orders of up to four updates; a fixed selection for more. */
function orders(updates: readonly Update[]): Update[][] {
  if (updates.length <= MOST_PERMUTED) {
    return permutations(updates)
  }
  return Array.from({ length: SHUFFLES }, (_, n) =>
    updates
      .map((update, i) => ({ update, key: Math.imul(n * 31 + i + 1, 0x9e3779b1) >>> 0 }))
      .sort((a, b) => a.key - b.key)
      .map(({ update }) => update),
  )
}

function permutations(updates: readonly Update[]): Update[][] {
  return updates.length === 0
    ? [[]]
    : updates.flatMap((first, i) => permutations(updates.toSpliced(i, 1)).map((rest) => [first, ...rest]))
}
