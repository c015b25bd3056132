import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { print } from '@sr/xr'
import { decode } from '@sr/xr/dag-cbor'
import { validateUpdate, createDocument, type IrError, type Update } from '../src/index.ts'
import { bytesOf, documentOf, liveOf } from './replica.ts'
import { vectorFiles, type MergeVector, type RefusedVector, type UpdateVector } from './vectors/files.ts'

const ROOT = new URL('../../../', import.meta.url)

function casesIn<T>(name: string): T[] {
  const { version, cases } = JSON.parse(readFileSync(new URL(`vectors/merge/${name}.json`, ROOT), 'utf8')) as {
    version: string
    cases: T[]
  }
  return version === 'merge/1' ? cases : []
}

function updateOf({ seq, hash, expires, retain, body }: UpdateVector): Update {
  return { seq, hash, expires, retain, body: decode(Buffer.from(body, 'hex')) }
}

/** In order, in reverse, each twice, and from the middle. */
function orders(updates: readonly Update[]): Update[][] {
  const middle = updates.length >> 1
  return [
    [...updates],
    updates.toReversed(),
    [...updates, ...updates],
    [...updates.slice(middle), ...updates.slice(0, middle)],
  ]
}

describe('the vector files', () => {
  const here = existsSync(new URL('vectors/merge', ROOT))

  it.each([...vectorFiles()])('%s equals the output of the tables', (path, content) => {
    const there = here ? readFileSync(new URL(path, ROOT), 'utf8') : content
    // compared as a boolean: a diff of two long lines is not readable
    expect({ same: there === content, how: 'node packages/ir/test/vectors/write.ts' }).toEqual({
      same: true,
      how: 'node packages/ir/test/vectors/write.ts',
    })
  })
})

describe.each(['scenarios', 'histories'])('the %s of merge/1', (name) => {
  it.each(casesIn<MergeVector>(name).map((vector) => [vector.name, vector] as const))(
    '%s',
    (_, { updates, shows, live }) => {
      for (const order of orders(updates.map(updateOf))) {
        const document = documentOf(order)
        for (const { at, tree } of shows) expect([at, bytesOf(document.show(at))]).toEqual([at, tree ?? 'nothing'])
        for (const { at, hashes } of live) {
          const pruned = documentOf(order)
          pruned.prune(at)
          expect([at, [...pruned.live()]]).toEqual([at, hashes])
          // the live updates alone show the same
          const rebuilt = documentOf(liveOf(pruned, order).reverse())
          for (const later of shows.filter((show) => show.at >= at))
            expect(bytesOf(rebuilt.show(later.at))).toBe(later.tree ?? 'nothing')
        }
      }
    },
  )
})

describe('what merge/1 refuses', () => {
  it.each(casesIn<RefusedVector>('refused').map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    const update = updateOf(vector.update)
    const document = createDocument()
    const refusal = expect.objectContaining({ name: 'IrError', code: vector.code })
    expect(() => validateUpdate(update)).toThrow(refusal)
    expect(() => document.apply(validateUpdate(update))).toThrow(refusal)
    expect([pathOf(update), document.slots, document.updates]).toEqual([vector.path, 0, 0])
  })
})

function pathOf(update: Update): string[] | null {
  try {
    validateUpdate(update)
  } catch (err) {
    return (err as IrError).path?.map((step) => print(step)) ?? null
  }
  return null
}
