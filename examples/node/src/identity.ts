import { createHash } from 'node:crypto'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'

/**
 * The key of a writer. A name gives the same key every time, and to all who know the name:
 * good for trying things out, and for nothing else.
 */
export async function identity(name: string | undefined): Promise<PrivateKey> {
  return name === undefined
    ? await generateKeyPair('Ed25519')
    : await generateKeyPairFromSeed('Ed25519', createHash('sha256').update(`smart records example: ${name}`).digest())
}
