/** `npm start`: a node that serves records, and a short tour of it. */
import { once } from 'node:events'
import { startNode } from './node.ts'
import { NODE_USAGE, nodeOptions, type NodeOptions } from './options.ts'
import { tour } from './tour.ts'

/** The options of the command line; ends the process with the usage when it asks for help or is invalid. */
function optionsOrUsage(): NodeOptions {
  try {
    const options = nodeOptions(process.argv.slice(2))
    if (options !== undefined) {
      return options
    }
    console.log(NODE_USAGE)
    process.exit(0)
  } catch (err) {
    console.error(`${(err as Error).message}\n\n${NODE_USAGE}`)
    process.exit(2)
  }
}

const options = optionsOrUsage()
const stopping = new AbortController()
process.once('SIGINT', () => {
  stopping.abort()
})
process.once('SIGTERM', () => {
  stopping.abort()
})

const node = await startNode(options).catch((err: Error) => {
  // libp2p puts the stacks of all listeners into the message
  const listening = /listen E[^\n]*/.exec(err.message)?.[0]
  console.error(
    listening === undefined
      ? `the node cannot start: ${err.cause instanceof Error ? err.cause.message : err.message}`
      : `the node cannot listen on ${options.host}: ${listening}`,
  )
  process.exit(1)
})
const addresses = node.libp2p.getMultiaddrs().map(String)
console.log(`node ${node.machine.self} serves records on`)
for (const address of addresses) {
  console.log(`  ${address}`)
}
console.log(
  options.data === undefined ? 'and keeps them in memory' : `and keeps them, and its identity, in ${options.data}`,
)

try {
  await tour(node, addresses[0] as string, console.log, stopping.signal)
  if (!options.once && !stopping.signal.aborted) {
    console.log(`\nThe node goes on until Ctrl-C. From another terminal:

  npm run record -- put ${addresses[0]} lobby '{nick="me"}' --as me
  npm run record -- get ${addresses[0]} lobby\n`)
    await once(stopping.signal, 'abort')
  }
} catch (err) {
  // Ctrl-C during the tour is not a failure
  if (!stopping.signal.aborted) {
    throw err
  }
} finally {
  console.log('\nclosing')
  await node.close()
}
