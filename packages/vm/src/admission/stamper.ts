import { MAX_RETAIN_MS, seqTime } from '@sr/ir'
import { validateUpdate } from '@sr/ir/validate'
import type { Node } from '@sr/xr'
import { VmError } from '../errors.ts'
import type { RecordState } from '../records/record-state.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import type { EncodedUpdate, UpdateCodec, UpdateFields } from './codec-port.ts'
import { mapErrors } from './map-errors.ts'

/** Stands for the hash of an update that has no bytes yet. */
const NO_HASH = '0'.repeat(64)

/** An update before it has a seq. */
export interface Draft {
  readonly key: Uint8Array
  readonly writer: string
  readonly body: Node
  /** when it expires, given when it is created; both milliseconds since 1970 */
  readonly expires: (createdAt: number) => number
}

/** Turns drafts into updates. */
export class Stamper {
  readonly #self: string
  readonly #codec: UpdateCodec
  readonly #time: EffectiveTime
  readonly #random: () => number

  /** `random` returns numbers from 0 up to 1. */
  constructor(self: string, codec: UpdateCodec, time: EffectiveTime, random: () => number) {
    this.#self = self
    this.#codec = codec
    this.#time = time
    this.#random = random
  }

  /**
   * Encodes a draft under a seq above all that its writer has in the record, and signs it when the writer is this
   * machine. It is retained as long as anything of that writer there: so no older update shows again when it expires.
   */
  async stamp(record: RecordState, { key, writer, body, expires }: Draft): Promise<EncodedUpdate> {
    const before = record.documents.get(writer)?.document
    // the digits below the clock's resolution are random
    const clock = this.#time.read().now * 1000 + Math.floor(this.#random() * 1000)
    const seq = Math.max(clock, (before?.seq ?? 0) + 1)
    const createdAt = seqTime(seq)
    const fields = { key, writer, seq, expires: expires(createdAt), body }
    const retain = Math.max(fields.expires, before?.retain ?? 0)
    const encoded = await mapErrors(async () => {
      try {
        return await this.#encode({ ...fields, retain })
      } catch (err) {
        if ((err as { code?: unknown }).code !== 'IR_RETAIN') {
          throw err
        }
        // a `$ttl` in the body lasts beyond `retain`, as few do: only then the body is read twice
        const { latest } = validateUpdate({ ...fields, hash: NO_HASH, retain: createdAt + MAX_RETAIN_MS })
        return await this.#encode({ ...fields, retain: latest })
      }
    })
    if (encoded.update.writer !== writer) {
      throw new VmError('VM_INTERNAL', `the codec wrote an update of ${encoded.update.writer}; expected ${writer}`)
    }
    return encoded
  }

  async #encode(fields: UpdateFields): Promise<EncodedUpdate> {
    return fields.writer === this.#self && this.#codec.sign !== undefined
      ? await this.#codec.sign(fields)
      : await this.#codec.encode(fields)
  }
}
