import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  generateKeyPair,
  generateKeyPairFromSeed,
  privateKeyFromProtobuf,
  privateKeyToProtobuf,
} from '@libp2p/crypto/keys'
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

/**
 * The key that a folder keeps; a new one when it has none.
 *
 * @throws Error when the folder has records, which another identity has served
 */
export async function keptIdentity(folder: string): Promise<PrivateKey> {
  const file = join(folder, 'identity.key')
  try {
    return privateKeyFromProtobuf(await readFile(file))
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw err
    }
  }
  if (existsSync(join(folder, 'records'))) {
    throw new Error(
      `${file} is missing, and beside it are records of the peer that it was the key of: put it back, or move the folder records away`,
    )
  }
  const key = await generateKeyPair('Ed25519')
  await mkdir(folder, { recursive: true })
  // for its owner's eyes only, and never over another key
  await writeFile(file, privateKeyToProtobuf(key), { mode: 0o600, flag: 'wx' })
  return key
}
