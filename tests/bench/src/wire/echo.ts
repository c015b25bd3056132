import type { Stream } from '@libp2p/interface'
import { frame, FrameReader } from '@sr/protocol'

/** A key-value store without any of what records need: a Map behind a length prefix and JSON. */
export const BARE = '/bench/bare/1.0.0'
/** Sends each message back, with a write for each. */
export const ECHO = '/bench/echo/1.0.0'
/** Sends each message back, those of one chunk in one write. */
export const ECHO_JOINED = '/bench/echo-joined/1.0.0'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * Frames on a stream of libp2p as it is: its messages are cut into frames as they arrive, and every write is sent at once. No
 * deadlines, no limits, no back-pressure, which a real protocol needs.
 */
function frames(stream: Stream, onFrames: (frames: Uint8Array[]) => void): (frames: readonly Uint8Array[]) => void {
  const reader = new FrameReader()
  stream.addEventListener('message', ({ data }) => {
    reader.push(data.subarray())
    const found: Uint8Array[] = []
    for (let message = reader.next(); message !== undefined; message = reader.next()) found.push(message)
    onFrames(found)
  })
  return (messages) => {
    const [first, ...others] = messages.map((message) => frame(message))
    stream.send(others.length === 0 ? (first as Uint8Array) : Buffer.concat([first as Uint8Array, ...others]))
  }
}

function serve(stream: Stream, joined: boolean, handle: (message: Uint8Array) => Uint8Array): void {
  const send = frames(stream, (messages) => {
    const answers = messages.map(handle)
    for (const batch of joined ? [answers] : answers.map((answer) => [answer])) {
      if (batch.length > 0) send(batch)
    }
  })
}

/** What a node must offer to serve the handlers. */
interface Handling {
  handle(protocol: string, handler: (stream: Stream) => void): Promise<void>
}

export async function serveBare(node: Handling): Promise<void> {
  const values = new Map<string, string>()
  await node.handle(BARE, (stream) => {
    serve(stream, false, (message) => {
      const { key, value } = JSON.parse(decoder.decode(message)) as { key: string; value?: string }
      if (value !== undefined) values.set(key, value)
      return encoder.encode(JSON.stringify({ value: values.get(key) }))
    })
  })
  await node.handle(ECHO, (stream) => {
    serve(stream, false, (message) => message)
  })
  await node.handle(ECHO_JOINED, (stream) => {
    serve(stream, true, (message) => message)
  })
}

/** A client of a handler that answers in order. Joined: the messages of one turn of the event loop go out in one write. */
export function inOrder(stream: Stream, joined: boolean): (message: Uint8Array) => Promise<Uint8Array> {
  const waiting: Array<(answer: Uint8Array) => void> = []
  const send = frames(stream, (answers) => {
    for (const answer of answers) waiting.shift()?.(answer)
  })
  let batch: Uint8Array[] = []
  return async (message) => {
    const answer = new Promise<Uint8Array>((resolve) => waiting.push(resolve))
    if (!joined) {
      send([message])
    } else if (batch.push(message) === 1) {
      process.nextTick(() => {
        const gathered = batch
        batch = []
        send(gathered)
      })
    }
    return await answer
  }
}

/** An update and a get of the bare handler. */
export function barePair(stream: Stream): (key: string, value: string) => Promise<unknown> {
  const ask = inOrder(stream, false)
  const send = async (request: object): Promise<unknown> => {
    return JSON.parse(decoder.decode(await ask(encoder.encode(JSON.stringify(request)))))
  }
  return async (key, value) => {
    await send({ key, value })
    return await send({ key })
  }
}
