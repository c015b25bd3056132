/**
 * A message behind its length, ready to be sent.
 *
 * @example
 * ```ts
 * import { frame } from '@sr/protocol'
 *
 * console.log(String(frame(Uint8Array.of(104, 105)))) // 2,104,105
 * ```
 */
export function frame(message: Uint8Array): Uint8Array<ArrayBuffer> {
  let digits = 1
  for (let rest = message.length; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    digits++
  }
  const out = new Uint8Array(digits + message.length)
  let rest = message.length
  for (let i = 0; i < digits - 1; i++) {
    out[i] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  out[digits - 1] = rest
  out.set(message, digits)
  return out
}
