import { duplexPair, FrameReader, frame, type ServeContextInit, serveContext } from '@sr/protocol'
import { encodeRequest, readServerMessage, type Request, type ServerMessage } from '@sr/protocol/messages'
import { plainUpdates } from '@sr/vm/testing'
import { createMachine, type LocalMachine, type MachineInit } from '@sr/vm'
import { type RecordServerInit, recordServerProtocol } from '@sr/protocol-server/session'

export const SELF = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
export const PEER = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'

export async function startMachine(init: Partial<MachineInit> = {}): Promise<LocalMachine> {
  const machine = createMachine({ self: SELF, updates: plainUpdates(SELF), ...init })
  await machine.start()
  return machine
}

/** One stream to a server, message by message. */
export interface RawClient {
  send(id: number, request: Request): void
  /** sends bytes as they are */
  write(bytes: Uint8Array): void
  /** the next message; undefined when the server has ended its side */
  next(): Promise<ServerMessage | undefined>
  /** the next message with an id that is no part */
  ask(id: number, request: Request): Promise<ServerMessage>
  end(): Promise<void>
  /** settles when the server's side of the session is over */
  readonly served: Promise<void>
}

export function connect(
  context: Pick<ServeContextInit, 'machine'> & Partial<ServeContextInit>,
  init?: RecordServerInit,
): RawClient {
  const [ours, theirs] = duplexPair()
  const served = recordServerProtocol(init).serve(theirs, serveContext({ peer: PEER, ...context }))
  served.catch(() => {})
  const reader = new FrameReader()
  const next = async (): Promise<ServerMessage | undefined> => {
    for (;;) {
      const message = reader.next()
      if (message !== undefined) return readServerMessage(message)
      const chunk = await ours.read()
      if (chunk === undefined) return undefined
      reader.push(chunk)
    }
  }
  const write = (bytes: Uint8Array): void => {
    ours.write(bytes).catch(() => {})
  }
  const send = (id: number, request: Request): void => {
    write(frame(encodeRequest(id, request)))
  }
  const ask = async (id: number, request: Request): Promise<ServerMessage> => {
    send(id, request)
    const answer = await next()
    if (answer?.id !== id) throw new Error(`expected an answer to ${id}, got one to ${answer?.id}`)
    return answer
  }
  return { send, write, next, ask, served, end: () => ours.close() }
}
