import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { createUpdateCodec } from '@sr/update'
import type { UpdateCodec, UpdateFields } from '@sr/vm'
import { plainUpdates } from '@sr/vm/testing'

/** Who signs the updates of a suite: real keys, or the codec without keys, which is faster. */
export type Signing = 'signed' | 'plain'

/** A writer and what signs for it. */
export interface Author {
  readonly writer: string
  readonly sign: (fields: Omit<UpdateFields, 'writer'>) => Promise<Uint8Array>
}

/** A machine's codec, and writers whose updates it accepts: the same for the same arguments. */
export interface Authors {
  readonly self: string
  readonly codec: UpdateCodec
  readonly all: readonly Author[]
}

const NETWORK = 'torture'

export async function createAuthors(signing: Signing, count: number): Promise<Authors> {
  if (signing === 'plain') {
    const codec = plainUpdates('self')
    const all = Array.from({ length: count }, (_, n) => {
      const writer = `w${n}`
      return { writer, sign: async (fields: Omit<UpdateFields, 'writer'>) => await codec.signAs({ ...fields, writer }) }
    })
    return { self: 'self', codec, all }
  }
  const codecs = await Promise.all(Array.from({ length: count + 1 }, async (_, n) => await signedCodec(n)))
  const [own, ...others] = codecs
  const all = others.map((codec) => ({
    writer: String(codec.signer),
    sign: async (fields: Omit<UpdateFields, 'writer'>) =>
      (await (codec.sign as NonNullable<typeof codec.sign>)(fields)).bytes,
  }))
  return { self: String(own?.signer), codec: own as UpdateCodec, all }
}

async function signedCodec(n: number): Promise<ReturnType<typeof createUpdateCodec>> {
  const privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(n + 1))
  return createUpdateCodec({ network: NETWORK, privateKey })
}
