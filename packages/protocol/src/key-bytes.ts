import { ProtocolError } from './errors.ts'
import { MAX_KEY_BYTES } from './limits.ts'

/**
 * The bytes of a key, copied: the caller may reuse its buffer as soon as a call returns.
 *
 * @throws ProtocolError `PROTOCOL_KEY`
 */
export function keyBytes(key: Uint8Array | string): Uint8Array {
  // an encoder writes U+FFFD for half a surrogate pair, so that different strings would be one key
  if (typeof key === 'string' && !key.isWellFormed()) {
    throw new ProtocolError('PROTOCOL_KEY', 'expected well-formed Unicode as a key, got half a surrogate pair')
  }
  const bytes = typeof key === 'string' ? new TextEncoder().encode(key) : Uint8Array.from(key)
  if (bytes.length < 1 || bytes.length > MAX_KEY_BYTES) {
    throw new ProtocolError('PROTOCOL_KEY', `a key has 1 to ${MAX_KEY_BYTES} bytes, not ${bytes.length}`, {
      limit: 'key',
      max: MAX_KEY_BYTES,
      got: bytes.length,
    })
  }
  return bytes
}
