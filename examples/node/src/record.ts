/**
 * Writes and reads records on a node, from a terminal:
 *
 *   npm run record -- put <multiaddr> <key> '{nick="ann"}' [--ttl 60] [--as ann]
 *   npm run record -- get <multiaddr> <key>
 */
import { parseArgs } from 'node:util'
import { multiaddr } from '@multiformats/multiaddr'
import { smartRecordClient, type SmartRecordClient } from '@sr/protocol-client'
import { isKind } from '@sr/xr'
import { parse } from '@sr/xr/text'
import type { Libp2p } from '@libp2p/interface'
import { createLibp2p } from 'libp2p'
import { identity } from './identity.ts'
import { showRecord } from './show.ts'
import { stack } from './transport.ts'

const USAGE = `npm run record -- put <multiaddr> <key> <document> [--ttl seconds] [--as name]
npm run record -- get <multiaddr> <key>

  <multiaddr>  where the node is, as it prints it
  <key>        the record
  <document>   what you say, in the text syntax: '{nick="ann" topics=["chess"]}'
  --ttl        how long you say it for, default 60 seconds; a server may cut it to what it grants
  --as         a name that stands for an identity, for trying things out: who knows the name can write as
               you. Without it you are a new writer each time.

What you say is added to what you said before. To take something back: '{nick=$remove() topics=[$remove("chess")]}'`

type Client = Libp2p<{ records: SmartRecordClient }>

async function withClient(name: string | undefined, run: (client: Client) => Promise<void>): Promise<void> {
  const libp2p = await createLibp2p({
    ...stack(),
    privateKey: await identity(name),
    services: { records: smartRecordClient() },
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
    throw new TypeError('a document is a Dict: {…}')
  }
  await withClient(name, async ({ peerId, services }) => {
    await services.records.update(multiaddr(address), key, body, { ttl })
    console.log(`${peerId.toString()} wrote to ${key}, for ${ttl} s`)
  })
}

async function get(address: string, key: string): Promise<void> {
  await withClient(undefined, async ({ services }) => {
    console.log(showRecord(key, await services.records.get(multiaddr(address), key)))
  })
}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ttl: { type: 'string', default: '60' }, as: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  const [verb, address, key, text] = positionals
  if (values.help === true) {
    console.log(USAGE)
    return
  }
  if (verb === 'put' && address !== undefined && key !== undefined && text !== undefined) {
    await put(address, key, text, Number(values.ttl), values.as)
  } else if (verb === 'get' && address !== undefined && key !== undefined) {
    await get(address, key)
  } else {
    console.error(USAGE)
    process.exitCode = 2
  }
}

try {
  await run(process.argv.slice(2))
} catch (err) {
  const { code, message, cause } = err as { code?: string; message: string; cause?: { message?: string } }
  console.error(code === undefined ? message : `${code}: ${message}`)
  if (cause?.message !== undefined && cause.message !== '') {
    console.error(`  because: ${cause.message}`)
  }
  process.exitCode = 1
}
