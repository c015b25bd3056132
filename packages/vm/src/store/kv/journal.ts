import type { Engine, EngineWrite } from './engine.ts'
import { JOURNAL_KEY } from './keys.ts'
import { decodeText, encodeText } from './value.ts'

/** Layout of a write: length of the key (2 bytes), key, length of the value (4 bytes; all bits set for a removal), value. */
const KEY_LENGTH = 2
const VALUE_LENGTH = 4
const REMOVAL = 0xffff_ffff

const NAME = 'batch'
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * Writes a batch whole or not at all to an engine that is not atomic: first, as one value, to a journal; then its parts. After an
 * interruption the journal is written again, which has the same effect however far the first attempt came.
 */
export class Journal {
  readonly #engine: Engine
  /** a batch that is in the journal and may not be in its place */
  #unfinished: readonly EngineWrite[] | undefined
  #isInterrupted = false

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** whether a write failed, so that the engine may have a part of its batch */
  get isInterrupted(): boolean {
    return this.#isInterrupted
  }

  /** Finishes the batch that the last process wrote, if any. Returns false when the journal is damaged. */
  async recover(): Promise<boolean> {
    const [value] = await this.#engine.getMany([JOURNAL_KEY])
    if (value === undefined) {
      return true
    }
    try {
      this.#unfinished = decodeWrites(value)
    } catch {
      return false
    }
    await this.finish()
    return true
  }

  /** Removes the last batch, which is in its place. */
  async clear(): Promise<void> {
    if (!this.#isInterrupted) {
      await this.#engine.write([[JOURNAL_KEY, undefined]])
    }
  }

  async write(writes: readonly EngineWrite[]): Promise<void> {
    await this.#engine.write([[JOURNAL_KEY, encodeWrites(writes)]])
    this.#unfinished = writes
    await this.finish()
  }

  /**
   * Writes the parts: values before removals. So a part of a batch, without its journal, has everything that the batch keeps; what
   * is too much or differs is found by a check.
   */
  async finish(): Promise<void> {
    const writes = this.#unfinished
    if (writes === undefined) {
      return
    }
    try {
      for (const isRemoval of [false, true]) {
        const part = writes.filter(([, value]) => (value === undefined) === isRemoval)
        if (part.length > 0) {
          await this.#engine.write(part)
        }
      }
    } catch (cause) {
      this.#isInterrupted = true
      throw cause
    }
    this.#unfinished = undefined
    this.#isInterrupted = false
  }
}

function encodeWrites(writes: readonly EngineWrite[]): Uint8Array {
  const size = writes.reduce(
    (sum, [key, value]) => sum + KEY_LENGTH + key.length + VALUE_LENGTH + (value?.length ?? 0),
    0,
  )
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [key, value] of writes) {
    view.setUint16(at, key.length, true)
    encoder.encodeInto(key, bytes.subarray(at + KEY_LENGTH))
    at += KEY_LENGTH + key.length
    view.setUint32(at, value === undefined ? REMOVAL : value.length, true)
    bytes.set(value ?? [], at + VALUE_LENGTH)
    at += VALUE_LENGTH + (value?.length ?? 0)
  }
  return encodeText(JOURNAL_KEY, NAME, bytes)
}

/** @throws DamagedValueError, or RangeError when it is cut off */
function decodeWrites(value: Uint8Array): EngineWrite[] {
  const { bytes } = decodeText(JOURNAL_KEY, value)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const writes: EngineWrite[] = []
  for (let at = 0; at < bytes.length;) {
    const keyAt = at + KEY_LENGTH
    const keyEnd = keyAt + view.getUint16(at, true)
    const key = decoder.decode(bytes.subarray(keyAt, keyEnd))
    const length = view.getUint32(keyEnd, true)
    at = keyEnd + VALUE_LENGTH
    writes.push([key, length === REMOVAL ? undefined : bytes.slice(at, at + length)])
    at += length === REMOVAL ? 0 : length
  }
  return writes
}
