import type { VmErrorCode } from './errors.ts'

/** Something that an operator wants to know of. */
export type MachineEvent =
  /** a call was refused, or failed, with this code */
  | { readonly type: 'refused' | 'failed'; readonly call: string; readonly code: VmErrorCode; readonly message: string }
  /** a stored update cannot be read, and was set aside */
  | { readonly type: 'damaged'; readonly record: string; readonly hash: string | undefined; readonly reason: string }
  /** deleting what has expired failed; it is tried again */
  | { readonly type: 'expiry-failed'; readonly reason: string }

/** The part of libp2p's `Metrics` that a machine uses. */
export interface Metrics {
  registerCounterGroup(
    name: string,
    options: { readonly label: string; readonly help: string },
  ): { increment(values: Record<string, number>): void }
}
