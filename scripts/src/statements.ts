import { parseSync } from '@swc/core'

/** Executable statements of a source text: statements and variable declarations, blocks themselves not counted. */
export function countStatements(source: string): number {
  let count = 0
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(visit)
    } else if (typeof node === 'object' && node !== null) {
      const { type } = node as { type?: unknown }
      if (
        typeof type === 'string' &&
        type !== 'BlockStatement' &&
        (type.endsWith('Statement') || type === 'VariableDeclaration')
      ) {
        count++
      }
      Object.values(node).forEach(visit)
    }
  }
  visit(parseSync(source, { syntax: 'typescript', target: 'es2024' }))
  return count
}
