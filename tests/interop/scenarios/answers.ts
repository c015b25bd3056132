import { dict, int, str } from '../recordings/nodes.mjs'
import { frame, MAX_MESSAGE, message, parseMessage, PROTOCOL, TYPE, uvarint } from '../frame.mjs'
import { addressOf, ask, goClient, rawPeer, type RawStream } from '../peers/go-peer.ts'
import { ourClient } from '../peers/our-peer.ts'
import { type Client, outcome, Refusal, said } from '../peers/peer.ts'
import { show } from '../peers/show.ts'
import { goJson } from '../peers/spec.ts'
import { ABSENT_WRITER } from '../peers/harness.ts'
import type { Row } from '../report/row.ts'
import { sleep } from './steps.ts'

/** A client, and the streams it opens to a peer that does as the row says. */
interface Scene {
  readonly client: Client
  accept(timeoutMs?: number): Promise<RawStream>
}

/** The same story for both clients, with a server made by hand on the Go stack. */
function scripted(name: string, wanted: string, run: (scene: Scene) => Promise<string>, waits: boolean = false): Row[] {
  return (['Go → script', 'ours → script'] as const).map((direction) => ({
    name: `answer: ${name}`,
    direction,
    wanted,
    waits,
    async run() {
      const host = await rawPeer({ listen: true })
      await ask(host.peer, 'serve', { protocol: PROTOCOL })
      const server = { id: host.id, address: addressOf(host.peer), close: host.close }
      const client = await (direction === 'Go → script' ? goClient : ourClient)(server)
      try {
        return await run({ client, accept: host.accept })
      } finally {
        await client.close()
        await host.close()
      }
    },
  }))
}

const X = `{"${ABSENT_WRITER}":"${Buffer.from(goJson(dict([str('x'), int(1)]))).toString('base64')}"}`
const record = (key: string, value: string = X): Buffer => frame(message({ type: TYPE.GET, key, value }))

/** The record in short, or how the GET failed. */
async function get(client: Client, key: string): Promise<string> {
  const came = await outcome(client.get(key))
  return came instanceof Refusal ? came.what : came.size === 0 ? 'empty' : Array.from(came.values(), show).join(' ')
}

/** A GET, and bytes for its answer. */
function answered(name: string, wanted: string, bytes: Uint8Array): Row[] {
  return scripted(name, wanted, async ({ client, accept }) => {
    const asked = get(client, 'k')
    const stream = await accept()
    await stream.readFrame()
    await stream.write(bytes)
    return await asked
  })
}

/** An UPDATE, and bytes for its answer. */
function acknowledged(name: string, wanted: string, bytes: Uint8Array): Row[] {
  return scripted(name, wanted, async ({ client, accept }) => {
    const asked = said(client.update('k', dict()))
    const stream = await accept()
    await stream.readFrame()
    await stream.write(bytes)
    return await asked
  })
}

/** Three GETs to a server that does something to the stream behind each answer. */
function between(name: string, wanted: string, act: (stream: RawStream) => Promise<void>): Row[] {
  return scripted(name, wanted, async ({ client, accept }) => {
    let over = false
    const serving = (async () => {
      let stream: RawStream | undefined
      while (!over) {
        stream = await accept().catch(() => undefined)
        if ((await stream?.readFrame()) instanceof Buffer) {
          await stream?.write(record('k'))
          await sleep(100) // the answer goes first
          if (stream !== undefined) {
            await act(stream)
          }
        }
      }
    })()
    const seen: string[] = []
    for (let i = 0; i < 4; i++) {
      seen.push(await get(client, 'k'))
      await sleep(300)
    }
    over = true
    await client.get('k').catch(() => {}) // so that nothing waits for a stream any more
    await serving
    return seen.join('; ')
  })
}

