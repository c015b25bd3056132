import { MAX_RETAIN_MS, seqTime, validateDraft } from '@sr/ir/validate'
import type { GetOptions, Submission } from '@sr/protocol'
import { from, type Node } from '@sr/xr'

/** A copy: the caller may reuse its buffer as soon as the call returns. */
export function copyKey(key: Uint8Array | string): Uint8Array | string {
  return typeof key === 'string' ? key : Uint8Array.from(key)
}

export function copyGet(options: GetOptions): GetOptions {
  return { ...options, ...(options.limits === undefined ? {} : { limits: { ...options.limits } }) }
}

/** A copy; an own update with its document as a node, which is checked. */
export function copyItem(item: Submission): Submission {
  if ('signed' in item) {
    return { ...item, signed: item.signed.slice() }
  }
  const body = from(item.body)
  assertBody(body)
  return { ...item, key: copyKey(item.key), body }
}

/**
 * Checks what every server checks in a body, so that the caller learns the reason: the oldest protocol has none to give.
 *
 * @throws IrError, with the path
 */
export function assertBody(body: Node): void {
  const seq = Date.now() * 1000
  const retain = seqTime(seq) + MAX_RETAIN_MS
  validateDraft({ seq, expires: retain, retain, body })
}
