import type { Json, Node } from './node.ts'
import { toJson } from './to-json.ts'

/**
 * The property with the content of a List or Dict: own and enumerable, because `assert.deepStrictEqual` and other
 * comparisons see no private fields. A Map of canonical key and node, which they compare without regard to its order.
 */
export const CONTENT: unique symbol = Symbol('content')

/** `toJSON` of Lists and Dicts. */
function nodeToJson(this: Node): Json {
  return toJson(this)
}

/**
 * An own property of each List and Dict: the algorithm behind `structuredClone` and `postMessage` refuses a function, and
 * would otherwise copy an object without its content.
 */
export const TO_JSON: () => Json = nodeToJson

/** Marks by which jest's `toEqual` compares without regard to order, as for the collections of Immutable.js. */
export function markUnordered(prototype: object, kind: 'KEYED' | 'SET'): void {
  Object.defineProperty(prototype, `@@__IMMUTABLE_${kind}__@@`, { value: true })
}
