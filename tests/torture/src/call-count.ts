import type { Store } from '@sr/vm'

/** Counts the calls of a store that have not settled. */
export class CallCount {
  underWay = 0

  /** The same store, counted. */
  count(store: Store): Store {
    const counted = Object.entries(store).map(([name, call]) => [
      name,
      async (...args: unknown[]): Promise<unknown> => {
        this.underWay++
        try {
          return await (call as (...args: unknown[]) => unknown)(...args)
        } finally {
          this.underWay--
        }
      },
    ])
    return Object.fromEntries(counted) as Store
  }
}
