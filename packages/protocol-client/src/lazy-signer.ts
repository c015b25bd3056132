import type { SignerInit } from './signing/index.ts'
import type { SessionSigner } from './signing/signing-session.ts'

/** A signer whose code is loaded when it signs first: an application that only reads has no use for it. */
export function lazySigner(init: SignerInit): SessionSigner {
  let loading: Promise<SessionSigner> | undefined
  let loaded: SessionSigner | undefined
  const load = async (): Promise<SessionSigner> => {
    const { createSigner } = await import('./signing/signer.ts')
    return (loaded ??= createSigner(init))
  }
  return {
    sign: async (...args) => await (loaded ?? (await (loading ??= load()))).sign(...args),
    settle: (seq) => loaded?.settle(seq),
    withdraw: async (seq) => await loaded?.withdraw(seq),
    follow: (seq) => loaded?.follow(seq) ?? false,
  }
}
