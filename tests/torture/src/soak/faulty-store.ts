import { setTimeout as delay } from 'node:timers/promises'
import type { Store } from '@sr/vm'
import type { Random } from '../random.ts'

/** How long the machine waits for a call of the store, milliseconds: a loaded computer answers in less, but for a few calls. */
export const STORE_TIMEOUT_MS = 3000

/** Time of a call that is too late, milliseconds. */
const LATE_MS = STORE_TIMEOUT_MS + 500

/** Calls that read, and fail by seed. */
const READS = ['read', 'get', 'index', 'due', 'usage', 'totals'] as const

/** A store that fails by seed. A call may fail before its effect, after it, for want of space, late, or too late. */
export class FaultyStore {
  /** whether calls fail */
  enabled = false
  faults = 0
  /** number of commits so far */
  commits = 0
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  wrap(store: Store): Store {
    const reads = READS.map((name) => {
      const call = store[name] as (...args: unknown[]) => unknown
      return [name, async (...args: unknown[]) => await this.#read(async () => await call(...args))]
    })
    return {
      ...store,
      ...Object.fromEntries(reads),
      commit: async (batch) => {
        await this.#commit(async () => await store.commit(batch))
      },
    }
  }

  async #commit(commit: () => Promise<void>): Promise<void> {
    this.commits++
    const roll = this.#roll()
    if (roll < 0.01) throw this.#fault('STORE_FAILED')
    if (roll < 0.013) throw this.#fault('STORE_FULL')
    if (roll < 0.02) {
      await commit()
      throw this.#fault('STORE_FAILED')
    }
    if (roll < 0.0203) await this.#wait(LATE_MS)
    else if (roll < 0.04) await this.#wait(20 * this.#random())
    await commit()
  }

  async #read<T>(call: () => Promise<T>): Promise<T> {
    const roll = this.#roll()
    if (roll < 0.005) throw this.#fault('STORE_FAILED')
    if (roll < 0.0052) await this.#wait(LATE_MS)
    return await call()
  }

  async #wait(ms: number): Promise<void> {
    this.faults++
    await delay(ms)
  }

  #roll(): number {
    return this.enabled ? this.#random() : 1
  }

  #fault(code: string): Error {
    this.faults++
    return Object.assign(new Error(`the ${code} of a test`), { code })
  }
}
