import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from '@jest/globals'
import { Dict, from } from '@sr/xr'
import { createDocument, remove, type Document, validateUpdate } from '../src/index.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const KEYS = Array.from({ length: 2000 }, (_, i) => `k${i}`)
const ROUNDS = 60

/** States many short-lived entries beside a lasting one, applies a late update with an older stamp, and prunes. */
function late(document: Document, n: number): void {
  const now = n * 1000
  const life = { expires: now + 500, retain: now + 500 }
  const hash = (part: number): string => String(n * 10 + part).padStart(64, '0')
  const rest = { expires: ROUNDS * 2000, retain: ROUNDS * 2000 }
  const place = `in ${n}`
  document.apply(validateUpdate({ seq: now * 1000 + 1, hash: hash(1), ...rest, body: from({ [place]: { old: 1 } }) }))
  document.apply(
    validateUpdate({
      seq: now * 1000 + 3,
      hash: hash(3),
      ...life,
      body: from({ [place]: Dict.from(KEYS.map((name) => [`${name} of ${n}`, 1n])) }),
    }),
  )
  document.apply(validateUpdate({ seq: now * 1000 + 4, hash: hash(4), ...rest, body: from({ [place]: { stays: 1 } }) }))
  document.apply(validateUpdate({ seq: now * 1000 + 2, hash: hash(2), ...rest, body: from({ [place]: remove() }) }))
  document.prune(now + 900)
}

/** States many entries, replaces and prunes them, and states one that lasts until the next round. */
function round(document: Document, n: number): void {
  const now = n * 1000
  const life = { expires: now + 500, retain: now + 500 }
  const hash = (part: number): string => String(n * 10 + part).padStart(64, '0')
  document.apply(
    validateUpdate({
      seq: now * 1000 + 1,
      hash: hash(1),
      ...life,
      body: Dict.from([...KEYS.map((name) => [name, 1n] as const), ['own', 1n]]),
    }),
  )
  document.apply(
    validateUpdate({ seq: now * 1000 + 2, hash: hash(2), ...life, body: Dict.from(KEYS.map((name) => [name, 2n])) }),
  )
  document.apply(
    validateUpdate({
      seq: now * 1000 + 3,
      hash: hash(3),
      expires: now + 2000,
      retain: now + 2000,
      body: from({ rest: 1 }),
    }),
  )
  document.prune(now + 900)
}

function heap(): number {
  collect()
  return process.memoryUsage().heapUsed
}

describe('a document', () => {
  // a round whose paths were retained would add at least 100 kB
  it.each([
    ['replaced and expired paths', round],
    ['children that expired beside others', late],
  ])('does not retain %s', (_, round) => {
    const document = createDocument()
    round(document, 0)
    const [before, slots] = [heap(), document.slots]
    for (let n = 1; n <= ROUNDS; n++) round(document, n)
    expect((heap() - before) / ROUNDS).toBeLessThan(20_000)
    expect(document.slots - slots).toBeLessThan(4 * ROUNDS)
  })
})
