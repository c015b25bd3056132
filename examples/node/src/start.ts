/** `npm start`: a node that serves records, and a short tour of it. */
import { once } from 'node:events'
import { startNode } from './node.ts'
import { NODE_USAGE, nodeOptions, type NodeOptions } from './options.ts'
import { tour } from './tour.ts'

/** Reads the words behind the command; says how they go when they are wrong. */
function optionsOrUsage(): NodeOptions {
  try {
    return nodeOptions(process.argv.slice(2))
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

const node = await startNode(options)
const addresses = node.libp2p.getMultiaddrs().map(String)
console.log(`node ${node.machine.self} serves records on`)
for (const address of addresses) {
  console.log(`  ${address}`)
}

try {
  await tour(node, addresses[0] as string, console.log, stopping.signal)
  if (!options.once && !stopping.signal.aborted) {
    console.log(`\nThe node goes on until Ctrl-C. From another terminal:

  npm run record -- put ${addresses[0]} lobby '{nick="me"}' --as me
  npm run record -- get ${addresses[0]} lobby\n`)
    await once(stopping.signal, 'abort')
  }
} catch (err) {
  // a tour cut short by Ctrl-C is no failure
  if (!stopping.signal.aborted) {
    throw err
  }
} finally {
  console.log('\nclosing')
  await node.close()
}
