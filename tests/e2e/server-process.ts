// A server in a process of its own: `node server-process.ts '{"timeouts": {"idle": 1000}}'` prints its addresses,
// prints its counters for each line on its input, and ends with its input.
import { createInterface } from 'node:readline'
import { startServer } from './hosts.ts'

const server = await startServer(JSON.parse(process.argv[2] ?? '{}'))
console.log(JSON.stringify({ self: server.self, tcp: String(server.tcp), ws: String(server.ws) }))
const lines = createInterface({ input: process.stdin })
lines.on('line', () => {
  console.log(
    JSON.stringify({
      counters: Object.fromEntries(server.records.counters()),
      streams: server.records.streams,
      buffered: server.records.buffered,
    }),
  )
})
lines.on('close', () => {
  server.stop().catch((err: unknown) => {
    console.error(err)
    process.exitCode = 1
  })
})
