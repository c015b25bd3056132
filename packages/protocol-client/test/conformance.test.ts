import { generateKeyPair } from '@libp2p/crypto/keys'
import { clientCases, type ClientSetup, missingNeeds } from '@sr/protocol/conformance'
import { goClientProtocol } from '@sr/protocol-go/client'
import { createSigner, signedClientProtocol } from '@sr/protocol-client'
import { NegotiatedSession, recordClientProtocol } from '@sr/protocol-client/session'
import { describe, expect, test } from '@jest/globals'

const setup: ClientSetup = {
  supports: ['fallback', 'signing'],
  connect: (open, { timeoutMs }) => recordClientProtocol({ timeoutMs, jitterMs: 0 }).connect(open),
  fallback: (open) => new NegotiatedSession([recordClientProtocol(), goClientProtocol()], open),
  async signing(open, now) {
    const signer = createSigner({ privateKey: await generateKeyPair('Ed25519'), now })
    return signedClientProtocol(recordClientProtocol(), signer).connect(open)
  },
}

describe('the client session', () => {
  test.each(clientCases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    expect(missingNeeds(one, setup)).toEqual([])
    await one.run(setup)
  })
})
