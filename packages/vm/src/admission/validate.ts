import { MAX_RETAIN_MS, seqTime, type ValidatedUpdate } from '@sr/ir'
import { VmError } from '../errors.ts'
import { MAX_AHEAD_MS, MAX_KEY_BYTES, MAX_WRITER_CHARS, type MachineLimits } from '../limits.ts'
import type { Usage } from '../store/store.ts'
import type { Instant } from '../time/effective-time.ts'
import type { UpdateCodec, UpdateHead } from './codec-port.ts'
import { exceededQuota, type QuotaDemand } from './quota.ts'

/** An update that is to be admitted. */
export interface AdmissionRequest {
  readonly head: Pick<UpdateHead, 'writer' | 'seq' | 'retain'>
  readonly content: Pick<ValidatedUpdate, 'latest'>
  /** whether this machine made the seq, above the writer's highest: then it may be ahead of the clock, and lifetimes count from now */
  readonly stamped: boolean
  readonly demand: QuotaDemand
}

/** The state of the machine that decides on an update. */
export interface AdmissionContext {
  readonly instant: Instant
  readonly limits: MachineLimits
  /** what the writer uses; undefined for this machine's own updates, which other writers are charged for */
  readonly usage: Usage | undefined
  /** bytes charged to all writers */
  readonly total: number
}

/** Returns an error if the update is not admitted. Pure: it depends on its arguments only. */
export function validate(
  { head, content, stamped, demand }: AdmissionRequest,
  { instant, limits, usage, total }: AdmissionContext,
): VmError | undefined {
  return (
    validateHead(head, stamped, instant) ??
    validateLifetime(head, content.latest, stamped ? instant.now : seqTime(head.seq), limits) ??
    (usage === undefined ? undefined : validateQuota(demand, usage, total, limits))
  )
}

/** Throws the error, if there is one. */
export function assertValid(error: VmError | undefined): void {
  if (error !== undefined) {
    throw error
  }
}

/** Returns an error if a key is not bytes, or its length is invalid. */
export function validateKey(key: Uint8Array): VmError | undefined {
  if (!isBytes(key)) {
    return new VmError('VM_KEY', `the key is a ${typeof key}; expected a Uint8Array of 1 to ${MAX_KEY_BYTES} bytes`)
  }
  const { length } = key
  return length >= 1 && length <= MAX_KEY_BYTES
    ? undefined
    : exceeds(
        'VM_KEY',
        `the key has ${length} bytes; expected 1 to ${MAX_KEY_BYTES}`,
        'keyBytes',
        MAX_KEY_BYTES,
        length,
      )
}

/** Returns an error if a time to live is invalid. 0 is valid: it counts as one second. */
export function validateTtl(ttl: number, { maxTtl }: MachineLimits): VmError | undefined {
  return Number.isInteger(ttl) && ttl >= 0 && ttl <= maxTtl
    ? undefined
    : exceeds('VM_TTL', `the ttl is ${ttl}; expected whole seconds from 0 to ${maxTtl}`, 'maxTtl', maxTtl, ttl)
}

/** Returns an error if a writer's id is not one that the codec of updates can write. */
export function validateWriter(writer: string, codec: Pick<UpdateCodec, 'isWriter'>): VmError | undefined {
  return typeof writer === 'string' && codec.isWriter?.(writer) !== false
    ? undefined
    : new VmError('VM_WRITER', `the writer is ${String(writer).slice(0, 80)}; expected a peer id as text`)
}

/** Returns an error if `ifSeq` is given and the writer's highest seq is another. */
export function validateSeq(seq: number, ifSeq: number | undefined): VmError | undefined {
  const message = `the writer's highest seq in this record is ${seq}; expected ${ifSeq}`
  return ifSeq === undefined || ifSeq === seq ? undefined : exceeds('VM_STALE', message, 'ifSeq', ifSeq, seq)
}

/** Returns an error if `ifSeq` is given and no seq. */
export function validateIfSeq(ifSeq: number | undefined): VmError | undefined {
  return ifSeq === undefined || (Number.isSafeInteger(ifSeq) && ifSeq >= 0)
    ? undefined
    : new VmError('VM_DOC', `ifSeq is ${String(ifSeq).slice(0, 80)}; expected an integer from 0 to 2^53 - 1`)
}

