import { bool, bytes, dict, float, int, list, pred, str } from '../recordings/nodes.mjs'
import { said } from '../peers/peer.ts'
import { show } from '../peers/show.ts'
import { goJson, type Spec } from '../peers/spec.ts'
import type { Pair } from '../peers/harness.ts'
import { GO_CLIENT, RAW, type Row, scenario } from '../report/row.ts'
import { putAndGet, read } from './steps.ts'

const MAX_INT64 = 2n ** 63n - 1n

/** A document of one value. */
const of = (value: Spec): Spec => dict([str('v'), value])

/** Documents that come back as they went. */
const KINDS: ReadonlyArray<readonly [string, Spec]> = [
  ['empty Dict', dict()],
  ['String', of(str('x'))],
  ['String empty', of(str(''))],
  ['String of what JSON escapes', of(str('"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028\u2029<>&'))],
  ['String of all planes', of(str('é 日本 😀 \ufeff \uffff \u{10ffff}'))],
  ['Bytes', of(bytes('0102ff'))],
  ['Bytes of each length of base64', of(list(bytes(''), bytes('00'), bytes('0001'), bytes('000102')))],
  ['Int', of(list(int(0), int(-1), int(2n ** 53n + 1n)))],
  ['Int at the ends of int64', of(list(int(MAX_INT64), int(-MAX_INT64 - 1n)))],
  ['Float with a fraction', of(list(float(1.5), float(-0.1), float(5e-324), float(1e-7)))],
  ['Float large', of(list(float(1e21), float(1.7976931348623157e308), float(-1.5e300)))],
  ['Bool', of(list(bool(true), bool(false)))],
  ['List', of(list(str('a'), int(2), list(), list(list(int(1)))))],
  ['Dict in Dict', of(dict([str('a'), dict([str('b'), int(1)])], [str('c'), dict()]))],
  [
    'Dict with keys of every leaf kind',
    of(
      dict(
        [int(1), str('i')],
        [bool(true), str('t')],
        [float(1.5), str('f')],
        [bytes('00ff'), str('b')],
        [str(''), str('s')],
      ),
    ),
  ],
  ['Dict with container keys', of(dict([list(int(1)), str('l')], [dict([str('a'), int(1)]), str('d')]))],
  [
    'Dict keys that JavaScript reserves',
    dict([str('__proto__'), int(1)], [str('constructor'), int(2)], [str('/'), int(3)]),
  ],
]

/** Documents of which a Go server keeps everything but the tags. */
const TAGGED: ReadonlyArray<readonly [string, Spec]> = [
  ['Predicate without arguments', of(pred('now'))],
  ['Predicate positional', of(pred('f', [int(1), str('x')]))],
  [
    'Predicate named',
    of(
      pred(
        'f',
        [],
        [
          [str('a'), int(1)],
          [str('b'), int(2)],
        ],
      ),
    ),
  ],
  ['Predicate in Predicate', of(pred('outer', [pred('inner', [int(1)])], [[str('n'), pred('deep')]]))],
  ['Predicate in List', of(list(pred('p', [int(1)])))],
  ['Predicate as a key', of(dict([pred('p', [int(1)]), int(1)]))],
  ['Predicate link', of(pred('link', [str('bafkqabiaaebagba')]))],
]

/** The spec as a Go server keeps it. */
function untagged(spec: Spec): Spec {
  const pairs = (all: ReadonlyArray<[Spec, Spec]>): Array<[Spec, Spec]> =>
    all.map(([name, value]) => [untagged(name), untagged(value)])
  if ('list' in spec) return list(...spec.list.map(untagged))
  if ('dict' in spec) return dict(...pairs(spec.dict))
  if ('predicate' in spec) return pred('', spec.predicate.positional.map(untagged), pairs(spec.predicate.named))
  return spec
}

/** Two updates of one writer, one after the other, and what shows then. */
function merged(name: string, first: Spec, second: Spec, wanted: string): Row[] {
  return scenario(`merge: ${name}`, wanted, async (pair, key) => {
    await pair.a.update(key, first)
    return `${await said(pair.a.update(key, second))}; ${await read(pair, pair.a, key)}`
  })
}

const first: Spec = dict([str('a'), int(1)], [str('b'), int(2)])

