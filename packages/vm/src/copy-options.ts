import type { GetOptions, PageOptions, QueryOptions } from './query/reads.ts'
import type { WatchOptions } from './watch/parts.ts'
import type { Revision } from './watch/revision.ts'

/** Options of any read. */
type ReadOptions = GetOptions & PageOptions & QueryOptions & WatchOptions

/** A copy of options whose arrays the caller may write to as soon as its call has returned a promise. */
export function copyOptions<T extends Partial<ReadOptions>>(options: T): T {
  const { writers, at, tags, after, have, from } = options
  return {
    ...options,
    ...(Array.isArray(writers) ? { writers: [...writers] } : {}),
    ...(at === undefined ? {} : { at: [...at] }),
    ...(tags === undefined ? {} : { tags: [...tags] }),
    ...(after === undefined ? {} : { after: new Uint8Array(after) }),
    ...(have === undefined ? {} : { have: copyRevision(have) }),
    ...(from === undefined ? {} : { from: copyRevision(from) }),
  }
}

function copyRevision({ epoch, counter }: Revision): Revision {
  return { epoch: new Uint8Array(epoch), counter }
}
