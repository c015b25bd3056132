import { generateKeyPair } from '@libp2p/crypto/keys'
import { clientCases, type ClientSetup, missingNeeds } from '@sr/protocol/conformance'
import { NegotiatedSession, recordClientProtocol } from '@sr/protocol-client/session'
import { createSigner, signedClientProtocol } from '@sr/protocol-client/signing'
import { goClientProtocol } from '@sr/protocol-go/client'
import { describe, expect, it } from '@jest/globals'

const setup: ClientSetup = {
  supports: ['fallback', 'signing'],
  connect: (open, { timeoutMs }) => recordClientProtocol({ timeoutMs, jitterMs: 0 }).connect(open),
  fallback: (open) => new NegotiatedSession([recordClientProtocol(), goClientProtocol()], open),
  async signing(open, now) {
    const signer = createSigner({ privateKey: await generateKeyPair('Ed25519'), now })
    return signedClientProtocol(recordClientProtocol(), signer).connect(open)
  },
}

describe('the client of /smart-record/1.0.0', () => {
  it.each(clientCases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    expect(missingNeeds(one, setup)).toEqual([])
    await expect(one.run(setup)).resolves.toBeUndefined()
  })
})
