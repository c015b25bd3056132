import { dict, int, list, str } from '../recordings/nodes.mjs'
import { said } from '../peers/peer.ts'
import { type Pair, PAIRINGS, type Pairing } from '../peers/harness.ts'
import { GO_CLIENT, RAW, type Row, scenario } from '../report/row.ts'
import { putAndGet, read, sleep } from './steps.ts'

/** A short life, s: long enough to be seen on a machine that is busy. */
const SHORT_S = 2

/** Longer than that lasts with Go: up to a second more for rounding, and a turn of its collector. */
const PAST_MS = 4500

const x = (n: number): ReturnType<typeof dict> => dict([str('x'), int(n)])

/** A story that ends some time later: what shows at once, and what shows then. */
function later(
  name: string,
  wanted: string,
  ms: number,
  run: (pair: Pair, key: string) => Promise<string>,
  only: readonly Pairing[] = PAIRINGS,
): Row[] {
  return scenario(
    `life: ${name}`,
    wanted,
    async (pair, key) => {
      const now = await run(pair, key)
      await sleep(ms)
      return `${now}; later ${await read(pair, pair.a, key)}`
    },
    { waits: true, only },
  )
}

/** An update with a life, and the next one with another. */
function twice(
  name: string,
  wanted: string,
  first: readonly [ReturnType<typeof dict>, number],
  second: readonly [ReturnType<typeof dict>, number],
): Row[] {
  return later(name, wanted, PAST_MS, async (pair, key) => {
    await pair.a.update(key, ...first)
    return await said(pair.a.update(key, ...second))
  })
}

/** How long things live. */
export const life: Row[] = [
  ...later(
    '2 s have gone',
    'ok; A={x=1}; later empty',
    PAST_MS,
    async (pair, key) => await putAndGet(pair, key, x(1), SHORT_S),
  ),
  ...later(
    '60 s have not',
    'ok; A={x=1}; later A={x=1}',
    PAST_MS,
    async (pair, key) => await putAndGet(pair, key, x(1), 60),
  ),
  ...later('one writer of two', 'A={x=1} B={x=2}; later B={x=2}', PAST_MS, async (pair, key) => {
    await pair.b.update(key, x(2))
    await pair.a.update(key, x(1), SHORT_S)
    return await read(pair, pair.a, key)
  }),
  ...later('0 s', 'ok; later empty', PAST_MS, async (pair, key) => await said(pair.a.update(key, x(1), 0))),
  ...later(
    'half a second',
    'ok; later empty',
    PAST_MS,
    async (pair, key) => await said(pair.a.update(key, x(1), 0.5)),
    GO_CLIENT,
  ),
  ...later(
    '292 years',
    'ok; A={x=1}; later A={x=1}',
    PAST_MS,
    async (pair, key) => await putAndGet(pair, key, x(1), 9_223_372_036n),
  ),
  ...later(
    '1 s more than Go can count',
    'ok; A={x=1}; later A={x=1}',
    PAST_MS,
    async (pair, key) => await putAndGet(pair, key, x(1), 9_223_372_037n),
    RAW,
  ),
  ...later(
    '2^64 - 1 s',
    'ok; later empty',
    PAST_MS,
    async (pair, key) => await said(pair.a.update(key, x(1), 2n ** 64n - 1n)),
    RAW,
  ),
  ...twice('lengthened', 'ok; later A={x=2}', [x(1), SHORT_S], [x(2), 60]),
  ...twice('shortened', 'ok; later A={x=2}', [x(1), 60], [x(2), SHORT_S]),
  ...twice('another key, shorter', 'ok; later A={x=1}', [x(1), 60], [dict([str('y'), int(2)]), SHORT_S]),
  ...twice(
    'within a Dict, shorter',
    'ok; later A={d={x=1 y=2}}',
    [dict([str('d'), x(1)]), 60],
    [dict([str('d'), dict([str('y'), int(2)])]), SHORT_S],
  ),
  ...twice(
    'of a List, lengthened',
    'ok; later A={l=[]}',
    [dict([str('l'), list(int(1), int(2))]), SHORT_S],
    [dict([str('l'), list(int(1), int(2))]), 60],
  ),
  ...twice(
    'of one member, shorter',
    'ok; later A={l=[1 2]}',
    [dict([str('l'), list(int(1))]), 60],
    [dict([str('l'), list(int(2))]), SHORT_S],
  ),
  ...twice(
    'order after one has gone',
    'ok; later A={a=1 c=3}',
    [dict([str('a'), int(1)], [str('c'), int(3)]), 60],
    [dict([str('b'), int(2)]), SHORT_S],
  ),
]
