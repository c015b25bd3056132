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
