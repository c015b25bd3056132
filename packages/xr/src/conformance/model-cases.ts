import type { Node } from '../model/node.ts'
import type { Case } from './case.ts'
import { VALUES } from './data/values.ts'
import { same } from './expect.ts'
import { hexOf, nodeOf } from './spec.ts'

/** An implementation of identity, equality and size. */
export interface Model {
  canonical(node: Node): Uint8Array
  key(node: Node): string
  equal(a: Node, b: Node): boolean
  size(node: Node): number
}

/**
 * Checks of identity, equality and size.
 *
 * @example
 * ```ts
 * import * as xr from '@sr/xr'
 * import { modelCases } from '@sr/xr/conformance'
 * import { canonical } from '@sr/xr/dag-cbor'
 *
 * modelCases.forEach(({ run }) => run({ ...xr, canonical }))
 * ```
 */
export const modelCases: ReadonlyArray<Case<Model>> = [
  ...VALUES.map((vector): Case<Model> => ({
    name: `the identity and size of ${vector.name}`,
    run(model) {
      const node = nodeOf(vector.spec)
      same('canonical bytes', hexOf(model.canonical(node)), vector.canonical)
      same('size', model.size(node), vector.size)
    },
  })),
  {
    name: 'values are equal exactly when their canonical bytes are, and so are their keys',
    run(model) {
      const nodes = VALUES.map(({ spec }) => nodeOf(spec))
      const keys = nodes.map((node) => model.key(node))
      VALUES.forEach((a, i) => {
        VALUES.forEach((b, j) => {
          const alike = a.canonical === b.canonical
          same(`${a.name} equals ${b.name}`, model.equal(nodes[i] as Node, nodes[j] as Node), alike)
          same(`${a.name} has the key of ${b.name}`, keys[i] === keys[j], alike)
        })
      })
    },
  },
]
