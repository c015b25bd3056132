import { sha256 } from 'multiformats/hashes/sha2'
import { toString } from 'uint8arrays/to-string'
import { nodeCrypto } from './node-crypto.ts'

/** SHA-256 as 64 lower-case hex digits. */
export async function hashOf(payload: Uint8Array): Promise<string> {
  return nodeCrypto?.hash?.('sha256', payload, 'hex') ?? toString((await sha256.digest(payload)).digest, 'base16')
}
