import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path/posix'
import { parseSync } from '@swc/core'

/** The relative files that a source text imports or re-exports, types included. */
export function relativeImports(source: string): string[] {
  const { body } = parseSync(source, { syntax: 'typescript', target: 'es2024' })
  return body.flatMap((item) =>
    (item.type === 'ImportDeclaration' ||
      item.type === 'ExportAllDeclaration' ||
      item.type === 'ExportNamedDeclaration') &&
    item.source?.value.startsWith('.') === true
      ? [item.source.value]
      : [],
  )
}

/** The files of a package that are in a circle of imports, types included. */
export function filesInCircles(read: ReadonlyMap<string, string>): string[] {
  const edges = new Map(
    [...read].map(([file, source]) => [file, relativeImports(source).map((id) => join(file, '..', id))]),
  )
  const reaches = (from: string): Set<string> => {
    const seen = new Set<string>()
    const queue = [...(edges.get(from) ?? [])]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (!seen.has(next)) {
        seen.add(next)
        queue.push(...(edges.get(next) ?? []))
      }
    }
    return seen
  }
  return [...edges.keys()].filter((file) => reaches(file).has(file))
}

/** The TypeScript files below a folder, by their paths within it. */
export function sourcesIn(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return new Map(files.sort().map((file) => [file, readFileSync(`${folder}/${file}`, 'utf8')]))
}
