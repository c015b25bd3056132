import type { EventLoopBudget } from '@sr/runtime'
import type { Via } from '../admission/receipt.ts'
import type { Store, StoreIndex } from '../store/store.ts'
import type { StoreCalls } from '../store/store-calls.ts'
import type { EffectiveTime } from '../time/effective-time.ts'
import type { Watches } from '../watch/watches.ts'
import type { RecordLoader } from './record-loader.ts'
import type { UsageTracker } from './usage-tracker.ts'

/** What a commit has changed, for those who follow the store. */
export interface Committed {
  readonly put: StoreIndex | undefined
  readonly dropped: readonly StoreIndex[]
  readonly via: Via
}

/** What records work with. */
export interface RecordsInit {
  readonly store: Store
  readonly loader: RecordLoader
  readonly calls: StoreCalls
  readonly time: EffectiveTime
  /** calls from outside that may wait for one record */
  readonly maxWaiting: number
  /** bytes that the records in memory may be charged */
  readonly cacheBytes: number
  /** new at every start */
  readonly epoch: Uint8Array
  readonly usage: UsageTracker
  readonly watches: Watches
  /** what may be done in one turn of the event loop, in slots */
  readonly budget: EventLoopBudget
  /** Called after each commit. */
  readonly onCommitted: (committed: Committed) => void
  /** Called after a commit that failed and may have had its effect; when it was late, once more after it has settled. */
  readonly onUncertain: (id: string, put: StoreIndex | undefined) => void
  /** Has a record checked for expiry at `ms`. */
  readonly scheduleExpiry: (id: string, ms: number) => void
  /** Called when a record leaves memory. */
  readonly onLeave: (id: string) => void
}
