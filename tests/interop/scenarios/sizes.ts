import { dict, int, list, str } from '../recordings/nodes.mjs'
import { MAX_MESSAGE, message, uvarint } from '../frame.mjs'
import { outcome, Refusal } from '../peers/peer.ts'
import { goJson, type Spec } from '../peers/spec.ts'
import type { Pair } from '../peers/harness.ts'
import { GO_CLIENT, RAW, type Row, scenario } from '../report/row.ts'
import { answers, ending, withStream } from './talk.ts'

const KIB = 1024
const SPACE = 0x20

/** An UPDATE of exactly so many bytes, most of them spaces behind its JSON. */
async function padded(pair: Pair, key: string, size: number): Promise<string> {
  const json = Buffer.from(goJson(dict([str('x'), int(1)])))
  const without = message({ key, value: Buffer.alloc(size) }).length - size
  const spaces = size - without - json.length
  const head = message({ key, value: Buffer.alloc(size - without) }).subarray(0, without)
  return await withStream(pair, async (stream) => {
    // the rest of a request that is refused at its length may never be taken
    await stream.write(Buffer.concat([uvarint(size), head, json]), { fill: SPACE, count: spaces }).catch(() => {})
    const seen = await answers(pair, stream, 1)
    if (seen[0] === 'reset') {
      return 'reset'
    }
    await stream.closeWrite()
    return [...seen, await ending(stream)].join('; ')
  })
}

/** A document of about so many bytes of content, in strings of 32 KiB. */
const content = (bytes: number): Spec =>
  dict(
    ...Array.from({ length: Math.ceil(bytes / (32 * KIB)) }, (_, i): [Spec, Spec] => [
      int(i),
      str('x'.repeat(Math.min(32 * KIB, bytes - i * 32 * KIB))),
    ]),
  )

const nested = (depth: number): Spec => (depth === 0 ? int(1) : list(nested(depth - 1)))

/** Whether an update is taken. */
function taken(name: string, wanted: string, document: Spec): Row[] {
  return scenario(
    `size: ${name}`,
    wanted,
    async (pair, key) => {
      const came = await outcome(pair.a.update(key, document))
      return came instanceof Refusal ? came.what : 'ok'
    },
    { only: [...GO_CLIENT, ...RAW, 'ours → Go'] },
  )
}

/** A record of many updates that no frame can hold. */
async function tooLarge(pair: Pair, key: string): Promise<string> {
  const piece = 200 * KIB
  for (let i = 0; i < 17; i++) {
    await pair.a.update(key, dict([str(`k${i}`), content(piece)]))
  }
  const came = await outcome(pair.a.get(key))
  return came instanceof Refusal
    ? came.what
    : `a record of ${[...came.values()].reduce((sum, text) => sum + text.length, 0) > 3 * 2 ** 20 ? 'more' : 'less'} than 3 MiB`
}

/** How much is taken, and how much given. */
export const sizes: Row[] = [
  ...scenario(
    'size: a frame of 4 MiB, padded',
    'UPDATE size: a frame of 4 MiB, padded; eof',
    async (pair, key) => await padded(pair, key, MAX_MESSAGE),
    { only: RAW },
  ),
  ...scenario(
    'size: a frame of 4 MiB and a byte',
    'reset',
    async (pair, key) => await padded(pair, key, MAX_MESSAGE + 1),
    { only: RAW },
  ),
  ...taken('250 KiB of content', 'ok', content(250 * KIB)),
  ...taken('260 KiB of content', 'ok', content(260 * KIB)),
  ...taken('a String of 64 KiB', 'ok', dict([str('s'), str('x'.repeat(64 * KIB))])),
  ...taken('a String of 64 KiB and a byte', 'ok', dict([str('s'), str('x'.repeat(64 * KIB + 1))])),
  ...taken('60 Lists deep', 'ok', dict([str('l'), nested(60)])),
  ...taken('64 Lists deep', 'ok', dict([str('l'), nested(64)])),
  ...taken('9,000 nodes', 'ok', dict([str('l'), list(...Array.from({ length: 9000 }, (_, i) => int(i)))])),
  ...taken('10,001 nodes', 'ok', dict([str('l'), list(...Array.from({ length: 10_001 }, (_, i) => int(i)))])),
  ...scenario('size: a record larger than a frame', 'too large', tooLarge, {
    only: [...GO_CLIENT, 'ours → Go'],
    own: {},
  }),
]
