/** A state of a record, as the machine counts them: equal revisions mean the same state. */
export interface Revision {
  /** 8 random bytes, new at every start of the machine */
  readonly epoch: Uint8Array
  /** rises with every change of any record */
  readonly counter: number
}

/** Whether two revisions are of the same run of a machine, so that their counters can be compared. */
export function isSameEpoch(a: Revision, b: Revision): boolean {
  return a.epoch === b.epoch || (a.epoch.length === b.epoch.length && a.epoch.every((byte, i) => byte === b.epoch[i]))
}
