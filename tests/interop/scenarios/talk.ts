import { parseMessage } from '../frame.mjs'
import { type RawStream, writersOf } from '../peers/go-peer.ts'
import type { Pair } from '../peers/harness.ts'

const TYPES = ['UPDATE', 'GET', 'QUERY']

/** Keys that are longer are given by their length. */
const LONG = 100

/** How long a stream is watched that should stay as it is, ms. */
export const QUIET_MS = 400

/** A frame in short: `GET k: A={x=1}`, `UPDATE k`. */
export function showFrame(pair: Pair, frame: Uint8Array): string {
  const { type, key, value, ttl } = parseMessage(frame)
  const name =
    key.length > LONG
      ? `${key.length} bytes`
      : /^[\w :,'-]*$/.test(key.toString())
        ? key.toString()
        : `0x${key.toString('hex')}`
  return [
    `${TYPES[type] ?? `type ${type}`} ${name}`,
    ...(value.length === 0 ? [] : [`: ${pair.names.record(writersOf(value))}`]),
    ...(ttl === 0n ? [] : [` for ${ttl} s`]),
  ].join('')
}

/** So many answers, or fewer and how the stream ended. */
export async function answers(pair: Pair, stream: RawStream, count: number): Promise<string[]> {
  const seen: string[] = []
  for (let i = 0; i < count; i++) {
    const frame = await stream.readFrame()
    if (typeof frame === 'string') {
      return [...seen, frame]
    }
    seen.push(showFrame(pair, frame))
  }
  return seen
}

/** How a stream ends; `open` when it does not within the time. */
export async function ending(stream: RawStream, timeoutMs?: number): Promise<string> {
  const { end, bytes } = await stream.readEnd(timeoutMs)
  return `${bytes === 0 ? '' : `${bytes} bytes, `}${end === 'timeout' ? 'open' : end}`
}

/** Opens a stream that is reset in the end. */
export async function withStream(
  pair: Pair,
  run: (stream: RawStream) => Promise<string>,
  negotiate?: 'lazy' | 'eager',
): Promise<string> {
  if (pair.raw === undefined) {
    throw new Error(`${pair.pairing} sends no bytes by hand`)
  }
  const stream = await pair.raw.open(pair.server, negotiate)
  try {
    return await run(stream)
  } finally {
    await stream.reset()
  }
}

/**
 * Sends bytes on a stream of their own, takes as many answers as there should be, and then ends its
 * side: `answers; end`.
 */
export async function talk(
  pair: Pair,
  bytes: Uint8Array,
  count: number,
  negotiate?: 'lazy' | 'eager',
): Promise<string> {
  return await withStream(
    pair,
    async (stream) => {
      await stream.write(bytes)
      const seen = await answers(pair, stream, count)
      if (seen.length < count || (count > 0 && /^(?:reset|eof|timeout)$/.test(seen.at(-1) ?? ''))) {
        return seen.join('; ')
      }
      if (count > 0) {
        await stream.closeWrite()
      }
      return [...seen, await ending(stream)].join('; ')
    },
    negotiate,
  )
}
