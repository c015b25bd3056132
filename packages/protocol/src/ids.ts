/**
 * The protocol of the Go peers: one request and one answer at a time, errors as stream resets.
 *
 * @example
 * ```ts
 * import { GO_PROTOCOL } from '@sr/protocol'
 *
 * console.log(GO_PROTOCOL) // /ipfs/smart-record/0.0.1
 * ```
 */
export const GO_PROTOCOL: '/ipfs/smart-record/0.0.1' = '/ipfs/smart-record/0.0.1'

/**
 * The domain string of signed updates: what libp2p signed envelopes (RFC 0002) put in front of
 * what they sign, so that a signature made here is of no use anywhere else.
 * https://github.com/libp2p/specs/blob/master/RFC/0002-signed-envelopes.md
 */
export const UPDATE_DOMAIN: 'smart-record-update' = 'smart-record-update'

/** The payload type of signed updates, version 1. */
export const UPDATE_PAYLOAD_TYPE: '/smart-record/update/1' = '/smart-record/update/1'
