import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { identity } from './identity.ts'
import type { RecordNode } from './node.ts'

const KEY = 'lobby'

/** Seconds the sample is said for. */
const TTL_S = '120'

/** A port where no peer listens, the discard service's. */
const UNUSED_PORT = 9

const RECORD = fileURLToPath(new URL('record.ts', import.meta.url))

/**
 * A record going over the network: two clients, each a process of its own with an identity of its
 * own, write to the node; a third reads what both say.
 */
export async function tour(
  { machine }: RecordNode,
  address: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const ann = peerIdFromPrivateKey(await identity('ann')).toString()
  const at = `dialable(address=multiaddr("/ip4/127.0.0.1/tcp/${UNUSED_PORT}/p2p/${ann}"))`
  say(
    '\nann writes, from a process of her own. She also asks whether she can be reached, at a port where no peer listens:',
  )
  await record(signal, [
    'put',
    address,
    KEY,
    `{nick="ann" topics=["chess" "go"] board=0xc0ffee at=${at}}`,
    '--as',
    'ann',
    '--ttl',
    TTL_S,
  ])
  say('\nbob adds what he says. He could not alter what ann says:')
  await record(signal, [
    'put',
    address,
    KEY,
    '{nick="bob" topics=["go"] since=2026 mood=0.75}',
    '--as',
    'bob',
    '--ttl',
    TTL_S,
  ])
  say('\nanybody reads both, and what the node found out:')
  await record(signal, ['get', address, KEY])
  say('\nEverything expires. The node gives them')
  const now = Date.now()
  for (const [writer, { next }] of (await machine.get(new TextEncoder().encode(KEY))).documents) {
    say(
      `  ${writer}  another ${Math.round(((next ?? now) - now) / 1000)} s${writer === machine.self ? ' (its own document: what it has found out)' : ''}`,
    )
  }
}

async function record(signal: AbortSignal, args: string[]): Promise<void> {
  const child = spawn(process.execPath, [RECORD, ...args], { stdio: 'inherit', signal })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  if (code !== 0) {
    throw new Error(`a client ended with code ${String(code)}`)
  }
}
