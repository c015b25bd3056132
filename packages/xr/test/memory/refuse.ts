// How much memory a refusal takes, beside its input. Run by memory.test.ts in a process of its own:
// node --expose-gc --min-semi-space-size=256 packages/xr/test/memory/refuse.ts
import * as dagCbor from '../../src/dag-cbor.ts'
import * as dagJson from '../../src/dag-json.ts'
import { parse } from '../../src/text/index.ts'
import { hostileInputs } from './inputs.ts'

const READ = {
  'dag-cbor': (input: Uint8Array | string): unknown => dagCbor.decode(input as Uint8Array),
  'dag-json': (input: Uint8Array | string): unknown => dagJson.decode(input as Uint8Array),
  text: (input: Uint8Array | string): unknown => parse(input as string),
}

/** Bytes in use. No collection runs in between, so the difference of two is all that was taken, garbage and all. */
function inUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function refuse(read: (input: Uint8Array | string) => unknown, input: Uint8Array | string): string {
  try {
    read(input)
    return 'accepted'
  } catch (err) {
    return String((err as { code?: unknown }).code)
  }
}

const collect = (globalThis as { gc?: () => void }).gc
if (collect === undefined) {
  throw new Error('needs --expose-gc')
}

const results = hostileInputs().map(({ name, form, make }) => {
  const input = make()
  refuse(READ[form], make()) // once before, for what is compiled and kept
  collect()
  const before = inUse()
  const code = refuse(READ[form], input)
  const taken = inUse() - before
  return { name, form, bytes: input.length, taken, code }
})
console.log(JSON.stringify(results))
