import { dict, int, str } from '../recordings/nodes.mjs'
import { frame, message, TYPE } from '../frame.mjs'
import type { Pair } from '../peers/harness.ts'
import { GO_CLIENT, RAW, type Row, scenario } from '../report/row.ts'
import { read, sleep } from './steps.ts'
import { answers, ending, withStream } from './talk.ts'

/** A Go server resets a stream 60 s after its last request. */
const PAST_GO_IDLE_MS = 61_500
/** A server of ours with the same time limits, shortened. */
const IDLE_MS = 1000
const PAST_OUR_IDLE_MS = 2000
/** A server of ours gives a request 10 s from its first byte. */
const PAST_FRAME_MS = 11_500

const get = frame(message({ type: TYPE.GET, key: 'nokey' }))

/** One request, a silence, and two more. */
async function afterSilence(pair: Pair, key: string, ms: number): Promise<string> {
  await pair.a.update(key, dict([str('x'), int(1)]))
  await sleep(ms)
  return `${await read(pair, pair.a, key)}; ${await read(pair, pair.a, key)}; ${pair.a.streams()} streams`
}

/** What takes its time. */
export const waiting: Row[] = [
  ...scenario(
    'wait: requests after 61 s of silence',
    'reset; A={x=1}; 2 streams',
    async (pair, key) => await afterSilence(pair, key, PAST_GO_IDLE_MS),
    {
      only: [...GO_CLIENT, 'ours → Go'],
      waits: true,
      own: {},
    },
  ),
  ...scenario(
    "wait: requests after the server's idle reset",
    'reset; A={x=1}; 2 streams',
    async (pair, key) => {
      return await afterSilence(pair, key, pair.pairing === 'ours → Go' ? PAST_GO_IDLE_MS : PAST_OUR_IDLE_MS)
    },
    {
      // of Go with Go, it is the row before
      only: ['Go → ours', 'ours → Go'],
      waits: true,
      own: { ours: { timeouts: { idle: IDLE_MS } }, client: { idleMs: Infinity } },
    },
  ),
  ...scenario(
    'wait: 61 s of silence after a request',
    'GET nokey: empty; reset',
    async (pair) =>
      await withStream(pair, async (stream) => {
        await stream.write(get)
        return [...(await answers(pair, stream, 1)), await ending(stream, PAST_GO_IDLE_MS)].join('; ')
      }),
    { only: RAW, waits: true },
  ),
  ...scenario(
    'wait: 58 s of silence after a request',
    'GET nokey: empty; GET nokey: empty',
    async (pair) =>
      await withStream(pair, async (stream) => {
        await stream.write(get)
        const first = await answers(pair, stream, 1)
        await sleep(58_000)
        await stream.write(get)
        return [...first, ...(await answers(pair, stream, 1))].join('; ')
      }),
    { only: RAW, waits: true },
  ),
  ...scenario(
    'wait: half a request, and 11 s of silence',
    'open',
    async (pair) =>
      await withStream(pair, async (stream) => {
        await stream.write(get.subarray(0, 3))
        return await ending(stream, PAST_FRAME_MS)
      }),
    { only: RAW, waits: true },
  ),
]
