import { clientCases, type ClientSetup, missingNeeds } from '@sr/protocol/conformance'
import { recordClientProtocol } from '@sr/protocol-client/session'
import { describe, expect, test } from '@jest/globals'

const setup: ClientSetup = {
  supports: [],
  connect: (open, { timeoutMs }) => recordClientProtocol({ timeoutMs, jitterMs: 0 }).connect(open),
}

describe('the client session', () => {
  test.each(clientCases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    expect(missingNeeds(one, setup)).toEqual([])
    await one.run(setup)
  })
})
