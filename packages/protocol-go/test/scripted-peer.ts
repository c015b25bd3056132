import { type ByteDuplex, type ClientSession, duplexPair, frame, FrameReader, type ProtocolError } from '@sr/protocol'
import { goMessage, type GoMessage, goRecordValue } from '../src/index.ts'
import { Dict } from '@sr/xr'
import { type GoClientInit, goClientProtocol } from '../src/client/index.ts'

export const WRITER = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
export const BODY: Dict = Dict.from([['x', 1n]])

/** What a peer does with a request: its answer's bytes, or the end of the stream. */
export type Answer = Uint8Array | 'reset' | 'end' | 'nothing'

/** A peer in memory that answers by a script, and remembers what it was asked, stream by stream. */
export function peer(answer: (message: GoMessage, stream: number, request: number) => Answer | Promise<Answer>): {
  open: () => Promise<ByteDuplex>
  asked: GoMessage[][]
  ended: Array<Promise<'end' | 'reset'>>
} {
  const asked: GoMessage[][] = []
  const ended: Array<Promise<'end' | 'reset'>> = []
  return {
    asked,
    ended,
    open: async () => {
      const [ours, theirs] = duplexPair()
      const stream = asked.push([]) - 1
      const serving = serve(
        theirs,
        asked[stream] as GoMessage[],
        async (message, request) => await answer(message, stream, request),
      )
      ended.push(
        serving.then(
          () => 'end',
          () => 'reset',
        ),
      )
      return ours
    },
  }
}

async function serve(
  end: ByteDuplex,
  asked: GoMessage[],
  answer: (message: GoMessage, request: number) => Promise<Answer>,
): Promise<void> {
  const reader = new FrameReader()
  for (let chunk = await end.read(); chunk !== undefined; chunk = await end.read()) {
    reader.push(chunk)
    for (let bytes = reader.next(); bytes !== undefined; bytes = reader.next()) {
      const message = goMessage.decode(bytes)
      asked.push(message)
      const reply = await answer(message, asked.length - 1)
      if (reply === 'reset') {
        end.abort(new Error('refused'))
      } else if (reply === 'end') {
        await end.close()
      } else if (reply !== 'nothing') {
        await end.write(reply)
      }
    }
  }
}

export const echo: (message: GoMessage) => Uint8Array = ({ type, key }: GoMessage): Uint8Array =>
  frame(
    goMessage.encode({
      type,
      key,
      ...(type === 'get' ? { value: goRecordValue.encode(new Map([[WRITER, Dict.from([['key', key]])]])) } : {}),
    }),
  )

export async function failure(run: () => Promise<unknown>): Promise<{ code: string; applied: string }> {
  try {
    await run()
  } catch (err) {
    const { code, applied } = err as ProtocolError
    return { code, applied }
  }
  return { code: 'none', applied: 'none' }
}

/** A session's timing, and how it opens a stream. */
export interface SessionSetup extends GoClientInit {
  readonly open: (signal: AbortSignal) => Promise<ByteDuplex>
}

export const connect = ({ open, ...init }: SessionSetup): ClientSession => goClientProtocol(init).connect(open)

export async function withSession(setup: SessionSetup, run: (session: ClientSession) => Promise<void>): Promise<void> {
  const session = connect(setup)
  try {
    await run(session)
  } finally {
    session.close()
  }
}
