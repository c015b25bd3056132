import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../regressions/', import.meta.url))

/** An input that once broke a property. */
export interface Regression {
  file: string
  input: Uint8Array
}

/** The inputs that once broke a property of a target, by file name. */
export function regressionsOf(target: string): Regression[] {
  const folder = FOLDER + target
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((file) => ({ file: `${target}/${file}`, input: Uint8Array.from(readFileSync(`${folder}/${file}`)) }))
}

/** Keeps an input for the tests; answers the name of its file. */
export function keepRegression(target: string, property: string, input: Uint8Array): string {
  const words = property
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
  const file = `${target}/${words}-${createHash('sha256').update(input).digest('hex').slice(0, 8)}`
  mkdirSync(FOLDER + target, { recursive: true })
  writeFileSync(FOLDER + file, input)
  return `fuzz/regressions/${file}`
}
