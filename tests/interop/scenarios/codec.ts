import { goDocument, goRecordValue } from '@sr/protocol-go'
import { type Dict, equal, type Node } from '@sr/xr'
import { parse } from '@sr/xr/text'
import { Random } from '@sr/tests-kit/random'
import { bytes, dict, float, int, list, pred, str } from '../recordings/nodes.mjs'
import { ask } from '../peers/go-peer.ts'
import { type Kinds, RandomSpecs } from '../peers/random-specs.ts'
import { goJson, type Spec, type SpecPair, toNode } from '../peers/spec.ts'
import { ABSENT_WRITER, type Harness } from '../peers/harness.ts'
import type { Row } from '../report/row.ts'

/** Random documents in one row. */
const COUNT = 2000

/** What Go's codec answers for one value. */
interface GoAnswer {
  ok: boolean
  error?: string
  json?: { text?: string; hex?: string }
  pretty?: { text?: string; hex?: string }
  spec?: Spec
}

async function goSays(
  harness: Harness,
  cmd: 'marshal' | 'print' | 'describe',
  values: Array<{ spec: Spec } | { json: string } | { hex: string }>,
): Promise<GoAnswer[]> {
  return await ask<GoAnswer[]>((await harness.oracle()).peer, cmd, { values }, 60_000)
}

const bytesOf = (text: { text?: string; hex?: string } = {}): Buffer =>
  text.text === undefined ? Buffer.from(text.hex ?? '', 'hex') : Buffer.from(text.text)

function row(name: string, wanted: string, run: (harness: Harness) => Promise<string>): Row {
  return { name: `codec: ${name}`, direction: 'codec', wanted, waits: false, run }
}

const PLAIN: Kinds = { wholeFloats: false, wideInts: false, printable: false }

function specsOf(seed: number, kinds: Kinds): Spec[] {
  const random = new RandomSpecs(new Random(seed), kinds)
  return Array.from({ length: COUNT }, () => random.node())
}

/** `all the same`, or the first that is not. */
function first(differing: readonly string[]): string {
  return differing.length === 0 ? 'all the same' : `${differing.length} differ: ${differing[0]}`
}

/** The spec as a Go peer has it after reading what we write: Ints that no int64 holds are predicates. */
function asGoHolds(spec: Spec): Spec {
  const pairs = (all: readonly SpecPair[]): SpecPair[] =>
    all.map(([name, value]) => [asGoHolds(name), asGoHolds(value)])
  if ('int' in spec)
    return BigInt.asIntN(64, BigInt(spec.int)) === BigInt(spec.int) ? spec : pred('bigint', [str(spec.int)])
  if ('list' in spec) return list(...spec.list.map(asGoHolds))
  if ('dict' in spec) return dict(...pairs(spec.dict))
  if ('predicate' in spec)
    return pred(spec.predicate.tag, spec.predicate.positional.map(asGoHolds), pairs(spec.predicate.named))
  return spec
}

/** The one line of a Float, as Go writes it and as we do. */
function ourFloat(line: string): string {
  return line.replace(/^(\s*"Float_IPLD": )(-?[0-9]+)(,?)$/, (_all, head: string, digits: string, tail: string) => {
    const value = Number(digits)
    return `${head}${Math.abs(value) >= 1e19 ? value.toExponential().replace('e+', 'e') : `${value === 0 ? 0 : digits}.0`}${tail}`
  })
}

const random = (seed: number): Row[] => [
  row('random documents, ours read by Go', 'all the same', async (harness) => {
    const specs = specsOf(seed, { ...PLAIN, wholeFloats: true, wideInts: true })
    const read = await goSays(
      harness,
      'describe',
      specs.map((spec) => ({ hex: Buffer.from(goDocument.encode(toNode(spec))).toString('hex') })),
    )
    return first(
      specs.flatMap((spec, i) =>
        JSON.stringify(read[i]?.spec) === JSON.stringify(asGoHolds(spec))
          ? []
          : [`${JSON.stringify(spec)} is ${JSON.stringify(read[i])}`],
      ),
    )
  }),
  row("random documents, Go's read by us", 'all the same', async (harness) => {
    const specs = specsOf(seed + 1, { ...PLAIN, wholeFloats: true })
    const written = await goSays(
      harness,
      'marshal',
      specs.map((spec) => ({ spec })),
    )
    return first(
      specs.flatMap((spec, i) =>
        equal(goDocument.decode(bytesOf(written[i]?.json)), toNode(spec)) ? [] : [JSON.stringify(spec)],
      ),
    )
  }),
  row('random documents, written by both', 'all the same', async (harness) => {
    const specs = specsOf(seed + 2, PLAIN)
    const written = await goSays(
      harness,
      'marshal',
      specs.map((spec) => ({ spec })),
    )
    return first(
      specs.flatMap((spec, i) =>
        bytesOf(written[i]?.json).equals(goDocument.encode(toNode(spec))) ? [] : [JSON.stringify(spec)],
      ),
    )
  }),
  row(
    'random documents with whole Floats and wide Ints, written by both',
    'all the same but for those',
    async (harness) => {
      const specs = specsOf(seed + 3, { ...PLAIN, wholeFloats: true, wideInts: true })
      const written = await goSays(
        harness,
        'marshal',
        specs.map((spec) => ({ spec: asGoHolds(spec) })),
      )
      const expected = written.map(({ json }) => bytesOf(json).toString().split('\n').map(ourFloat).join('\n'))
      const wrong = specs.flatMap((spec, i) =>
        expected[i] === Buffer.from(goDocument.encode(toNode(spec))).toString() ? [] : [JSON.stringify(spec)],
      )
      return wrong.length === 0 ? 'all the same but for those' : first(wrong)
    },
  ),
  row('random documents, printed by Go and parsed by us', 'all the same', async (harness) => {
    const specs = specsOf(seed + 4, { ...PLAIN, printable: true })
    const printed = await goSays(
      harness,
      'print',
      specs.map((spec) => ({ spec })),
    )
    return first(
      specs.flatMap((spec, i) => {
        const text = bytesOf(printed[i]?.pretty).toString()
        return equal(parse(text), toNode(spec)) ? [] : [text]
      }),
    )
  }),
]

