// The examples of the documentation as tests: every ```ts block of a Markdown file and every @example of a docstring
// becomes a module that jest imports.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { ROOT } from '../boot/paths.js'
import { inDocstrings, inMarkdown, moduleOf } from './example-blocks.js'

/** Where the modules go: inside `tests/e2e`, from where every package of the repository can be imported. */
export const EXAMPLES = 'tests/e2e/.examples'

/** Writes the modules of all examples, each document with a test that imports its own. */
export function writeExamples() {
  rmSync(ROOT + EXAMPLES, { recursive: true, force: true })
  for (const file of documents()) {
    const text = readFileSync(ROOT + file, 'utf8')
    const blocks = file.endsWith('.md') ? inMarkdown(text) : inDocstrings(text)
    if (blocks.length > 0) write(file, blocks)
  }
}

/** Every file of the repository that may hold examples, by its path from the root. */
export function documents() {
  const source = /^packages\/[^/]+\/src\/.*\.ts$/
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'))
  const deep = ['docs', 'packages', 'examples']
    .filter((folder) => existsSync(ROOT + folder))
    .flatMap((folder) => within(folder))
  return [...top, ...deep.filter((file) => file.endsWith('.md') || source.test(file))].sort()
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function within(folder) {
  return readdirSync(ROOT + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (!entry.isDirectory()) return [path]
    return entry.name === 'node_modules' || entry.name === 'dist' ? [] : within(path)
  })
}

/**
 * @param {string} file
 * @param {import('./example-blocks.js').Block[]} blocks
 */
function write(file, blocks) {
  const base = `${ROOT}${EXAMPLES}/${file}`
  const folder = dirname(base)
  const printing = relative(folder, `${ROOT}scripts/jest/printing.ts`)
  const name = base.slice(folder.length + 1)
  mkdirSync(folder, { recursive: true })
  for (const block of blocks) writeFileSync(`${base}.${block.line}.ts`, moduleOf(block, printing))
  const runs = blocks.filter((block) => block.runs)
  if (runs.length === 0) return
  const tests = runs.map(
    ({ line }) =>
      `it(${JSON.stringify(`${file} line ${line}`)}, async () => { await import(${JSON.stringify(`./${name}.${line}.ts`)}) })\n`,
  )
  writeFileSync(`${base}.test.ts`, `import { it } from '@jest/globals'\n\n${tests.join('')}`)
}
