/**
 * Writes and reads records on a node, from a terminal:
 *
 *   npm run record -- put <multiaddr> <key> '{nick="ann"}' [--ttl 60] [--as ann]
 *   npm run record -- get <multiaddr> <key>
 */
import { parseArgs } from 'node:util'
import { recordClientProtocol, smartRecordClient, type SmartRecordClient } from '@sr/protocol-client'
import { goClientProtocol } from '@sr/protocol-go/client'
import { isKind } from '@sr/xr'
import { parse } from '@sr/xr/text'
import type { Libp2p } from '@libp2p/interface'
import { createLibp2p } from 'libp2p'
import { identity } from './identity.ts'
import { NETWORK } from './network.ts'
import { assertFlagsArrived } from './options.ts'
import { showRecord } from './show.ts'
import { stack } from './transport.ts'

const USAGE = `npm run record -- put <multiaddr> <key> <document> [--ttl seconds] [--as name]
npm run record -- get <multiaddr> <key>

  <multiaddr>  where the node is, as it prints it
  <key>        the record
  <document>   your statements, in the text syntax: '{nick="ann" topics=["chess"]}'
  --ttl        their life, default 60 seconds; a server may grant less
  --as         a name that stands for an identity, for trying things out: who knows the name can write as
               you. Without it you are a new writer each time.

The document is merged into what you wrote before. To remove something: '{nick=$remove() topics=[$remove("chess")]}'`

type Client = Libp2p<{ records: SmartRecordClient }>

async function withClient(name: string | undefined, run: (client: Client) => Promise<void>): Promise<void> {
  const libp2p = await createLibp2p({
    ...stack(),
    privateKey: await identity(name),
    services: {
      records: smartRecordClient({ network: NETWORK, protocols: [recordClientProtocol(), goClientProtocol()] }),
    },
  })
  try {
    await run(libp2p)
  } finally {
    await libp2p.stop()
  }
}

async function put(address: string, key: string, text: string, ttl: number, name: string | undefined): Promise<void> {
  const body = parse(text)
  if (!isKind(body, 'dict')) {
    throw new TypeError('expected a Dict as document: {…}')
  }
  await withClient(name, async ({ peerId, services }) => {
    const { expires } = await services.records.update(address, key, body, { ttl })
    // the old protocol does not say which life the server granted
    const life = expires === undefined ? `for at most ${ttl} s` : `until ${new Date(expires).toISOString()}`
    console.log(`${peerId.toString()} wrote to ${key}, ${life}`)
  })
}

async function get(address: string, key: string): Promise<void> {
  await withClient(undefined, async ({ services }) => {
    const { documents } = await services.records.get(address, key)
    console.log(showRecord(key, documents))
  })
}

/** What a command line asks for. */
type Command =
  | { readonly verb: 'help' }
  | { readonly verb: 'get'; readonly address: string; readonly key: string }
  | {
      readonly verb: 'put'
      readonly address: string
      readonly key: string
      readonly text: string
      readonly ttl: number
      readonly name: string | undefined
    }

/** @throws TypeError that says which argument is wrong */
function commandOf(args: string[]): Command {
  assertFlagsArrived(['ttl', 'as'], process.env)
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ttl: { type: 'string' }, as: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  const [verb, address, key, text, ...more] = positionals
  if (values.help === true) {
    return { verb: 'help' }
  }
  if (verb !== 'put' && verb !== 'get') {
    throw new TypeError(`expected put or get, got ${verb ?? 'no command'}`)
  }
  if (address === undefined || key === undefined) {
    throw new TypeError(
      `${verb}: expected ${address === undefined ? '<multiaddr> and <key>' : '<key>'}, got no more arguments`,
    )
  }
  if (verb === 'get') {
    if (text !== undefined || values.ttl !== undefined || values.as !== undefined) {
      throw new TypeError(
        `get: expected nothing after <key>, got ${text ?? (values.as === undefined ? '--ttl' : '--as')}`,
      )
    }
    return { verb, address, key }
  }
  if (text === undefined || more.length > 0) {
    const quotes = 'a document with spaces needs quotes around it'
    throw new TypeError(
      `put: expected one <document> after <key>, got ${text === undefined ? 'none' : more.length + 1}; ${quotes}`,
    )
  }
  const ttl = Number(values.ttl ?? 60)
  if (!Number.isInteger(ttl) || ttl < 1) {
    throw new TypeError(`--ttl: expected whole seconds from 1, got ${values.ttl}`)
  }
  return { verb, address, key, text, ttl, name: values.as }
}

function commandOrUsage(): Command {
  try {
    return commandOf(process.argv.slice(2))
  } catch (err) {
    console.error(`${(err as Error).message}\n\n${USAGE}`)
    process.exit(2)
  }
}

const command = commandOrUsage()
try {
  switch (command.verb) {
    case 'help':
      console.log(USAGE)
      break
    case 'get':
      await get(command.address, command.key)
      break
    case 'put':
      await put(command.address, command.key, command.text, command.ttl, command.name)
      break
  }
} catch (err) {
  const { code, message, cause } = err as { code?: string; message: string; cause?: { message?: string } }
  console.error(code === undefined ? message : `${code}: ${message}`)
  if (cause?.message !== undefined && cause.message !== '') {
    console.error(`  because: ${cause.message}`)
  }
  process.exitCode = 1
}