const requests: Row[] = scripted('the request for it', 'GET k; UPDATE k {x=1} for 60 s', async ({ client, accept }) => {
  void client.get('k').catch(() => {})
  const stream = await accept()
  const first = await stream.readFrame()
  await stream.write(record('k'))
  void client.update('k', dict([str('x'), int(1)]), 60).catch(() => {})
  const second = await stream.readFrame()
  if (typeof first === 'string' || typeof second === 'string') {
    return `${String(first)}; ${String(second)}`
  }
  const { type, key, value, ttl } = parseMessage(second)
  return `${first.equals(message({ type: TYPE.GET, key: 'k' })) ? 'GET k' : first.toString('hex')}; ${type === TYPE.UPDATE ? 'UPDATE' : type} ${key.toString()} ${show(value.toString())} for ${ttl} s`
})

/** What clients make of answers, good ones and others. */
export const answerRows: Row[] = [
  ...requests,
  ...answered('one document', '{x=1}', record('k')),
  ...answered('an empty record', 'empty', record('k', '{}')),
  ...answered('null for a record', 'empty', record('k', 'null')),
  ...answered('spaces in a record', '{x=1}', record('k', X.replace(':', ' :\n\t').replace('}', ' }\n'))),
  ...answered(
    'a peer id as a CID',
    '{x=1}',
    record('k', X.replace(ABSENT_WRITER, 'bafzaajaiaejcav2yxwvqjqbafwphjyxbeiykhfv5kmwfihl2tuocfm7wqxvnehhj')),
  ),
  ...answered('of another key', '{x=1}', record('other')),
  ...answered('of another type', '{x=1}', frame(message({ type: TYPE.QUERY, key: 'k', value: X }))),
  ...answered('without a value', 'unreadable', frame(message({ type: TYPE.GET, key: 'k' }))),
  ...answered('a length that is not minimal', 'unreadable', Buffer.from('8500', 'hex')),
  ...answered('longer than 4 MiB', 'too large', uvarint(MAX_MESSAGE + 1)),
  ...acknowledged('an acknowledgement', 'ok', frame(message({ key: 'k' }))),
  ...acknowledged('an acknowledgement of another key', 'ok', frame(message({ key: 'other' }))),
  ...acknowledged('an empty frame as an acknowledgement', 'ok', Buffer.from('00', 'hex')),
  ...between('the stream is ended behind each', '{x=1}; eof; {x=1}; eof', async (stream) => {
    await stream.closeWrite()
  }),
  ...between('the stream is reset behind each', '{x=1}; reset; {x=1}; reset', async (stream) => {
    await stream.reset()
  }),
  ...scripted('a reset instead', 'reset', async ({ client, accept }) => {
    const asked = get(client, 'k')
    const stream = await accept()
    await stream.readFrame()
    await stream.reset()
    return await asked
  }),
  ...scripted('an end instead', 'eof', async ({ client, accept }) => {
    const asked = get(client, 'k')
    const stream = await accept()
    await stream.readFrame()
    await stream.closeWrite()
    return await asked
  }),
  ...scripted('byte by byte', '{x=1}', async ({ client, accept }) => {
    const asked = get(client, 'k')
    const stream = await accept()
    await stream.readFrame()
    for (const byte of record('k')) {
      await stream.write(Uint8Array.of(byte))
    }
    return await asked
  }),
  ...scripted('an unrequested one, before the next', '{x=1}; {}', async ({ client, accept }) => {
    const asked = get(client, 'k')
    const stream = await accept()
    await stream.readFrame()
    const stale = record('k', X.replace(/:".*"/, `:"${Buffer.from(goJson(dict())).toString('base64')}"`))
    await stream.write(Buffer.concat([record('k'), stale]))
    const first = await asked
    await sleep(200)
    const again = get(client, 'k')
    // a client that opens another stream gets the right answer there
    const next = await accept(500).catch(() => undefined)
    await next?.readFrame()
    await next?.write(record('k'))
    return `${first}; ${await again}`
  }),
  ...scripted(
    'after 12 s',
    'timeout',
    async ({ client, accept }) => {
      const asked = get(client, 'k')
      const stream = await accept()
      await stream.readFrame()
      await sleep(12_000)
      await stream.write(record('k')).catch(() => {})
      return await asked
    },
    true,
  ),
]