/** Returns an error if the verbatim bytes of an update are not bytes, or too many. */
export function validateUpdateBytes(bytes: Uint8Array, { updateBytes }: MachineLimits): VmError | undefined {
  if (!isBytes(bytes)) {
    return new VmError('VM_DOC', `the update is a ${typeof bytes}; expected a Uint8Array`)
  }
  const { length } = bytes
  return length <= updateBytes
    ? undefined
    : exceeds(
        'VM_TOO_LARGE',
        `the update has ${length} bytes; the limit is ${updateBytes}`,
        'updateBytes',
        updateBytes,
        length,
      )
}

/** Returns an error if the writer, the clock or the times of an update's head forbid it now. */
export function validateHead(
  { writer, seq, retain }: AdmissionRequest['head'],
  stamped: boolean,
  { now, confirmed, retryAfterMs }: Instant,
): VmError | undefined {
  if (writer.length < 1 || writer.length > MAX_WRITER_CHARS) {
    const message = `the writer's id has ${writer.length} characters; expected 1 to ${MAX_WRITER_CHARS}`
    return exceeds('VM_WRITER', message, 'writerChars', MAX_WRITER_CHARS, writer.length)
  }
  if (!confirmed) {
    // no update is expired or ahead by an unconfirmed clock: the writer may try again
    return new VmError('VM_CLOCK', "this machine's wall clock is unconfirmed", {
      retryable: true,
      retryAfterMs,
    })
  }
  const ahead = seqTime(seq) - now
  if (!stamped && ahead > MAX_AHEAD_MS) {
    return new VmError(
      'VM_CLOCK',
      `the update is ${ahead} ms ahead of this machine's clock; the limit is ${MAX_AHEAD_MS}`,
      {
        limit: 'aheadMs',
        max: MAX_AHEAD_MS,
        got: Math.ceil(ahead),
        retryable: true,
        retryAfterMs: Math.ceil(ahead - MAX_AHEAD_MS),
      },
    )
  }
  return retain > now
    ? undefined
    : exceeds('VM_EXPIRED', `the update's retain is ${retain}; expected a time after ${now}`, 'retain', retain, now)
}

/** Returns an error if an update that holds from `start` until `latest` lives too long, too short, or longer than its `retain`. */
export function validateLifetime(
  { seq, retain }: Pick<UpdateHead, 'seq' | 'retain'>,
  latest: number,
  start: number,
  { maxTtl }: MachineLimits,
): VmError | undefined {
  const createdAt = seqTime(seq)
  const ttl = (latest - start) / 1000
  if (ttl <= 0) {
    return exceeds('VM_TTL', `the update expires ${-ttl} s before it begins`, 'minTtl', 1, Math.floor(ttl))
  }
  if (ttl > maxTtl) {
    return exceeds('VM_TTL', `the update lives ${ttl} s; the limit is ${maxTtl}`, 'maxTtl', maxTtl, Math.ceil(ttl))
  }
  const kept = retain - createdAt
  return retain >= latest && kept <= MAX_RETAIN_MS
    ? undefined
    : exceeds(
        'VM_TTL',
        `retain is ${kept} ms after the seq time; expected ${latest - createdAt} to ${MAX_RETAIN_MS}`,
        'retainMs',
        MAX_RETAIN_MS,
        Math.ceil(kept),
      )
}

/** Returns an error if an update would exceed a quota. */
export function validateQuota(
  demand: QuotaDemand,
  usage: Usage,
  total: number,
  limits: MachineLimits,
): VmError | undefined {
  const excess = exceededQuota(demand, usage, total, limits)
  return excess === undefined
    ? undefined
    : new VmError(`VM_QUOTA_${excess.scope}`, `${excess.limit} would be ${excess.got}; the limit is ${excess.max}`, {
        limit: excess.limit,
        max: excess.max,
        got: excess.got,
        retryable: true,
      })
}

function exceeds(code: VmError['code'], message: string, limit: string, max: number, got: number): VmError {
  return new VmError(code, message, { limit, max, got })
}

/** Whether a value is a Uint8Array, of any realm. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]'
}
