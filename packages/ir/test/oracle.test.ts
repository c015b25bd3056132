import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createDocument, type Update, validateUpdate } from '../src/index.ts'
import { anyHistory, history, instants } from './arbitrary.ts'
import * as model from './model.ts'
import { interpret, showAt } from './oracle.ts'
import { bytesOf, documentOf, liveOf, must } from './replica.ts'
import { failureOf, runs } from './runs.ts'

type Step = { do: 'deliver'; index: number } | { do: 'wait'; seconds: number } | { do: 'prune' } | { do: 'rebuild' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.nat(20).map((index) => ({ do: 'deliver' as const, index })) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 }).map((seconds) => ({ do: 'wait' as const, seconds })) },
  { weight: 2, arbitrary: fc.constant({ do: 'prune' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'rebuild' as const }) },
)

const steps = fc.array(step, { minLength: 1, maxLength: 40 })

describe('merge', () => {
  it('shows at every instant what the interpreter shows, for any order of arrival, pruning and rebuilding', () => {
    expect(
      failureOf(
        fc.property(history, steps, (updates, steps) => {
          const times = instants(updates)
          const seen: Update[] = []
          let document = createDocument()
          let now = 0
          for (const step of steps) {
            switch (step.do) {
              case 'wait':
                now += step.seconds * 1000
                break
              case 'prune':
                document.prune(now)
                break
              case 'rebuild':
                document = documentOf(liveOf(document, updates).reverse())
                break
              case 'deliver': {
                const update = updates[step.index % updates.length] as Update
                seen.push(update)
                // an update is refused only when its retain has passed
                if (update.retain > now) document.apply(validateUpdate(update))
              }
            }
            const tree = interpret(seen)
            for (const t of times) {
              if (t >= now) must([t, bytesOf(document.show(t))], [t, bytesOf(showAt(tree, t))])
            }
          }
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('has at every step exactly the components of the model, from the same updates', () => {
    expect(
      failureOf(
        fc.property(history, steps, (updates, steps) => {
          let document = createDocument()
          let state = model.EMPTY
          let now = 0
          for (const step of steps) {
            switch (step.do) {
              case 'wait':
                now += step.seconds * 1000
                break
              case 'prune':
                document.prune(now)
                state = model.prune(state, now)
                break
              case 'rebuild': {
                // a rebuilt document contains expired values again until it is pruned
                const live = liveOf(document, updates)
                document = documentOf(live)
                document.prune(now)
                must([...document.live()], model.holdings(model.prune(state, now)).live)
                state = model.prune(live.map(model.stateOf).reduce(model.join, model.EMPTY), now)
                break
              }
              case 'deliver': {
                const update = updates[step.index % updates.length] as Update
                const held = [...document.live()].includes(update.hash)
                if (update.retain > now) {
                  document.apply(validateUpdate(update))
                  // a duplicate is not merged again
                  if (!held) state = model.join(state, model.stateOf(update))
                }
              }
            }
            expect({ slots: document.slots, live: [...document.live()] }).toEqual(model.holdings(state))
            expect(document.updates).toBe(model.holdings(state).live.length)
          }
        }),
        runs(),
      ),
    ).toBeUndefined()
  })

  it('has the components of the model also when clocks are set back; next() is the first end after any instant', () => {
    const back = fc.oneof(
      { weight: 6, arbitrary: fc.nat(20).map((index) => ({ do: 'deliver' as const, index })) },
      { weight: 4, arbitrary: fc.integer({ min: -12, max: 24 }).map((seconds) => ({ do: 'prune' as const, seconds })) },
    )
    expect(
      failureOf(
        fc.property(anyHistory, fc.array(back, { minLength: 1, maxLength: 40 }), (updates, steps) => {
          const document = createDocument()
          const end = Math.max(...updates.map(({ retain }) => retain))
          const times = instants(updates)
          let state = model.EMPTY
          let now = 0
          for (const step of [...steps, { do: 'prune' as const, seconds: end }]) {
            let quiet: number[] = []
            if (step.do === 'deliver') {
              const update = updates[step.index % updates.length] as Update
              if (!document.apply(validateUpdate(update)).duplicate) state = model.join(state, model.stateOf(update))
            } else {
              now = Math.max(0, now + step.seconds * 1000)
              document.prune(now)
              state = model.prune(state, now)
              const next = document.next(now) ?? Infinity
              quiet = times.filter((t) => t > now && t < next)
            }
            const { slots, live } = model.holdings(state)
            expect({ slots: document.slots, live: [...document.live()] }).toEqual({ slots, live })
            expect(quiet.map((t) => model.holdings(model.prune(state, t)).slots)).toEqual(quiet.map(() => slots))
            // at any instant, also before those that prune has processed
            const ends = [...model.components(state)].flatMap(({ by, expires = 0 }) => [expires, by.retain])
            for (const t of times) {
              const first = Math.min(Infinity, ...ends.filter((end) => end > t))
              const next = document.next(t) ?? Infinity
              // an emptied container past its retain can be dropped at once
              expect(next === t + 1 ? first : next).toBe(first)
            }
          }
          expect([document.slots, document.updates, document.next(now)]).toEqual([0, 0, undefined])
        }),
        runs(),
      ),
    ).toBeUndefined()
  })
})
