// A machine over a large store, in a process of its own: node store-child.ts <fill|serve> <folder> <count>. Prints a line of JSON.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { sqliteStore } from '@sr/store-sqlite'
import { createUpdateCodec } from '@sr/update'
import { createMachine, recordId, systemClock } from '@sr/vm'
import { type Dict, from } from '@sr/xr'
import { keyOf, WRITERS } from './store-sample.ts'

/** Updates that one commit of `fill` puts. */
const FILL = 500

const READS = 100_000
const UPDATES = 6400
const AT_ONCE = 64
const RESOLUTION_MS = 5
const HOUR_MS = 3_600_000
const POLL_MS = 100

/** What `serve` found. */
export interface Serving {
  readonly openMs: number
  readonly readUs: number
  readonly updateUs: number
  readonly expiryMs: number
  readonly loopP99Ms: number
  readonly loopMaxMs: number
  readonly rssMiB: number
}

const [mode, folder = '', countText] = process.argv.slice(2)
const count = Number(countText)
const keys = await Promise.all(
  Array.from({ length: WRITERS }, async (_, n) => {
    const seed = new Uint8Array(32)
    new DataView(seed.buffer).setUint32(0, n + 1)
    return await generateKeyPairFromSeed('Ed25519', seed)
  }),
)
const writers = keys.map((key) => peerIdFromPrivateKey(key).toString())
const [privateKey] = keys as [(typeof keys)[number]]
const codec = createUpdateCodec({ network: 'bench', privateKey })

async function fill(): Promise<object> {
  const store = sqliteStore({ folder, durable: false })
  await store.open()
  const now = Date.now()
  const entryOf = async (n: number) => {
    const writer = writers[n % WRITERS] as string
    const retain = now + HOUR_MS + ((Math.imul(n, 2_654_435_761) >>> 0) % HOUR_MS)
    const fields = {
      key: keyOf(n),
      writer,
      seq: now * 1000 + (n % 1000),
      expires: retain,
      retain,
      body: from({ n }) as Dict,
    }
    const { update, bytes } = await codec.encode(fields)
    const flags = { resumed: false, signed: false, local: true }
    return {
      record: recordId(fields.key),
      hash: update.hash,
      retain,
      writer,
      chargedTo: writer,
      cost: 1200,
      ...flags,
      bytes,
    }
  }
  for (let n = 0; n < count; n += FILL) {
    const put = await Promise.all(Array.from({ length: Math.min(FILL, count - n) }, (_, i) => entryOf(n + i)))
    await store.commit({ put, drop: [], usage: put.map(({ writer, cost }) => ({ writer, bytes: cost, records: 1 })) })
  }
  await store.close()
  return {}
}

async function serve(): Promise<Serving> {
  let ahead = 0
  const clock = { ...systemClock(), now: () => Date.now() + ahead }
  const started = performance.now()
  const store = sqliteStore({ folder, durable: false })
  const limits = { bytes: 1e13, bytesPerWriter: 1e12, recordsPerWriter: 1e9 }
  const machine = createMachine({ self: writers[0] as string, updates: codec, store, clock, limits })
  await machine.start()
  const first = await machine.get(keyOf(count >> 1))
  if (first.documents.size !== 1) throw new Error('a record is missing')
  const openMs = performance.now() - started
  let rssMiB = 0
  const noteRss = (): void => {
    rssMiB = Math.max(rssMiB, process.memoryUsage.rss() / 2 ** 20)
  }

  const inParallel = async (total: number, call: (n: number) => Promise<unknown>): Promise<number> => {
    const start = performance.now()
    for (let n = 0; n < total; n += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => call(n + i)))
    }
    return ((performance.now() - start) * 1000) / total
  }
  // a prime stride visits distinct records in no order of their puts
  const readUs = await inParallel(READS, (n) => machine.get(keyOf((n * 7919) % count)))
  noteRss()
  const updateUs = await inParallel(UPDATES, (n) => {
    return machine.updateUnsigned({
      key: keyOf(count + n),
      writer: writers[n % WRITERS] as string,
      body: from({ n }),
      ttl: 60,
    })
  })

  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  ahead = 4 * HOUR_MS
  machine.time()
  machine.confirmTime()
  delay.enable()
  const expiring = performance.now()
  while ((await machine.info()).totals.entries > 0) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    noteRss()
  }
  const expiryMs = performance.now() - expiring
  delay.disable()
  await machine.close()
  const ms = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS)
  return { openMs, readUs, updateUs, expiryMs, loopP99Ms: ms(delay.percentile(99)), loopMaxMs: ms(delay.max), rssMiB }
}

console.log(JSON.stringify(await (mode === 'fill' ? fill() : serve())))
