/** `npm start`: a node that serves records, and a short tour of it. */
import { startNode } from './node.ts'
import { NODE_USAGE, nodeOptions, type NodeOptions } from './options.ts'
import { tour } from './tour.ts'

/** Reads the words behind the command; says how they go when they are wrong. */
function optionsOrUsage (): NodeOptions {
  try {
    return nodeOptions(process.argv.slice(2))
  } catch (err) {
    console.error(`${(err as Error).message}\n\n${NODE_USAGE}`)
    process.exit(2)
  }
}

const options = optionsOrUsage()
const stop = new Promise<void>((resolve) => {
  process.once('SIGINT', () => { resolve() })
  process.once('SIGTERM', () => { resolve() })
})

const node = await startNode(options)
const addresses = node.libp2p.getMultiaddrs().map(String)
console.log(`node ${node.machine.self} serves records on`)
for (const address of addresses) {
  console.log(`  ${address}`)
}

try {
  await tour(node, addresses[0] as string, console.log)
  if (!options.once) {
    console.log(`\nThe node goes on until Ctrl-C. From another terminal:

  npm run record -- put ${addresses[0]} lobby '{nick="me"}' --as me
  npm run record -- get ${addresses[0]} lobby\n`)
    await stop
    console.log('\nclosing')
  }
} finally {
  await node.close()
}
