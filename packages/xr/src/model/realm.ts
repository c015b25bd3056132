// A value of another realm (a vm context, an iframe, jsdom) is no instance of the classes of this one. Its tag is the same.

const tagOf = (value: unknown): string => Object.prototype.toString.call(value)

/** Whether a value is a Uint8Array, of any realm. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || (ArrayBuffer.isView(value) && tagOf(value) === '[object Uint8Array]')
}

/** Whether a value is an ArrayBuffer, of any realm. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer || tagOf(value) === '[object ArrayBuffer]'
}

/** Whether a value is a Map, of any realm. */
export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  return value instanceof Map || tagOf(value) === '[object Map]'
}

/** Whether a value is a Set, of any realm. */
export function isSet(value: unknown): value is ReadonlySet<unknown> {
  return value instanceof Set || tagOf(value) === '[object Set]'
}

/** Whether a value is a Date, of any realm. */
export function isDate(value: unknown): value is Date {
  return value instanceof Date || tagOf(value) === '[object Date]'
}
