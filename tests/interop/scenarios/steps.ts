import { type Client, type Key, outcome, Refusal, said, TTL_S } from '../peers/peer.ts'
import type { Spec } from '../peers/spec.ts'
import type { Pair } from '../peers/harness.ts'

/** The record in short, or how the GET was refused. */
export async function read(pair: Pair, client: Client, key: Key): Promise<string> {
  const record = await outcome(client.get(key))
  return record instanceof Refusal ? record.what : pair.names.record(record)
}

/** How an update went, and what shows after it. */
export async function putAndGet(pair: Pair, key: Key, document: Spec, ttl: number | bigint = TTL_S): Promise<string> {
  return `${await said(pair.a.update(key, document, ttl))}; ${await read(pair, pair.a, key)}`
}

export async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
