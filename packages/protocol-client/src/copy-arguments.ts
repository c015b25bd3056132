import type { GetOptions, Submission } from '@sr/protocol'
import { from, type Node } from '@sr/xr'

/** A copy: the caller may reuse its buffer as soon as the call returns. */
export function copyKey(key: Uint8Array | string): Uint8Array | string {
  return typeof key === 'string' ? key : Uint8Array.from(key)
}

export function copyGet(options: GetOptions): GetOptions {
  return { ...options, ...(options.limits === undefined ? {} : { limits: { ...options.limits } }) }
}

/** A copy; an own update with its document as a node. */
export function copyItem(item: Submission): Submission {
  return 'signed' in item
    ? { ...item, signed: item.signed.slice() }
    : { ...item, key: copyKey(item.key), body: from(item.body) }
}

/** Checks the document of an own update. @throws IrError, with the path */
export async function assertItem(item: Submission): Promise<void> {
  if (!('signed' in item)) {
    await assertBody(from(item.body))
  }
}

/**
 * Checks what every server checks in a body, so that the caller learns the reason: the oldest protocol has none to give. The checks are
 * loaded with the first update.
 *
 * @throws IrError, with the path
 */
export async function assertBody(body: Node): Promise<void> {
  const { MAX_RETAIN_MS, seqTime, validateDraft } = await import('@sr/ir/validate')
  const seq = Date.now() * 1000
  const retain = seqTime(seq) + MAX_RETAIN_MS
  validateDraft({ seq, expires: retain, retain, body })
}
