// String.fromCharCode takes bytes as arguments; more than a slice could exceed the stack.
const SLICE = 8192

/** Bytes as a string with one character per byte; such strings compare as their bytes do. */
export function latin1(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += SLICE) {
    // a spread of an array of bytes takes ten times as long
    const some = bytes.length <= SLICE ? bytes : bytes.subarray(i, i + SLICE)
    out += String.fromCharCode.apply(null, some as unknown as number[])
  }
  return out
}

/** The bytes of a string that {@link latin1} returned. */
export function fromLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    bytes[i] = text.charCodeAt(i)
  }
  return bytes
}
