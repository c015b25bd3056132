import { describe, expect, it } from '@jest/globals'
import * as grammarBase from '@sr/grammar-base'
import * as ir from '@sr/ir'
import * as vm from '@sr/vm'
import { EffectSchedule } from '../src/effects/schedule.ts'

describe('effects over random schedules', () => {
  it('state only what was observed, and answer every request that stands', async () => {
    const seed = Number(process.env['SR_SEED'] ?? 1)
    let answers = 0
    for (let n = 0; n < 40; n++) {
      answers += (await new EffectSchedule({ vm, ir, grammarBase }, seed + n).run()).answers
    }
    expect(answers).toBeGreaterThan(50)
  })
})
