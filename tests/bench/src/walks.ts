// node tests/bench/src/walks.ts [PACKAGES]: how often the body of one unsigned update is walked, from the bytes of
// /ipfs/smart-record/0.0.1 to the stored document. A walk is one pass over the entries of the body, or over its bytes
// by the decoder of the Go form: it scans them, then builds the nodes.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const packages = process.argv[2] ?? fileURLToPath(new URL('../../../packages', import.meta.url))
const load = async (path: string): Promise<Record<string, never>> =>
  (await import(`${packages}/${path}`)) as Record<string, never>

const [xr, vm, protocol] = [
  await load('xr/dist/index.js'),
  await load('vm/dist/index.js'),
  await load('protocol/dist/index.js'),
]
const go = existsSync(`${packages}/protocol-go`)
  ? await load('protocol-go/dist/index.js')
  : await load('protocol/dist/go/index.js')
const update = existsSync(`${packages}/update`) ? await load('update/dist/index.js') : protocol

/** Entries of the body: no other Dict of an update has as many. */
const ENTRIES = 23
const DECODER_PASSES = 2

type Codec = { createUpdateCodec: (init: object) => unknown }
type Vm = {
  createMachine: (init: object) => {
    start(): Promise<void>
    close(): Promise<void>
    updateUnsigned(update: object): Promise<unknown>
  }
}
type Xr = {
  Dict: { prototype: Record<string | symbol, (this: { size: number }) => unknown> }
  from(plain: object): never
}
type Go = { goDocument: { encode(node: never): Uint8Array; decode(bytes: Uint8Array): unknown } }

let walks = 0
const { prototype } = (xr as unknown as Xr).Dict
for (const name of [Symbol.iterator, 'byKey', 'keys', 'values', 'entries']) {
  const original = prototype[name]
  if (typeof original !== 'function') continue
  prototype[name] = function (this: { size: number }) {
    if (this.size >= ENTRIES) walks++
    return original.call(this)
  }
}

const self = '12D3KooWHHzSeKaY8xuZVzkLbKFfvNgPPeKhFBGrMbNzbm5akpqu'
const writer = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
const machine = (vm as unknown as Vm).createMachine({
  self,
  updates: (update as unknown as Codec).createUpdateCodec({ network: 'bench' }),
})
await machine.start()
// a value that is a container, so that the short way for flat bodies is not taken
const plain = Object.fromEntries(Array.from({ length: ENTRIES }, (_, i) => [`k${i}`, i === 0 ? ['x'] : 'value']))
const { goDocument } = go as unknown as Go
const wire = goDocument.encode((xr as unknown as Xr).from(plain))
walks = 0
await machine.updateUnsigned({ key: Uint8Array.of(1), writer, body: goDocument.decode(wire), ttl: 60 })
console.log(`${walks + DECODER_PASSES} walks of the body: ${DECODER_PASSES} of the decoder, ${walks} after it`)
await machine.close()
