import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { GO_PROTOCOL, goMessage, goRecordValue } from '@sr/protocol-go'
import { frame } from '@sr/protocol'
import { type Dict, from } from '@sr/xr'
import { shown, startBare, startClient } from './hosts.ts'
import { RawStream, spawnServer } from './remote.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** Short deadlines, so that the tests need not wait for the real ones. */
const TIMEOUTS = { idle: 1500, frame: 400, handler: 5000, write: 400 }

let server: Awaited<ReturnType<typeof spawnServer>>
let honest: Awaited<ReturnType<typeof startClient>>
let hostile: Awaited<ReturnType<typeof startBare>>
let greedy: Awaited<ReturnType<typeof startBare>> | undefined

beforeAll(async () => {
  server = await spawnServer({ timeouts: TIMEOUTS })
  honest = await startClient()
  hostile = await startBare(false)
  await honest.records.update(server.tcp, 'honest', from({ nick: 'ann' }) as Dict, { ttl: 3600 })
})

afterAll(async () => {
  await Promise.all([honest.stop(), hostile.stop(), greedy?.stop()])
  await server.stop()
})

/** The honest client asks all the while; what it got that was wrong. It is not answered while the server is held up. */
async function meanwhile(abuse: () => Promise<void>): Promise<string[]> {
  let over = false
  const complaints: string[] = []
  const asking = (async () => {
    for (let answers = 0; !over || answers < 5; answers++) {
      const text = shown(await honest.records.get(server.tcp, 'honest'))[honest.peer]
      if (text !== '{nick="ann"}') {
        complaints.push(String(text))
      }
      await sleep(2)
    }
  })()
  await abuse()
  over = true
  await asking
  return complaints
}

async function open(): Promise<RawStream> {
  return await RawStream.open(hostile.node, server.tcp)
}

describe('others are served while a hostile peer', () => {
  const update = (value: string): Uint8Array =>
    frame(goMessage.encode({ type: 'update', key: Buffer.from('bad'), value: Buffer.from(value), ttl: 60n }))

  it.each<[string, string, Uint8Array]>([
    ['B1', 'sends a length without end', new Uint8Array(3 * 1024 * 1024).fill(0x80)],
    ['B2', 'claims 2^27 bytes', hex('80808040')],
    ['B2', 'claims 2^53 bytes', hex('8080808080808010')],
    ['B3', 'sends a length that is not minimal', hex('8100')],
    ['B4', 'sends 3 million empty frames', new Uint8Array(3_000_000)],
    ['B8', 'sends a message cut off', hex('03 1205 32')],
    ['B9', 'sends a TTL cut off', hex('07 1201 41 20 80 80 80')],
    ['B10', 'sends a length that wraps', hex('07 12 8180808010 41')],
    ['B11', 'asks for something unknown', hex('05 0863 1201 41')],
    ['B13', 'nests 20,000 groups', frame(new Uint8Array(20_000).fill(0x2b))],
    ['B14', 'says two keys', hex('06 1201 41 1201 42')],
    ['B15', 'sends a million fields', frame(Buffer.alloc(2_000_000, hex('2801')))],
    ['B17', 'leaves out the key', hex('02 0801')],
    ['B18', 'sends a key of 1 MiB', frame(goMessage.encode({ type: 'get', key: new Uint8Array(1024 * 1024) }))],
    ['B19', 'sends an answer', hex('05 1203 323334')],
    ['D1', 'nests 150,000 Lists', update('{"List_IPLD":{"Elements":['.repeat(150_000))],
    [
      'D12',
      'says 200,000 small things',
      update(`{"List_IPLD":{"Elements":[${new Array<string>(200_000).fill('{"Bool_IPLD":true}').join()}]}}`),
    ],
  ])('%s: %s', async (_row, _what, bytes) => {
    let end: unknown
    expect(
      await meanwhile(async () => {
        const stream = await open()
        await stream.duplex.write(bytes).catch(() => {}) // it may be reset before all of it is sent
        end = await stream.next()
      }),
    ).toEqual([])
    expect(end).toBe('reset')
  })

  it('B5: ends inside a frame', async () => {
    const stream = await open()
    await stream.duplex.write(hex('07 0801'))
    await stream.duplex.close()
    expect(await stream.next()).toBe('reset')
  })

  it('B6, B7: sends half a request and then nothing, or a byte now and then', async () => {
    expect(
      await meanwhile(async () => {
        const streams = await Promise.all(Array.from({ length: 10 }, open))
        const trickles = streams.map((stream, i) => {
          stream.duplex.write(hex('f901 08')).catch(() => {})
          return i % 2 === 0
            ? undefined
            : setInterval(() => {
                stream.duplex.write(hex('01')).catch(() => {})
              }, 50)
        })
        expect(await Promise.all(streams.map((stream) => stream.next()))).toEqual(streams.map(() => 'reset'))
        trickles.forEach((trickle) => {
          clearInterval(trickle)
        })
      }),
    ).toEqual([])
  })

  it('N6: asks and never reads', async () => {
    const big = from(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`k${i}`, 'x'.repeat(30_000)]))) as Dict
    await honest.records.update(server.tcp, 'big', big, { ttl: 3600 })
    // as it is sent: base64 of JSON
    const answer = goRecordValue.encode(new Map([[honest.peer, big]])).length
    const held: number[] = []
    expect(
      await meanwhile(async () => {
        let over = false
        const looking = (async () => {
          while (!over) {
            held.push((await server.report()).buffered)
            await sleep(10)
          }
        })()
        const ends = await Promise.all(
          Array.from({ length: 8 }, async () => {
            const connection = await hostile.node.dial(server.tcp)
            const stream = await connection.newStream(GO_PROTOCOL)
            const closed = new Promise<void>((resolve) => {
              stream.addEventListener('close', () => {
                resolve()
              })
            })
            stream.pause()
            for (let i = 0; i < 100; i++) {
              stream.send(frame(goMessage.encode({ type: 'get', key: Buffer.from('big') })))
            }
            await closed
            return stream.status
          }),
        )
        over = true
        await looking
        expect(ends).toEqual(ends.map(() => 'reset'))
      }),
    ).toEqual([])
    const { buffered, counters } = await server.report()
    expect(counters['refused.E_TIMEOUT']).toBeGreaterThanOrEqual(8)
    // of the hundred answers of each it made one, and it keeps none
    expect(Math.max(...held)).toBeGreaterThanOrEqual(answer)
    expect(Math.max(...held)).toBeLessThan(10 * (answer + 4096))
    expect(buffered).toBe(0)
  })
})

