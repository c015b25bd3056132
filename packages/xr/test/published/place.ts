import { existsSync, readFileSync } from 'node:fs'

/** Test data that others have published; it lies beside the repository and is no part of it. */
const FIXTURES = new URL('../../../../../shared/fixtures/', import.meta.url)

/** A folder of published data, or undefined when it is not here. */
export function folder(path: string): URL | undefined {
  const url = new URL(`${path}/`, FIXTURES)
  return existsSync(url) ? url : undefined
}

export function readJson<T>(path: string, base: URL): T {
  return JSON.parse(readFileSync(new URL(path, base), 'utf8')) as T
}

/** Prints a line that stays in the log of a run, however many workers there are. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
