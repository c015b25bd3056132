import { peerIdBytes } from '@sr/protocol/messages'

/** A peer id in bytes; undefined for a writer that is no peer id, which messages cannot name. */
export function peerBytes(writer: string): Uint8Array | undefined {
  try {
    return peerIdBytes(writer)
  } catch {
    return undefined
  }
}