describe('streams are limited', () => {
  it('N1: to 16 on one connection and 64 of one peer, and others get theirs', async () => {
    const { node } = (greedy = await startBare(false))
    const probe = async (stream: RawStream): Promise<string> => {
      try {
        await stream.send({ type: 'get', key: Buffer.from('honest') })
      } catch {
        return 'reset'
      }
      const answer = await stream.next()
      return typeof answer === 'string' ? answer : 'served'
    }
    const outcomes: string[] = []
    const streams: RawStream[] = []
    for (let c = 0; c < 5; c++) {
      const connection = await node.dial(server.tcp, { force: true })
      for (let s = 0; s < 17; s++) {
        try {
          const stream = await RawStream.on(connection)
          streams.push(stream)
          outcomes.push(await probe(stream))
        } catch {
          outcomes.push('reset')
        }
      }
    }
    const served = outcomes.filter((outcome) => outcome === 'served').length
    expect(served).toBe(64)
    expect(outcomes.slice(0, 17)).toEqual([...new Array<string>(16).fill('served'), 'reset'])
    expect(shown(await honest.records.get(server.tcp, 'honest'))).toEqual({ [honest.peer]: '{nick="ann"}' })
    streams.forEach((stream) => {
      stream.duplex.abort(new Error('enough'))
    })
    await greedy.stop()
    await sleep(50)
    expect((await server.report()).streams).toBeLessThan(5)
  })
})

describe('an unused stream', () => {
  it('is reset, and a client goes on with a new one', async () => {
    const stream = await open()
    expect(await stream.next()).toBe('reset')
    const quiet = await startClient()
    await quiet.records.update(server.tcp, 'quiet', from({ n: 1 }) as Dict, { ttl: 60 })
    await sleep(TIMEOUTS.idle + 300)
    await quiet.records.update(server.tcp, 'quiet', from({ n: 2 }) as Dict, { ttl: 60 })
    expect(shown(await quiet.records.get(server.tcp, 'quiet'))).toEqual({ [quiet.peer]: '{n=2}' })
    await quiet.stop()
  })
})
