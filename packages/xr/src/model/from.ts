import { check } from './check.ts'
import { describe } from './describe.ts'
import { Dict } from './dict.ts'
import { XrError } from './errors.ts'
import { kindOrNone } from './kind.ts'
import { MAX_DEPTH, overLimit } from './limits.ts'
import { List } from './list.ts'
import type { Predicate } from './node.ts'
import type { Node } from './node.ts'
import { isArrayBuffer, isDate, isMap, isSet, isUint8Array } from './realm.ts'

/**
 * What `from` takes: nodes, and ordinary JavaScript values that it converts. (Objects are
 * typed loosely, so that interfaces without an index signature fit.)
 */
export type Plain =
  | Node
  | PlainFloat
  | readonly Plain[]
  | ReadonlySet<Plain>
  | ReadonlyMap<Plain, Plain>
  | { readonly [name: string]: Plain }

/** The type of the node that `from` makes of a plain value. */
export type NodeOf<P> = P extends PlainFloat
  ? number
  : P extends number
    ? bigint | number
    : P extends string
      ? string
      : P extends bigint
        ? bigint
        : P extends boolean
          ? boolean
          : P extends Uint8Array | List | Dict | Predicate
            ? P
            : P extends readonly unknown[] | ReadonlySet<unknown>
              ? List
              : P extends ReadonlyMap<unknown, unknown>
                ? Dict
                : Dict

/** A number that `from` must read as a Float although it is an integer; made by {@link float}. */
export class PlainFloat {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }

  /** For `JSON.stringify`, which has one type of number. */
  toJSON(): number {
    return this.value
  }
}

/**
 * Marks a number as a Float for `from`, which reads integer numbers as Int.
 *
 * @example
 * ```ts
 * import { float, from, print } from '@sr/xr'
 *
 * console.log(print(from([1, float(1)]))) // [1 1.0]
 * ```
 */
export function float(value: number): PlainFloat {
  return new PlainFloat(value)
}

/**
 * Turns ordinary values into a node: objects and Maps become Dicts, arrays and Sets become Lists
 * (equal members collapse), integer numbers become Int and the others Float; nodes stay as they
 * are, and Bytes are copied. Properties that are `undefined` are refused, not dropped.
 *
 * @throws XrError with the path: `XR_KIND` for null, undefined, Dates, functions, class instances;
 * `XR_VALUE` for NaN, lone surrogates and integers a number cannot hold exactly (use a bigint);
 * `XR_CYCLE`, `XR_DEPTH`, `XR_INT`, `XR_DUPLICATE` (two equal keys of a Map)
 * @example
 * ```ts
 * import { from, print } from '@sr/xr'
 *
 * console.log(print(from({ nick: 'bob', ports: [80, 443] }))) // {nick="bob" ports=[80 443]}
 * ```
 */
export function from<const P extends Plain>(plain: P): NodeOf<P> {
  return convert(plain, [], new Set()) as NodeOf<P>
}

function convert(value: unknown, path: Node[], above: Set<object>): Node {
  if (typeof value === 'number') {
    return fromNumber(value, path)
  }
  if (value instanceof PlainFloat) {
    return checkAt(value.value, path)
  }
  if (isUint8Array(value)) {
    return new Uint8Array(value) // not slice: a Buffer's slice is a view
  }
  if (kindOrNone(value) !== undefined) {
    return checkAt(value as Node, path)
  }
  if (typeof value !== 'object' || value === null) {
    throw new XrError('XR_KIND', `${describe(value)} is none of the eight kinds${hint(value)}`, { path: [...path] })
  }
  if (above.has(value)) {
    throw new XrError('XR_CYCLE', 'an object is a descendant of itself', { path: [...path] })
  }
  if (path.length >= MAX_DEPTH) {
    throw overLimit('depth', MAX_DEPTH, path.length + 1)
  }
  above.add(value)
  const node = convertContainer(value, path, above)
  above.delete(value) // an object that occurs twice side by side is not a cycle
  return node
}

function convertContainer(value: object, path: Node[], above: Set<object>): Node {
  if (Array.isArray(value) || isSet(value)) {
    // Array.from reads holes of a sparse array as undefined, which is refused
    return List.from(Array.from(value as Iterable<unknown>, (member, i) => below(member, BigInt(i), path, above)))
  }
  if (isMap(value)) {
    return atPath(path, () =>
      Dict.from(
        Array.from(value, ([name, inner]) => {
          const key = below(name, describe(name), path, above)
          return [key, below(inner, key, path, above)] as const
        }),
      ),
    )
  }
  const proto = Object.getPrototypeOf(value) as object | null
  // a plain object of another realm has another Object.prototype, whose prototype is null too
  if (proto !== null && Object.getPrototypeOf(proto) !== null) {
    throw new XrError('XR_KIND', `${describe(value)} is none of the eight kinds${hint(value)}`, { path: [...path] })
  }
  return Dict.from(
    Object.entries(value).map(
      ([name, inner]) => [checkAt(name, path) as string, below(inner, name, path, above)] as const,
    ),
  )
}

function below(value: unknown, step: Node, path: Node[], above: Set<object>): Node {
  path.push(step)
  const node = convert(value, path, above)
  path.pop()
  return node
}

function fromNumber(value: number, path: readonly Node[]): Node {
  if (!Number.isInteger(value)) {
    return checkAt(value, path)
  }
  if (!Number.isSafeInteger(value)) {
    throw new XrError(
      'XR_VALUE',
      `${value} is above 2^53 - 1 and may have lost digits: pass a bigint for an Int, or float(…) for a Float`,
      { path: [...path] },
    )
  }
  return BigInt(value)
}

function checkAt(node: Node, path: readonly Node[]): Node {
  return atPath(path, () => check(node))
}

/** Runs `make` and prepends the path to that of an error. */
function atPath<T>(path: readonly Node[], make: () => T): T {
  try {
    return make()
  } catch (err) {
    if (err instanceof XrError && path.length > 0 && !(err.path !== undefined && err.path.length > path.length)) {
      throw err.with({ path: [...path, ...(err.path ?? [])] })
    }
    throw err
  }
}

function hint(value: unknown): string {
  if (value === null || value === undefined) {
    return ': omit the key'
  }
  if (isDate(value)) {
    return ': pass its ISO string, or its milliseconds as a bigint'
  }
  if (ArrayBuffer.isView(value) || isArrayBuffer(value)) {
    return ': wrap it in a Uint8Array'
  }
  return ''
}
