import { MAX_RETAIN_MS, seqTime, type UpdateDraft } from '@sr/ir'
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
  /** when it expires, given the machine's time; both milliseconds since 1970 */
  readonly expires: (now: number) => number
}

/**
 * Encodes a draft under a seq above all that its writer has in the record, and signs it when the writer is this
 * machine. It is retained as long as anything of that writer there: so no older update shows again when it expires.
 *
 * The seq may be ahead of the machine's time, after another clock of the writer or an earlier clock of this machine. The
 * lifetime counts from the machine's time all the same: 60 s are 60 s.
 */
export type Stamp = (record: RecordState, draft: Draft) => Promise<EncodedUpdate>

/** How far a `$ttl` may be prolonged by a seq that is ahead, milliseconds: less than its unit. */
const MAX_TTL_ERROR_MS = 1000

/** Refuses a body with a `$ttl` under a seq that is ahead: `$ttl` counts from the seq time, so it would last longer. */
function assertWithoutTtl({ seq, body }: Pick<UpdateDraft, 'seq' | 'body'>, ahead: number): void {
  const { latest } = validateDraft({ seq, body, expires: 0, retain: seqTime(seq) + MAX_RETAIN_MS })
  if (latest > 0) {
    const message = `the writer's highest seq is ${ahead} ms ahead of this machine's clock, and $ttl counts from it`
    const detail = { limit: 'aheadMs', max: MAX_TTL_ERROR_MS, got: ahead, retryable: true, retryAfterMs: ahead }
    throw new VmError('VM_CLOCK', message, detail)
  }
}

/** Creates the function that turns drafts into updates; `random` returns numbers from 0 up to 1. */
export function createStamp(self: string, codec: UpdateCodec, time: EffectiveTime, random: () => number): Stamp {
  return async (record, { key, writer, body, expires }) => {
    const before = record.documents.get(writer)?.document
    // the digits below the clock's resolution are random
    const { now } = time.read()
    const clock = now * 1000 + Math.floor(random() * 1000)
    const seq = Math.max(clock, (before?.seq ?? 0) + 1)
    const ahead = seqTime(seq) - now
    const fields = { key, writer, seq, expires: expires(now), body }
    if (ahead >= MAX_TTL_ERROR_MS) {
      await mapErrors(() => {
        assertWithoutTtl(fields, ahead)
      })
    }
    const encode = async (retain: number): Promise<EncodedUpdate> =>
      writer === self && codec.sign !== undefined
        ? await codec.sign({ ...fields, retain })
        : await codec.encode({ ...fields, retain }, { owned: true })
    const retain = Math.max(fields.expires, before?.retain ?? 0)
    const encoded = await mapErrors(async () => {
      try {
        return await encode(retain)
      } catch (err) {
        if ((err as { code?: unknown }).code !== 'IR_RETAIN') {
          throw err
        }
        // a `$ttl` in the body lasts beyond `retain`, which is rare: only then the body is validated again
        return await encode(validateDraft({ ...fields, retain: seqTime(seq) + MAX_RETAIN_MS }).latest)
      }
    })
    if (encoded.update.writer !== writer) {
      throw new VmError('VM_INTERNAL', `the codec wrote an update of ${encoded.update.writer}; expected ${writer}`)
    }
    return encoded
  }
}
