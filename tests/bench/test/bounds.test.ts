import { describe, expect, it } from '@jest/globals'
import { type Latency, missedBounds, missedTargets } from '../src/hostile/bounds.ts'
import type { LoopReport } from '../src/hostile/loop-meter.ts'

const honest: Latency = { p50: 1, p99: 2, max: 3, answers: 10, failures: 0 }
const loop: LoopReport = { delayP99: 1, delayMax: 1, stepMax: 10, rssMax: 200, bufferedMax: 1 }

describe('a row of the bench of abuse', () => {
  it.each<[string, Partial<Latency>, Partial<LoopReport>, string[], string[]]>([
    ['all is well', {}, {}, [], []],
    ['one honest GET failed', { failures: 1 }, {}, ['1 GETs failed'], []],
    ['no GET was answered', { answers: 0 }, {}, ['no GET was answered'], []],
    ['memory is above its bound', {}, { rssMax: 485 }, ['rss above 484 MiB'], []],
    ['a step is above its bound', {}, { stepMax: 61 }, ['step above 60 ms'], []],
    ['a step is above its target', {}, { stepMax: 21 }, [], ['step']],
    ['times of the clock are long', { p50: 900, p99: 900, max: 900 }, { delayP99: 900, delayMax: 900 }, [], []],
  ])('in which %s', (_, latency, report, bounds, targets) => {
    const row = { honest: { ...honest, ...latency }, loop: { ...loop, ...report } }
    expect([missedBounds(row), missedTargets(row.loop)]).toEqual([bounds, targets])
  })
})
