import { hash } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createDocument, validateUpdate } from '@sr/ir'
import { createUpdateCodec } from '@sr/update'
import { createMachine, type LocalMachine } from '@sr/vm'
import { type Dict, from } from '@sr/xr'
import { median } from './measure.ts'
import { perSecond, type Row } from './report.ts'
import { watchRows } from './vm-watch.ts'

const ROUNDS = 7
const CALLS = 2000
const HOUR_MS = 3_600_000
/** The Go machine in process: updates of one new pair onto documents of so many pairs, per second (its own measurements). */
const GO_NEW_PAIR: ReadonlyArray<readonly [pairs: number, perSecond: number]> = [
  [1000, 7100],
  [10_000, 1000],
]
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const body = from({ nick: 'bob' }) as Dict

/** Nanoseconds a call of each kind of work, medians of some rounds in turns. */
async function timed(works: ReadonlyArray<(n: number) => unknown>, calls = CALLS): Promise<number[]> {
  const times: number[][] = works.map(() => [])
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [which, work] of works.entries()) {
      const start = process.hrtime.bigint()
      for (let n = round * calls; n < (round + 1) * calls; n++) await work(n)
      if (round > 0) times[which]?.push(Number(process.hrtime.bigint() - start) / calls)
    }
  }
  return times.map(median)
}

/** A row with a bound in microseconds, or in calls per second. */
function row(work: string, ns: number, { maxUs, minPerSecond, against = '', alone }: Bound = {}): Row {
  const met = ns / 1000 <= (maxUs ?? Infinity) && 1e9 / ns >= (minPerSecond ?? 0)
  const target =
    maxUs === undefined ? (minPerSecond === undefined ? '' : `≥ ${perSecond(1e9 / minPerSecond)}`) : `≤ ${maxUs} µs`
  const ratio = alone === undefined ? undefined : alone / ns
  return { work, figure: `${(ns / 1000).toFixed(1)} µs, ${perSecond(ns)}`, against, ratio, target, met }
}

interface Bound {
  readonly maxUs?: number
  readonly minPerSecond?: number
  readonly against?: string
  /** nanoseconds of what it is compared with */
  readonly alone?: number
}

/** A document of so many pairs, and what applies one more pair to a copy of it and hashes it once. */
function applyAlone(pairs: number): (n: number) => void {
  const document = createDocument()
  const times = { expires: HOUR_MS, retain: HOUR_MS }
  const hex = (n: number): string => n.toString(16).padStart(64, '0')
  for (let at = 0; at < pairs; at += 4000) {
    const some = Object.fromEntries(
      Array.from({ length: Math.min(4000, pairs - at) }, (_, i) => [pairKey(at + i), 'xxxxxxxx']),
    )
    document.apply(validateUpdate({ seq: at + 1, hash: hex(at), ...times, body: from(some) }))
  }
  const payload = new Uint8Array(200)
  return (n) => {
    const one = validateUpdate({
      seq: (n + 100) * 1000,
      hash: hash('sha256', payload),
      ...times,
      body: from({ [pairKey(n % Math.max(1, pairs))]: 'yyyyyyyy' }),
    })
    if (pairs === 0) createDocument().apply(one)
    else document.apply(one)
  }
}

const pairKey = (n: number): string => `k${String(n).padStart(5, '0')}`

/** The machine over a store in memory, with the codec of signed updates. */
export async function suite(): Promise<Row[]> {
  const privateKey = await generateKeyPair('Ed25519')
  const author = await generateKeyPair('Ed25519')
  const self = peerIdFromPrivateKey(privateKey).toString()
  const writer = peerIdFromPrivateKey(author).toString()
  const network = 'bench'
  const codec = createUpdateCodec({ network, privateKey: author })
  const limits = { recordsPerWriter: 1e9, bytesPerWriter: 1e12, bytes: 1e12, bytesPerRecord: 1e12, cacheBytes: 1e12 }
  const start = async (): Promise<LocalMachine> => {
    const machine = createMachine({ self, updates: createUpdateCodec({ network, privateKey }), limits })
    await machine.start()
    return machine
  }
  const say = async (machine: LocalMachine, key: string, said: Dict): Promise<unknown> =>
    await machine.updateUnsigned({ key: bytes(key), writer, body: said, ttl: 3600 })
  const sign = async (n: number): Promise<Uint8Array> => {
    const now = Date.now()
    const times = { seq: now * 1000 + (n % 1000), expires: now + HOUR_MS, retain: now + HOUR_MS }
    return (await (codec as Required<typeof codec>).sign({ key: bytes(`k${n}`), ...times, body })).bytes
  }
  const machine = await start()
  const [fresh, alone] = (await timed([(n) => say(machine, `f${n}`, body), applyAlone(0)])) as [number, number]
  const [pair] = (await timed([
    async (n) => {
      await say(machine, `p${n % 1000}`, body)
      await machine.get(bytes(`p${n % 1000}`))
    },
  ])) as [number]
  const [get] = (await timed([async () => (await machine.get(bytes('f1'))).documents.get(writer)?.bytes.length])) as [
    number,
  ]
  const signed = await Promise.all(Array.from({ length: CALLS * (ROUNDS + 1) }, (_, n) => sign(n)))
  const [verified] = (await timed([(n) => machine.update(signed[n] as Uint8Array)])) as [number]
  const [duplicate] = (await timed([(n) => machine.update(signed[n] as Uint8Array)])) as [number]
  await machine.close()

  const large: Row[] = []
  for (const [pairs, go] of GO_NEW_PAIR) {
    const holder = await start()
    for (let at = 0; at < pairs; at += 4000) {
      const count = Math.min(4000, pairs - at)
      const some = Array.from({ length: count }, (_, i) => [pairKey(at + i), 'xxxxxxxx'] as const)
      await say(holder, 'big', from(Object.fromEntries(some)) as Dict)
    }
    const bodies = Array.from({ length: pairs }, (_, n) => from({ [pairKey(n)]: 'yyyyyyyy' }) as Dict)
    const [existing, applied] = (await timed([
      (n) => say(holder, 'big', bodies[n % pairs] as Dict),
      applyAlone(pairs),
    ])) as [number, number]
    const [added] = (await timed([(n) => say(holder, 'big', from({ [`n${n}`]: 'y' }) as Dict)], 200)) as [number]
    await holder.close()
    const alone = { against: 'validate, apply and one hash alone', alone: applied }
    large.push(
      row(
        `unsigned update of one pair in ${pairs} pairs`,
        existing,
        pairs === 10_000 ? { minPerSecond: 30_000, ...alone } : alone,
      ),
      row(`unsigned update of a new pair on ${pairs} pairs`, added, {
        minPerSecond: go,
        against: 'the Go machine',
        alone: 1e9 / go,
      }),
    )
  }
  return [
    row('unsigned update of one pair and a get, 1,000 records', pair, { maxUs: 65 }),
    row('unsigned update of one pair, fresh record', fresh, {
      minPerSecond: 30_000,
      against: 'validate, apply and one hash alone',
      alone,
    }),
    ...large,
    row('get of an unchanged record, encoded', get, { minPerSecond: 200_000 }),
    row('signed update, fresh record', verified),
    row('signed update, held already', duplicate, { maxUs: 20 }),
    ...(await watchRows(await start(), writer)),
  ]
}
