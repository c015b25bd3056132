import { generateKeyPair } from '@libp2p/crypto/keys'
import { clientCases, type ClientSetup, missingNeeds } from '@sr/protocol/conformance'
import { recordClientProtocol } from '@sr/protocol-client/session'
import { createSigner, signedClientProtocol } from '@sr/protocol-client/signing'
import { describe, expect, test } from '@jest/globals'

const setup: ClientSetup = {
  supports: ['signing'],
  connect: (open, { timeoutMs }) => recordClientProtocol({ timeoutMs, jitterMs: 0 }).connect(open),
  async signing(open, now) {
    const signer = createSigner({ privateKey: await generateKeyPair('Ed25519'), now })
    return signedClientProtocol(recordClientProtocol(), signer).connect(open)
  },
}

// those that need another protocol beside this one run in the tests over public names
const cases = clientCases.filter((one) => missingNeeds(one, setup).length === 0)

describe('the client session', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    await expect(one.run(setup)).resolves.toBeUndefined()
  })
})
