import { MAX_RETAIN_MS, seqTime } from '@sr/ir'
import { validateDraft } from '@sr/ir/validate'
import type { Node } from '@sr/xr'
import { VmError } from '../errors.ts'
import type { RecordState } from '../records/record-state.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import type { EncodedUpdate, UpdateCodec } from './codec-port.ts'
import { mapErrors } from './map-errors.ts'

/** An update before it has a seq. */
export interface Draft {
  readonly key: Uint8Array
  readonly writer: string
  readonly body: Node
  /** when it expires, given when it is created; both milliseconds since 1970 */
  readonly expires: (createdAt: number) => number
}

/**
 * Encodes a draft under a seq above all that its writer has in the record, and signs it when the writer is this
 * machine. It is retained as long as anything of that writer there: so no older update shows again when it expires.
 */
export type Stamp = (record: RecordState, draft: Draft) => Promise<EncodedUpdate>

/** Creates the function that turns drafts into updates; `random` returns numbers from 0 up to 1. */
export function createStamp(self: string, codec: UpdateCodec, time: EffectiveTime, random: () => number): Stamp {
  return async (record, { key, writer, body, expires }) => {
    const before = record.documents.get(writer)?.document
    // the digits below the clock's resolution are random
    const clock = time.read().now * 1000 + Math.floor(random() * 1000)
    const seq = Math.max(clock, (before?.seq ?? 0) + 1)
    const createdAt = seqTime(seq)
    const fields = { key, writer, seq, expires: expires(createdAt), body }
    const encode = async (retain: number): Promise<EncodedUpdate> =>
      writer === self && codec.sign !== undefined
        ? await codec.sign({ ...fields, retain })
        : await codec.encode({ ...fields, retain })
    const retain = Math.max(fields.expires, before?.retain ?? 0)
    const encoded = await mapErrors(async () => {
      try {
        return await encode(retain)
      } catch (err) {
        if ((err as { code?: unknown }).code !== 'IR_RETAIN') {
          throw err
        }
        // a `$ttl` in the body lasts beyond `retain`, which is rare: only then the body is validated again
        return await encode(validateDraft({ ...fields, retain: createdAt + MAX_RETAIN_MS }).latest)
      }
    })
    if (encoded.update.writer !== writer) {
      throw new VmError('VM_INTERNAL', `the codec wrote an update of ${encoded.update.writer}; expected ${writer}`)
    }
    return encoded
  }
}
