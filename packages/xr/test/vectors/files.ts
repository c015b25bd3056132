import { print, size } from '../../src/index.ts'
import * as dagCbor from '../../src/dag-cbor.ts'
import * as dagJson from '../../src/dag-json.ts'
import type {
  LimitVector,
  RefusedTextVector,
  RefusedVector,
  SpellingVector,
  ValueVector,
} from '../../src/conformance/vectors.ts'
import { hex, toHex, utf8 } from '../hex.ts'
import { LIMITED } from './limits.ts'
import { REFUSED_CBOR } from './refused-cbor.ts'
import { REFUSED_JSON } from './refused-json.ts'
import { depthOf, nodesOf, specOf } from './spec-of.ts'
import { REFUSED_TEXTS, SPELLINGS } from './texts.ts'
import { VALUES } from './values.ts'

/** A table of vectors: a file in `vectors/xr`, and a module of the conformance kit. */
interface Table {
  readonly file: string
  readonly about: string
  readonly type: string
  readonly cases: readonly object[]
}

export function valueVectors(): ValueVector[] {
  return VALUES.map(([name, node]) => {
    const spec = specOf(node)
    return {
      name,
      spec,
      text: print(node),
      dagCbor: toHex(dagCbor.encode(node)),
      dagJson: new TextDecoder('utf-8', { ignoreBOM: true }).decode(dagJson.encode(node)),
      canonical: toHex(dagCbor.canonical(node)),
      size: size(node),
      nodes: nodesOf(spec),
      depth: depthOf(spec),
    }
  })
}

export function refusedCbor(): RefusedVector[] {
  return REFUSED_CBOR.map(([name, digits, code, reason, design]) => ({
    name,
    bytes: toHex(hex(digits)),
    code,
    reason,
    ...(design === undefined ? {} : { design: true }),
  }))
}

export function refusedJson(): RefusedVector[] {
  return REFUSED_JSON.map(([name, json, code, reason, design]) => ({
    name,
    ...(typeof json === 'string' ? { bytes: toHex(utf8(json)), json } : { bytes: json.hex }),
    code,
    reason,
    ...(design === undefined ? {} : { design: true }),
  }))
}

function tables(): Table[] {
  const spellings: SpellingVector[] = SPELLINGS.map(([name, text, prints]) => ({ name, text, prints }))
  const texts: RefusedTextVector[] = REFUSED_TEXTS.map(([name, text, code, line, column, reason]) => ({
    name,
    text,
    code,
    line,
    column,
    reason,
  }))
  const limited: LimitVector[] = LIMITED.map(([name, limits, node, verdict]) => ({
    name,
    limits,
    spec: specOf(node),
    verdict,
  }))
  return [
    { file: 'values', about: 'values in every form', type: 'ValueVector', cases: valueVectors() },
    {
      file: 'dag-cbor-refused',
      about: 'bytes that natural dag-cbor refuses',
      type: 'RefusedVector',
      cases: refusedCbor(),
    },
    {
      file: 'dag-json-refused',
      about: 'bytes that natural dag-json refuses',
      type: 'RefusedVector',
      cases: refusedJson(),
    },
    {
      file: 'text-spellings',
      about: 'texts, and how the values they stand for are printed',
      type: 'SpellingVector',
      cases: spellings,
    },
    { file: 'text-refused', about: 'texts that do not parse, and where', type: 'RefusedTextVector', cases: texts },
    { file: 'limits', about: 'documents on either side of a limit', type: 'LimitVector', cases: limited },
  ]
}

/** Every file that is made of the tables, by its path from the root of the repository. */
export function vectorFiles(): Map<string, string> {
  const files = new Map<string, string>()
  for (const { file, about, type, cases } of tables()) {
    const lines = cases.map((one) => ascii(JSON.stringify(one)))
    files.set(`vectors/xr/${file}.json`, `{"about":"${about}","cases":[\n${lines.join(',\n')}\n]}\n`)
    files.set(
      `packages/xr/src/conformance/data/${file}.ts`,
      [
        `// ${about}: vectors/xr/${file}.json as a module, written with it by packages/xr/test/vectors/write.ts`,
        `import type { ${type} } from '../vectors.ts'`,
        '',
        // as texts: of literals nested this deep the compiler takes minutes to find the types
        `export const ${file.toUpperCase().replaceAll('-', '_')}: readonly ${type}[] = [`,
        lines.map((line) => `  ${quoted(line)}`).join(',\n'),
        `].map((line) => JSON.parse(line) as ${type})`,
        '',
      ].join('\n'),
    )
  }
  return files
}

/** JSON in ASCII, so that no editor and no tool changes what it does not show. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A text between single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
