import { print } from '@sr/xr'
import type { Row } from '../report/row.ts'
import { goRecordClient, goRecordServer } from './go.ts'
import { ourRecordClient, ourRecordServer } from './ours.ts'
import {
  type KeyType,
  type Part,
  RECORD_PAIRINGS,
  type RecordClient,
  type RecordPairing,
  type RecordServer,
  type Shown,
  type Transport,
  TRANSPORTS,
} from './peer.ts'

/** Two clients of one server. */
export interface RecordPair {
  readonly server: RecordServer
  readonly a: RecordClient
  readonly b: RecordClient
  /** Another client, with a key of another type than Ed25519. The caller closes it. */
  client(key: KeyType): Promise<RecordClient>
  /** A text with A, B and S for the ids of the peers. */
  name(text: string): string
  close(): Promise<void>
}

async function startPair(pairing: RecordPairing, transport: Transport): Promise<RecordPair> {
  const [who, whom] = pairing.split(' → ')
  const server = await (whom === 'v1' ? goRecordServer() : ourRecordServer())
  const start = who === 'v1' ? goRecordClient : ourRecordClient
  const [a, b] = await Promise.all([start(server, transport), start(server, transport)])
  return {
    server,
    a,
    b,
    client: async (key) => await start(server, transport, key),
    name: (text) => text.replaceAll(a.id, 'A').replaceAll(b.id, 'B').replaceAll(server.id, 'S'),
    async close() {
      await Promise.all([a.close(), b.close()])
      await server.close()
    },
  }
}

/** The pairs that rows share, started at the first row that needs one. Each row has a key of its own. */
const pairs = new Map<string, Promise<RecordPair>>()

async function sharedPair(pairing: RecordPairing, transport: Transport): Promise<RecordPair> {
  const name = `${pairing} ${transport}`
  const pair = pairs.get(name) ?? startPair(pairing, transport)
  pairs.set(name, pair)
  return await pair
}

/** Ends all pairs. */
export async function closeRecordPairs(): Promise<void> {
  await Promise.all(Array.from(pairs.values(), async (pair) => await (await pair).close()))
  pairs.clear()
}

/** What a scenario does: its result is what was seen. */
type Scenario = (pair: RecordPair, key: Uint8Array) => Promise<string>

/** The same scenario for every pairing and transport. */
export function recordScenario(name: string, wanted: string, run: Scenario): Row[] {
  return TRANSPORTS.flatMap((transport) =>
    RECORD_PAIRINGS.map((direction) => ({
      name: `1.0.0 ${transport}: ${name}`,
      direction,
      wanted,
      waits: false,
      async run() {
        const pair = await sharedPair(direction, transport)
        return pair.name(await run(pair, new TextEncoder().encode(name)))
      },
    })),
  )
}

/** What shows, writer by writer, in the order of their names. */
export function shown(pair: RecordPair, { documents }: Shown): string {
  const texts = Array.from(documents, ([id, { node, signed }]) =>
    pair.name(`${id}=${print(node)}${signed ? ' signed' : ''}`),
  )
  return texts.length === 0 ? 'empty' : texts.sort().join(', ')
}

/** A part in short, without counters. */
export function partText(part: Part | string): string {
  if (typeof part === 'string') {
    return part
  }
  switch (part.kind) {
    case 'snapshot':
      return `snapshot {${part.documents?.map(({ writer, node }) => `${writer}=${print(node)}`).join(', ')}}`
    case 'changes':
      return `changes ${part.changes?.map(({ writer, events }) => `${writer}: ${events.map(eventText).join(', ')}`).join('; ')}`
    case 'updates':
      return `${part.updates?.length} updates`
    case 'reset':
      return `reset ${part.why}`
    default:
      return part.kind
  }
}

type PartEvent = NonNullable<Part['changes']>[number]['events'][number]

function eventText({ cause, isMember, path, value }: PartEvent): string {
  const where = `/${path.map((node) => print(node)).join('/')}`
  return `${cause}${isMember ? ' member' : ''} ${where}${value === undefined ? '' : ` ${print(value)}`}`
}