/** What may go into a text that was one of Go's. */
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u',
  '\\ud83d',
  '\\n',
  '/',
  ' ',
  '\n',
  '\t',
  '\0',
  '0',
  '1',
  '-',
  '.',
  'e',
  'E',
  '+',
  'true',
  'false',
  'null',
  't',
  'f',
  '"String_IPLD"',
  '"Int_IPLD":1',
  '"Tag":"x"',
  '"Pairs":[]',
  '{"Int_IPLD":1}',
  '=',
  'A',
  '==',
  '\xff',
  '\xc3',
  'é',
  '\u2028',
  '"/"',
  '1e400',
  '1e-400',
  '00',
  '-0',
  'NaN',
]

/** A text with some bytes taken out and others put in. */
function damaged(random: Random, text: string): Buffer {
  let bytes = Buffer.from(text)
  for (let left = random.below(3) + 1; left > 0; left--) {
    const at = random.below(bytes.length + 1)
    const gone = random.below(4) * random.below(2)
    const put = random.chance(0.7)
      ? Buffer.from(random.pick(PIECES), random.chance(0.95) ? 'utf8' : 'latin1')
      : Buffer.alloc(0)
    bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + gone)])
  }
  return bytes
}

/** How the two may differ on a text; the rows below have one of each. */
function mayDiffer(go: GoAnswer, code: string | undefined, text: Uint8Array): boolean {
  return go.ok
    ? code === 'XR_VALUE' || code === 'XR_DUPLICATE' || (code === 'XR_SYNTAX' && !isJson(text))
    : code === undefined &&
        /AssignInt called on a ipld.Float_IPLD|ParseInt.*out of range|illegal base64|illegal base/.test(go.error ?? '')
}

/** Whether a text is JSON, as JavaScript's own reader has it. */
function isJson(text: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(text))
    return true
  } catch {
    return false
  }
}

const mutations = (seed: number): Row =>
  row('damaged texts, read by both', 'all the same but as below', async (harness) => {
    const random = new Random(seed + 5)
    const specs = new RandomSpecs(random, { ...PLAIN, wholeFloats: true })
    const texts = Array.from({ length: 2 * COUNT }, () => damaged(random, goJson(specs.node(2))))
    const answers = await goSays(
      harness,
      'describe',
      texts.map((text) => ({ hex: text.toString('hex') })),
    )
    const wrong = texts.flatMap((text, i) => {
      const go = answers[i] as GoAnswer
      const ours = readOf(text)
      const same = ours.node === undefined ? !go.ok : go.spec !== undefined && equal(ours.node, toNode(go.spec))
      return same || mayDiffer(go, ours.code, text)
        ? []
        : [`${JSON.stringify(text.toString('latin1'))}: Go ${go.error ?? 'reads it'}, we ${ours.code ?? 'read it'}`]
    })
    return wrong.length === 0 ? 'all the same but as below' : first(wrong)
  })

function readOf(text: Uint8Array): { node?: Node; code?: string } {
  try {
    return { node: goDocument.decode(text) }
  } catch (err) {
    return { code: String((err as { code?: unknown }).code) }
  }
}

/** What one of the two cannot write so that the other reads it. */
function written(name: string, wanted: string, spec: Spec): Row {
  return row(`${name}, written`, wanted, async (harness) => {
    const [go] = await goSays(harness, 'marshal', [{ spec }])
    const theirs = lineOf(bytesOf(go?.json).toString())
    return theirs === wanted ? lineOf(Buffer.from(goDocument.encode(toNode(spec))).toString()) : `Go writes ${theirs}`
  })
}

const lineOf = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim()

