/** First byte of a signed envelope: the protobuf tag of its public key. */
const ENVELOPE_TAG = 0x0a

/** Whether an update begins as a signed envelope does. The form of a store, which has no signature, is not accepted from a peer. */
export function isEnvelope(update: Uint8Array): boolean {
  return update[0] === ENVELOPE_TAG
}
