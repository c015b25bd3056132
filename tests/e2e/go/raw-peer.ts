import { goDocument, type GoMessage, goMessage, type GoMessageInit, goRecordValue } from '@sr/protocol-go'
import {
  type ByteDuplex,
  duplexPair,
  frame,
  FrameReader,
  serveContext,
  type ServeContextInit,
  toRefusal,
} from '@sr/protocol'
import { goServerProtocol, type GoServerTimeouts } from '@sr/protocol-go/server'
import { normalizeAddress, reachabilityVerdicts } from '@sr/grammar-base'
import { createMachine, type LocalMachine, type MachineInit } from '@sr/vm'
import { plainUpdates } from '@sr/vm/testing'
import { type Dict, from, type Plain } from '@sr/xr'

export const SELF = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
export const ANN = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
export const CAROL = '12D3KooWBTweoqdGGkpgMFX9DqVEtrtsA9JK3fcCGEb2BTa3DAWJ'
export const BOB = '12D3KooWLrdaWuiZ6aaWn1HarqtwVy7Q3h1Q17jy9kWD7eao6Fsg'

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
export const dict = (plain: Plain): Dict => from(plain) as Dict

export async function startMachine(init: Partial<MachineInit> = {}): Promise<LocalMachine> {
  const machine = createMachine({ self: SELF, updates: plainUpdates(SELF), ...init })
  await machine.start()
  return machine
}

export const getOf = (key: string, type: 'get' | 'query' = 'get'): GoMessageInit => ({ type, key: bytes(key) })

export const updateOf = (key: string, body: Plain, ttl = 60n): GoMessageInit => ({
  type: 'update',
  key: bytes(key),
  value: goDocument.encode(from(body)),
  ttl,
})

/** Everything that can happen by itself has happened: a stream in memory needs no more than one turn. */
export const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

const open = new Set<RawPeer>()

/** Ends the sessions a test has left open, whose timers would keep the process alive. */
export async function endAll(): Promise<void> {
  for (const peer of open) {
    peer.duplex.abort(new Error('the test is over'))
  }
  await Promise.all(Array.from(open, ({ session }) => session))
  open.clear()
}

/** How a session is served. */
export interface RawPeerInit extends Omit<ServeContextInit, 'peer' | 'count'> {
  readonly timeouts?: GoServerTimeouts
}

/** Errors that mean that the peer ended the stream. */
const ENDED_BY_PEER: readonly unknown[] = ['PROTOCOL_RESET', 'PROTOCOL_CLOSED']

/** The other end of a session: sends any bytes, and checks closely what arrives. */
export class RawPeer {
  readonly duplex: ByteDuplex
  readonly reader = new FrameReader()
  readonly session: Promise<void>
  readonly counters = new Map<string, number>()
  readonly refusals: unknown[] = []

  constructor({ timeouts = {}, ...init }: RawPeerInit, peer: string = ANN) {
    const [ours, theirs] = duplexPair()
    this.duplex = ours
    const protocol = goServerProtocol({ verdicts: reachabilityVerdicts, normalizeAddress, timeouts })
    const context = serveContext({
      ...init,
      peer,
      count: (name, by) => this.counters.set(name, (this.counters.get(name) ?? 0) + by),
    })
    this.session = protocol.serve(theirs, context).catch((err: unknown) => {
      if (ENDED_BY_PEER.includes((err as { code?: unknown } | null | undefined)?.code)) {
        this.counters.set('sessions.reset', 1)
      } else {
        this.refusals.push(err)
        this.counters.set(`refused.${toRefusal(err).status}`, 1)
      }
    })
    open.add(this)
  }

  async send(...messages: GoMessageInit[]): Promise<void> {
    await this.duplex.write(Buffer.concat(messages.map((message) => frame(goMessage.encode(message)))))
  }

  /** The next message, or how the stream ended. */
  async next(): Promise<GoMessage | 'end' | 'reset'> {
    for (let message = this.reader.next(); ; message = this.reader.next()) {
      if (message !== undefined) {
        return goMessage.decode(message)
      }
      let chunk: Uint8Array | undefined
      try {
        chunk = await this.duplex.read()
      } catch {
        return 'reset'
      }
      if (chunk === undefined) {
        return 'end'
      }
      this.reader.push(chunk)
    }
  }

  async ask(message: GoMessageInit): Promise<GoMessage> {
    await this.send(message)
    const answer = await this.next()
    if (typeof answer === 'string') {
      throw new Error(`an answer was expected, not ${answer}`)
    }
    return answer
  }

  async get(key: string): Promise<Map<string, Dict>> {
    return goRecordValue.decode((await this.ask(getOf(key))).value)
  }

  /** Sends bytes and tells how the stream ended, and what the server counted it as. */
  async refused(sent: Uint8Array): Promise<[string, string | undefined]> {
    await this.duplex.write(sent)
    const end = await this.next()
    await this.session
    return [typeof end === 'string' ? end : end.type, this.counted()]
  }

  counted(): string | undefined {
    return [...this.counters.keys()].find((name) => name.startsWith('refused.'))
  }
}
