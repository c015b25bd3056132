import { describe, it } from '@jest/globals'
import type { Node } from '@sr/xr'
import { encode } from '@sr/xr/dag-cbor'
import fc from 'fast-check'
import { createDocument, type Document, type Update } from '../src/index.ts'
import { history, instants } from './arbitrary.ts'
import { interpret, showAt } from './oracle.ts'

const RUNS = Number(process.env['SR_RUNS'] ?? 1000)

const text = (node: Node | undefined): string => node === undefined ? 'nothing' : Buffer.from(encode(node)).toString('hex')

function documentOf (updates: Iterable<Update>): Document {
  const document = createDocument()
  for (const update of updates) {
    document.apply(update)
  }
  return document
}

type Step =
  | { do: 'deliver', index: number }
  | { do: 'wait', seconds: number }
  | { do: 'prune' }
  | { do: 'rebuild' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.nat(20).map((index) => ({ do: 'deliver' as const, index })) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 }).map((seconds) => ({ do: 'wait' as const, seconds })) },
  { weight: 2, arbitrary: fc.constant({ do: 'prune' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'rebuild' as const }) }
)

describe('the law above all others', () => {
  it('shows what the interpreter shows, whatever arrives when, is pruned or rebuilt', () => {
    fc.assert(fc.property(history, fc.array(step, { minLength: 1, maxLength: 40 }), (updates, steps) => {
      let document = createDocument()
      const seen: Update[] = []
      let now = 0
      const times = instants(updates)
      for (const step of steps) {
        if (step.do === 'wait') {
          now += step.seconds * 1000
        } else if (step.do === 'prune') {
          document.prune(now)
        } else if (step.do === 'rebuild') {
          const live = new Set(document.live())
          document = documentOf(updates.filter(({ hash }) => live.has(hash)).reverse())
          if ([...document.live()].join() !== [...live].join()) {
            throw new Error('rebuilt from what is live, it needs other updates')
          }
        } else {
          const update = updates[step.index % updates.length] as Update
          seen.push(update)
          if (update.retain > now) {
            document.apply(update)
          }
        }
        const tree = interpret(seen)
        for (const t of times) {
          if (t >= now && text(document.show(t)) !== text(showAt(tree, t))) {
            throw new Error(`at ${t}: ${text(document.show(t))} instead of ${text(showAt(tree, t))}`)
          }
        }
      }
    }), { numRuns: RUNS })
  })
})