/** A text of Go's form, and whether it is read. */
function taken(name: string, wanted: 'read' | 'refused', json: string | Buffer): Row {
  return row(`${name}, read`, wanted, async (harness) => {
    const [go] = await goSays(harness, 'describe', [{ hex: Buffer.from(json).toString('hex') }])
    if ((go?.ok === true) !== (wanted === 'read')) {
      return `Go says ${JSON.stringify(go)}`
    }
    return readOf(Buffer.from(json)).code ?? 'read'
  })
}

/** A node that Go prints, and whether the text is the node again. */
function printed(name: string, wanted: string, spec: Spec): Row {
  return row(`${name}, printed`, wanted, async (harness) => {
    const [go] = await goSays(harness, 'print', [{ spec }])
    const text = bytesOf(go?.pretty).toString()
    let read: Node
    try {
      read = parse(text)
    } catch (err) {
      return `${lineOf(text)} is ${String((err as { code?: string }).code)}`
    }
    return equal(read, toNode(spec)) ? 'the same' : `${lineOf(text)} is another`
  })
}

const named = pred('f', [int(9)], [[str('a'), str('a')]])

const borders: Row[] = [
  written('Float 1', '{ "Float_IPLD": 1 }', float(1)),
  written('Float 1e20', '{ "Float_IPLD": 100000000000000000000 }', float(1e20)),
  written('Int 2^63', '{ "Int_IPLD": -9223372036854775808 }', int(2n ** 63n)),
  taken('an Int for a Float', 'refused', '{"Float_IPLD":1}'),
  taken('base64 without padding', 'refused', '{"Bytes_IPLD":{"/":{"bytes":"AA"}}}'),
  taken('half a surrogate pair', 'read', '{"String_IPLD":"\\ud800"}'),
  taken('bad UTF-8', 'read', Buffer.from('{"String_IPLD":"\xff"}', 'latin1')),
  taken('a trailing comma', 'read', '{"List_IPLD":{"Elements":[{"Int_IPLD":1},]}}'),
  taken('a missing comma', 'read', '{"Predicate_IPLD":{"Tag":"t" "Positional":[] "Named":[]}}'),
  taken('a comma before the first field', 'read', '{"List_IPLD":{"Elements":[{,"Int_IPLD":1}]}}'),
  taken('a word that begins with t', 'read', '{"Bool_IPLD":txyz}'),
  taken('a number that ends with its point', 'read', '{"Float_IPLD":1.}'),
  taken('a NUL behind the document', 'read', '{"Bool_IPLD":true}\u0000'),
  taken(
    'equal keys',
    'read',
    `{"Dict_IPLD":{"Pairs":[${Array(2).fill('{"Key":{"Int_IPLD":1},"Value":{"Int_IPLD":1}}').join()}]}}`,
  ),
  taken('65 Lists deep', 'read', `${'{"List_IPLD":{"Elements":['.repeat(65)}${']}}'.repeat(65)}`),
  printed('a whole Float', 'the same', float(1)),
  printed('a Float of many digits', 'the same', float(Math.PI)),
  printed('a tag of two words', 'the same', pred('two words', [int(1)])),
  printed('a name that equals its value', 'the same', named),
  printed('Bytes', 'the same', dict([bytes('00ff'), list(bytes(''))])),
]

/** Records of random documents, which only the reference itself can read and write. */
const records = (seed: number): Row[] => [
  {
    direction: 'codec of records' as const,
    name: 'codec: random records, written by both',
    wanted: 'all the same',
    waits: false,
    async run(harness: Harness) {
      const random = new Random(seed + 6)
      const specs = new RandomSpecs(random, PLAIN)
      const values = Array.from({ length: COUNT / 10 }, () => {
        const documents = random.many(5, () => toNode(specs.dict()) as Dict)
        return goRecordValue.encode(new Map(documents.map((document, i) => [PEERS[i] as string, document])))
      })
      const server = await harness.reference()
      const answers = await ask<Array<{ ok: boolean; error?: string; again?: string }>>(
        server,
        'recordValue',
        { values: values.map(hexOf) },
        60_000,
      )
      return first(
        values.flatMap((value, i) =>
          answers[i]?.again === hexOf(value)
            ? []
            : [`${Buffer.from(value).toString()} is ${JSON.stringify(answers[i])}`],
        ),
      )
    },
  },
]

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Peers of each kind of key. */
const PEERS = [
  ABSENT_WRITER,
  '16Uiu2HAm3f2fDXZH7SXDxZWHmT3fnhcBUWkmaaMnyunFxnbo7jQg',
  'QmQg1v4o9xdT3Q14wh4S7dxZkDjyZ9ssFzFzyep1YrVJBY',
  '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu',
  '12D3KooWLrdaWuiZ6aaWn1HarqtwVy7Q3h1Q17jy9kWD7eao6Fsg',
]

/** Our codec with Go's, in bulk and at the borders. */
export function codec(seed: number): Row[] {
  return [...random(seed), mutations(seed), ...borders, ...records(seed)]
}
