import { frame, MAX_FRAME_BYTES, MAX_KEY_BYTES, ProtocolError } from '@sr/protocol'
import { type GoMessage, goMessage, type GoMessageInit } from '../codec/message.ts'

/**
 * The bytes of a key, copied: the caller may reuse its buffer before the answer is compared with them.
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

/**
 * A request in its frame.
 *
 * @throws ProtocolError `PROTOCOL_TOO_LARGE`
 */
export function encodeRequest(request: GoMessageInit): Uint8Array {
  const bytes = goMessage.encode(request)
  if (bytes.length > MAX_FRAME_BYTES) {
    throw new ProtocolError(
      'PROTOCOL_TOO_LARGE',
      `a message is limited to ${MAX_FRAME_BYTES} bytes, got ${bytes.length}`,
      { limit: 'frame', max: MAX_FRAME_BYTES, got: bytes.length },
    )
  }
  return frame(bytes)
}

/**
 * Returns the answer.
 *
 * @throws ProtocolError `PROTOCOL_ANSWER` when it is the answer to another request
 */
export function assertAnswers(answer: GoMessage, request: GoMessageInit): GoMessage {
  if (
    answer.type !== request.type ||
    answer.key.length !== request.key.length ||
    answer.key.some((byte, i) => byte !== request.key[i])
  ) {
    throw new ProtocolError('PROTOCOL_ANSWER', 'the peer answered another request')
  }
  return answer
}
