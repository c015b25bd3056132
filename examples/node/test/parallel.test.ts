import { describe, expect, it } from '@jest/globals'
import { smartRecordClient } from '@sr/protocol-client'
import { goClientProtocol } from '@sr/protocol-go/client'
import { createLibp2p } from 'libp2p'
import { startNode } from '../src/node.ts'
import { stack } from '../src/transport.ts'

describe('the node', () => {
  it.each(['/ws', '/tcp'])(
    'serves 50 clients at once that ask once, from one address, over %s',
    async (transport) => {
      const node = await startNode({ once: false, tcp: 0, ws: 0, host: '127.0.0.1', data: undefined })
      const address = node.libp2p.getMultiaddrs().find((each) => String(each).includes('/ws') === (transport === '/ws'))
      const outcomes = await Promise.allSettled(
        Array.from({ length: 50 }, async () => {
          const client = await createLibp2p({
            ...stack(),
            services: { records: smartRecordClient({ protocols: [goClientProtocol()] }) },
          })
          try {
            return await client.services.records.get(address as NonNullable<typeof address>, 'lobby')
          } finally {
            await client.stop()
          }
        }),
      )
      await node.close()
      expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
    },
    30_000,
  )
})
