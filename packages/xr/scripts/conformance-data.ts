// Writes src/conformance/data/*.ts from vectors/xr/*.json. The build runs it before tsc, so that the published kit
// holds its data and reads no file at run time. The modules are not in version control.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const VECTORS = new URL('../../../vectors/xr/', import.meta.url)
const DATA = new URL('../src/conformance/data/', import.meta.url)

/** The type of the cases of each file. */
const TYPES: Readonly<Record<string, string>> = {
  values: 'ValueVector',
  'dag-cbor-refused': 'RefusedVector',
  'dag-json-refused': 'RefusedVector',
  'text-spellings': 'SpellingVector',
  'text-refused': 'RefusedTextVector',
  limits: 'LimitVector',
}

rmSync(DATA, { recursive: true, force: true })
mkdirSync(DATA, { recursive: true })
for (const [file, type] of Object.entries(TYPES)) {
  const { cases } = JSON.parse(readFileSync(new URL(`${file}.json`, VECTORS), 'utf8')) as { cases: object[] }
  writeFileSync(
    new URL(`${file}.ts`, DATA),
    [
      `// Generated from vectors/xr/${file}.json by the build of this package.`,
      `import type { ${type} } from '../vectors.ts'`,
      '',
      // as texts: the compiler takes minutes to find the types of literals nested this deep
      `export const ${file.toUpperCase().replaceAll('-', '_')}: readonly ${type}[] = [`,
      ...cases.map((one) => `  ${quoted(ascii(JSON.stringify(one)))},`),
      `].map((line) => JSON.parse(line) as ${type})`,
      '',
    ].join('\n'),
  )
}

/** JSON in ASCII: some editors and tools change characters that they do not show. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A text between single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
