export {
  createSigner,
  type SignedUpdate,
  type Signer,
  type SignerInit,
  type SigningKey,
  type SignOptions,
} from './signer.ts'
export { signedClientProtocol, signedSession } from './signing-session.ts'
export type { SigningDatastore } from './signing-store.ts'
