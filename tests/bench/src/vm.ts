import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createDocument, validateUpdate } from '@sr/ir'
import { createUpdateCodec } from '@sr/update'
import { createMachine, type Machine } from '@sr/vm'
import { type Dict, from } from '@sr/xr'
import { median } from './measure.ts'
import { perSecond, type Row } from './report.ts'

const ROUNDS = 7
const CALLS = 2000
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const body = from({ nick: 'bob' }) as Dict

/** Nanoseconds a call, the median of some rounds. */
async function timed(call: (n: number) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  let n = 0
  for (let round = 0; round <= ROUNDS; round++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < CALLS; i++) await call(n++)
    if (round > 0) times.push(Number(process.hrtime.bigint() - start) / CALLS)
  }
  return median(times)
}

function row(work: string, ns: number, against = '', ratio?: number): Row {
  return { work, figure: `${(ns / 1000).toFixed(1)} µs, ${perSecond(ns)}`, against, ratio, target: '', met: true }
}

/** The machine over a store in memory, with the codec of signed updates. */
export async function suite(): Promise<Row[]> {
  const privateKey = await generateKeyPair('Ed25519')
  const author = await generateKeyPair('Ed25519')
  const self = peerIdFromPrivateKey(privateKey).toString()
  const writer = peerIdFromPrivateKey(author).toString()
  const network = 'bench'
  const codec = createUpdateCodec({ network, privateKey: author })
  const limits = { recordsPerWriter: 1e9, bytesPerWriter: 1e12, bytes: 1e12 }
  const start = async (): Promise<Machine> => {
    const machine = createMachine({ self, updates: createUpdateCodec({ network, privateKey }), limits })
    await machine.start()
    return machine
  }
  const sign = async (n: number): Promise<Uint8Array> => {
    const now = Date.now()
    const fields = {
      key: bytes(`k${n}`),
      seq: now * 1000 + (n % 1000),
      expires: now + 3_600_000,
      retain: now + 3_600_000,
      body,
    }
    return (await (codec as Required<typeof codec>).sign(fields)).bytes
  }
  const machine = await start()
  const fresh = await timed((n) => machine.updateUnsigned({ key: bytes(`f${n}`), writer, body, ttl: 3600 }))
  const same = await timed(() => machine.updateUnsigned({ key: bytes('same'), writer, body, ttl: 3600 }))
  const get = await timed((n) => machine.get(bytes(`f${n % CALLS}`)))
  const signed = await Promise.all(Array.from({ length: CALLS * (ROUNDS + 1) }, (_, n) => sign(n)))
  const verified = await timed((n) => machine.update(signed[n] as Uint8Array))
  const duplicate = await timed((n) => machine.update(signed[n] as Uint8Array))
  const encode = await timed((n) =>
    codec.encode({ key: bytes(`k${n}`), writer, seq: n * 1000, expires: n + 60_000, retain: n + 60_000, body }),
  )
  const apply = await timed(async (n) => {
    createDocument().apply(
      validateUpdate({ seq: n * 1000, hash: '00'.repeat(32), expires: n + 60_000, retain: n + 60_000, body }),
    )
  })
  await machine.close()
  return [
    row('unsigned update of one pair, fresh record', fresh, 'validate and apply alone', apply / fresh),
    row('unsigned update of one pair, same record', same, 'validate and apply alone', apply / same),
    row('encode of an unsigned update', encode),
    row('get of a record of one pair', get),
    row('signed update, fresh record', verified, 'the same update again', duplicate / verified),
    row('signed update, held already', duplicate),
  ]
}
