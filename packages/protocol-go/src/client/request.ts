import { frame, MAX_FRAME_BYTES, ProtocolError } from '@sr/protocol'
import { type GoMessage, goMessage, type GoMessageInit } from '../codec/message.ts'

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
