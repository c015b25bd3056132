import { XrError } from './errors.ts'
import { type Kind, type KindOf, type KindTypes, KIND, type Node } from './node.ts'
import { describe } from './describe.ts'
import { isUint8Array } from './realm.ts'

/**
 * The kind of a node, typed as narrowly as the argument. (TypeScript cannot narrow a variable by a
 * call's result; {@link isKind} does that.)
 *
 * @throws XrError `XR_KIND` when it is not
 * @example
 * ```ts
 * import { kindOf } from '@sr/xr'
 *
 * console.log(kindOf(1n), kindOf(1.5), kindOf('x')) // int float string
 * ```
 */
export function kindOf<N extends Node>(node: N): KindOf<N> {
  const kind = kindOrNone(node)
  if (kind === undefined) {
    throw new XrError('XR_KIND', `${describe(node)} is none of the eight kinds`)
  }
  return kind as KindOf<N>
}

/** The kind of any value, or undefined when it is not a node. */
export function kindOrNone(value: unknown): Kind | undefined {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'bigint':
      return 'int'
    case 'number':
      return 'float'
    case 'boolean':
      return 'bool'
    case 'object':
      if (value === null) {
        return undefined
      }
      if (value instanceof Uint8Array) {
        return 'bytes'
      }
      return (value as { [KIND]?: Kind })[KIND] ?? (isUint8Array(value) ? 'bytes' : undefined)
    default:
      return undefined
  }
}

/**
 * Whether a value is a node of the given kind; narrows the type.
 *
 * @example
 * ```ts
 * import { from, isKind } from '@sr/xr'
 *
 * const node = from({ nick: 'bob' })
 * if (isKind(node, 'dict')) console.log(node.get('nick')) // bob
 * ```
 */
export function isKind<K extends Kind>(value: unknown, kind: K): value is KindTypes[K] {
  return kindOrNone(value) === kind
}

/** The default case of a switch over all kinds. */
export function unreachable(kind: never): never {
  throw new TypeError(`unknown kind ${String(kind)}`)
}
