import type { Spec } from './spec.ts'

/** A record's key: text, or any bytes. */
export type Key = string | Uint8Array

/** A peer that serves records. */
export interface Server {
  readonly id: string
  /** a multiaddr that ends in its peer id */
  readonly address: string
  close(): Promise<void>
}

/** A peer that reads and writes on one server. Calls throw {@link Refusal}. */
export interface Client {
  readonly id: string
  update(key: Key, document: Spec, ttl?: number | bigint): Promise<void>
  /** Go JSON text of each document, by its writer */
  get(key: Key): Promise<Map<string, string>>
  /** streams opened for records so far */
  streams(): number
  close(): Promise<void>
}

/** Life of what rows write unless they say otherwise, seconds. */
export const TTL_S = 600

/** How a request ended that got no answer: `reset`, `eof`, `timeout`, or the client's own word for it. */
export class Refusal extends Error {
  readonly what: string

  constructor(what: string, cause?: unknown) {
    super(what, { cause })
    this.name = 'Refusal'
    this.what = what
  }
}

/** What a call came to: its value, or how it was refused. */
export async function outcome<T>(call: Promise<T>): Promise<T | Refusal> {
  try {
    return await call
  } catch (err) {
    if (err instanceof Refusal) {
      return err
    }
    throw err
  }
}

/** `ok`, or how the call was refused. */
export async function said(call: Promise<unknown>): Promise<string> {
  const came = await outcome(call)
  return came instanceof Refusal ? came.what : 'ok'
}

export function keyBytes(key: Key): Buffer {
  return Buffer.from(key)
}