const merges: Row[] = [
  ...merged('new key', first, dict([str('c'), bool(true)]), 'ok; A={a=1 b=2 c=true}'),
  ...merged('same key', first, dict([str('a'), int(9)]), 'ok; A={a=9 b=2}'),
  ...merged('empty update', first, dict(), 'ok; A={a=1 b=2}'),
  ...merged(
    'Lists are a union',
    dict([str('l'), list(int(1), int(2))]),
    dict([str('l'), list(int(3), int(2))]),
    'ok; A={l=[1 2 3]}',
  ),
  ...merged(
    'Dicts within',
    dict([str('d'), first]),
    dict([str('d'), dict([str('b'), int(3)], [str('c'), int(4)])]),
    'ok; A={d={a=1 b=3 c=4}}',
  ),
  ...merged(
    'another type',
    first,
    dict([str('a'), int(9)], [str('b'), str('x')], [str('c'), int(3)]),
    'ok; A={a=9 b=2}',
  ),
  ...merged(
    'Predicates',
    dict([str('p'), pred('one', [int(1)])]),
    dict([str('p'), pred('two', [int(2)])]),
    'ok; A={p=(1, 2)}',
  ),
  ...merged(
    'Int and Float keys are two',
    dict([int(1), str('i')]),
    dict([float(1.5), str('f')]),
    'ok; A={1="i" 1.5f="f"}',
  ),
]

const two = async (pair: Pair, key: string): Promise<string> => {
  await pair.a.update(key, dict([str('x'), int(1)]))
  await pair.b.update(key, dict([str('x'), int(2)]))
  return `${await read(pair, pair.a, key)}; ${await read(pair, pair.b, key)}`
}

/** What one side cannot say, or says so that the other cannot take it. */
const borders: Row[] = [
  ...scenario('Float 1.0', 'reset; empty', async (pair, key) => await putAndGet(pair, key, of(float(1)))),
  ...scenario('Float beyond uint64', 'reset; empty', async (pair, key) => await putAndGet(pair, key, of(float(1e20)))),
  ...scenario(
    'Int beyond int64',
    'ok; A={v=[-9223372036854775808 9223372036854775807]}',
    async (pair, key) => {
      return await putAndGet(pair, key, of(list(int(MAX_INT64 + 1n), int(-MAX_INT64 - 2n))))
    },
    { only: ['Go → Go', 'Go → ours', 'ours → Go'] },
  ),
  ...scenario(
    'Int beyond int64, in digits',
    'reset; empty',
    async (pair, key) => await putAndGet(pair, key, of(int(MAX_INT64 + 1n))),
    { only: RAW },
  ),
  ...scenario(
    'Int beyond int64, as a server of ours sends it',
    'ok; A={v=("9223372036854775808")}',
    async (pair, key) => {
      return await putAndGet(pair, key, of(pred('bigint', [str('9223372036854775808')])))
    },
  ),
  ...scenario(
    'equal keys',
    'ok; A={a=1 a=2}',
    async (pair, key) => {
      return await putAndGet(pair, key, dict([str('a'), int(1)], [str('a'), int(2)]))
    },
    { only: [...GO_CLIENT, ...RAW] },
  ),
  ...scenario(
    'equal members of a List',
    'ok; A={v=[1 1 2]}',
    async (pair, key) => {
      return await putAndGet(pair, key, of(list(int(1), int(1), int(2))))
    },
    { only: [...GO_CLIENT, ...RAW] },
  ),
  ...scenario("a verdict of one's own", 'ok; A={v=(address="/ip4/1.2.3.4/tcp/1")}', async (pair, key) => {
    return await putAndGet(pair, key, of(pred('dialed', [], [[str('address'), str('/ip4/1.2.3.4/tcp/1')]])))
  }),
  ...scenario('an operator of ours', 'ok; A={a=() b=2}', async (pair, key) => {
    await pair.a.update(key, dict([str('a'), pred('$remove')], [str('b'), int(1)]))
    return await putAndGet(pair, key, dict([str('a'), pred('$remove')], [str('b'), int(2)]))
  }),
  ...scenario(
    'an unknown operator',
    'ok; A={a=()}',
    async (pair, key) => await putAndGet(pair, key, dict([str('a'), pred('$nonsense')])),
  ),
]

/** What documents hold, and what becomes of them. */
export const documents: Row[] = [
  ...scenario('unknown key', 'empty', async (pair, key) => await read(pair, pair.a, key)),
  ...scenario(
    'update, then get',
    'ok; A={x=1}',
    async (pair, key) => await putAndGet(pair, key, dict([str('x'), int(1)])),
  ),
  ...scenario('two writers under one key', 'A={x=1} B={x=2}; A={x=1} B={x=2}', two),
  ...scenario('one writer under two keys', 'A={x=1}; A={x=2}', async (pair, key) => {
    await pair.a.update(`${key} 1`, dict([str('x'), int(1)]))
    await pair.a.update(`${key} 2`, dict([str('x'), int(2)]))
    return `${await read(pair, pair.b, `${key} 1`)}; ${await read(pair, pair.b, `${key} 2`)}`
  }),
  ...merges,
  ...KINDS.flatMap(([name, spec]) =>
    scenario(name, `ok; A=${show(goJson(spec))}`, async (pair, key) => await putAndGet(pair, key, spec)),
  ),
  ...TAGGED.flatMap(([name, spec]) =>
    scenario(name, `ok; A=${show(goJson(untagged(spec)))}`, async (pair, key) => await putAndGet(pair, key, spec)),
  ),
  ...borders,
]
