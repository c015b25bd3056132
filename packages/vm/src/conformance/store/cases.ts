import { damageCases } from './damage-cases.ts'
import { entryCases } from './entry-cases.ts'
import { indexCases } from './index-cases.ts'
import { lifecycleCases } from './lifecycle-cases.ts'
import type { StoreCase } from './setup.ts'
import { usageCases } from './usage-cases.ts'

/**
 * The contract of `Store`, for any test runner. Each case creates, opens and closes a store of its own. What not every store has is
 * in `needs`; a setup declares in `supports` what its store has, and a runner skips the other cases.
 *
 * @example
 * ```ts
 * import { memoryStore, type Store } from '@sr/vm'
 * import { runCases, storeCases } from '@sr/vm/conformance'
 *
 * const setup = { supports: ['persistent'] as const, create: memoryStore, reopen: (closed: Store) => closed }
 * const results = await runCases(storeCases, setup)
 * console.log(results.filter(({ outcome }) => outcome === 'failed').length) // 0
 * console.log([...new Set(results.flatMap(({ missing }) => missing))].join()) // damage,check,atomic,durable
 * ```
 */
export const storeCases: readonly StoreCase[] = [
  ...entryCases,
  ...indexCases,
  ...usageCases,
  ...damageCases,
  ...lifecycleCases,
]
