import { readFileSync } from 'node:fs'
import { baseGrammar, memoryProber, normalizeAddress, reachabilityVerdicts } from '@sr/grammar-base'
import { goDocument } from '@sr/protocol-go'
import { type ByteDuplex, duplexPair, serveContext } from '@sr/protocol'
import { goClientProtocol } from '@sr/protocol-go/client'
import { goServerProtocol } from '@sr/protocol-go/server'
import { createMachine } from '@sr/vm'
import { manualClock, type ManualClock, plainUpdates } from '@sr/vm/testing'
import type { Dict } from '@sr/xr'
import { parseMessage } from '../frame.mjs'
import { writersOf } from '../peers/go-peer.ts'
import { show } from '../peers/show.ts'
import { Names, ABSENT_WRITER } from '../peers/harness.ts'
import type { Row } from '../report/row.ts'

/** One exchange as it was recorded; vectors/README.md says how to read it. */
interface Case {
  name: string
  by: 'client' | 'raw'
  writer?: string
  request: string
  response?: string
  writers?: Record<string, string>
  end?: string
}

const session = JSON.parse(readFileSync(new URL('../../../vectors/wire/go-session.json', import.meta.url), 'utf8')) as {
  peers: { server: string; client: string; other: string }
  cases: Case[]
}
const { peers, cases } = session
const names = new Names([
  [peers.client, 'A'],
  [peers.other, 'B'],
  [peers.server, 'S'],
  [ABSENT_WRITER, 'N'],
])

/** Where the recorded session's other peer could be dialled. */
const DIALLED = `/ip4/127.0.0.1/tcp/47811/p2p/${peers.other}`

/** How the recorded session waited for lives to end, by the names of the cases behind it. */
const LATER = /, 3 s later$/
const LATER_MS = 3200

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A message behind its length. */
function messageOf(framed: string): ReturnType<typeof parseMessage> {
  const bytes = Buffer.from(framed, 'hex')
  return parseMessage(bytes.subarray(bytes.findIndex((byte) => byte < 0x80) + 1))
}

/** An answer in short, where it is not the recorded one. */
function shown(answer: string | undefined): string {
  if (answer === undefined) {
    return 'reset'
  }
  const { type, value } = messageOf(answer)
  return type === 0 ? 'ok' : names.record(writersOf(value))
}

/** The answer on a stream, or undefined without one. */
async function answerOn(stream: ByteDuplex, request: string): Promise<string | undefined> {
  await stream.write(Buffer.from(request, 'hex'))
  try {
    const chunk = await stream.read()
    return chunk === undefined ? undefined : hexOf(chunk)
  } catch {
    return undefined
  }
}

/** Says all the recorded requests to a server of ours, in order. Only time is made up. */
async function converse(clock: ManualClock): Promise<Map<Case, string | undefined>> {
  const prober = memoryProber({ reachable: [DIALLED], connected: [`/ip4/127.0.0.1/tcp/1/p2p/${peers.client}`] })
  const machine = createMachine({
    self: peers.server,
    updates: plainUpdates(peers.server),
    clock,
    grammar: baseGrammar({ prober, policy: { allowPrivate: true } }),
    limits: { externalPerMinute: cases.length, externalPerMinutePerWriter: cases.length },
  })
  await machine.start()
  const protocol = goServerProtocol({ verdicts: reachabilityVerdicts, normalizeAddress })
  const answers = new Map<Case, string | undefined>()
  let waited = false
  for (const one of cases) {
    if (!waited && LATER.test(one.name)) {
      waited = true
      await clock.advance(LATER_MS)
    }
    const [ours, theirs] = duplexPair()
    const peer = one.writer ?? peers.client
    const context = serveContext({ machine, peer, observedAddr: '/ip4/127.0.0.1/tcp/1' })
    const serving = protocol.serve(theirs, context).catch(() => {})
    answers.set(one, await answerOn(ours, one.request))
    await ours.close().catch(() => {})
    ours.abort(new Error('the exchange is over'))
    await serving
  }
  await machine.close()
  return answers
}

let conversation: Promise<Map<Case, string | undefined>> | undefined

const SAME = 'the same bytes'

const served: Row[] = cases.map((one) => ({
  name: `replay: ${one.name}`,
  direction: 'replay',
  wanted: one.end ?? SAME,
  waits: false,
  async run() {
    conversation ??= converse(manualClock())
    const answer = (await conversation).get(one)
    return answer !== undefined && answer === one.response ? SAME : shown(answer)
  },
}))

/** Our client in the place of Go's: it asks for the same, and is given the recorded answer. */
async function asked(one: Case): Promise<string> {
  const { type, key, value, ttl } = messageOf(one.request)
  const [ours, theirs] = duplexPair()
  const session = goClientProtocol().connect(async () => ours)
  const answering = (async () => {
    const chunk = await theirs.read().catch(() => undefined)
    await theirs.write(Buffer.from(one.response ?? '', 'hex')).catch(() => {})
    return chunk === undefined ? 'nothing' : hexOf(chunk) === one.request ? SAME : 'other bytes'
  })()
  try {
    if (type === 0) {
      await session.update(key, goDocument.decode(value) as Dict, { ttl: Number(ttl) })
      return await answering
    }
    const { documents } = await session.get(key)
    const read = Array.from(
      documents,
      ([id, { document }]) => `${id}=${show(Buffer.from(goDocument.encode(document)).toString())}`,
    ).sort()
    const recorded = Object.entries(one.writers ?? {})
      .map(([id, text]) => `${id}=${show(text)}`)
      .sort()
    return read.join() === recorded.join() ? await answering : `${await answering}, read as ${names.in(read.join(' '))}`
  } catch (err) {
    return String((err as { code?: string }).code)
  } finally {
    session.close()
    theirs.abort(new Error('the exchange is over'))
    await answering
  }
}

const askers: Row[] = cases
  .filter(({ by }) => by === 'client')
  .map((one) => ({
    name: `replay: ${one.name}, asked by us`,
    direction: 'replay',
    wanted: SAME,
    waits: false,
    run: async () => await asked(one),
  }))

/** What the Go reference said when it was recorded, held against our server and our client. */
export const replay: Row[] = [...served, ...askers]
