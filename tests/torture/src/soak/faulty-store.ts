import { setTimeout as delay } from 'node:timers/promises'
import type { Store, StoreBatch } from '@sr/vm'
import type { Random } from '../random.ts'

/** How long the machine waits for a call of the store, milliseconds. */
export const STORE_TIMEOUT_MS = 1500

/** A store that fails by seed. A call may fail before its effect, after it, for want of space, late, or too late. */
export class FaultyStore {
  /** whether calls fail at all */
  enabled = true
  faults = 0
  /** hashes of updates that a failed commit has put or dropped nevertheless, so that no event tells of them */
  readonly untold = new Set<string>()
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  wrap(store: Store): Store {
    return {
      ...store,
      commit: async (batch) => await this.#commit(batch, async () => await store.commit(batch)),
      read: async (record) => await this.#call(async () => await store.read(record)),
      usage: async (writer) => await this.#call(async () => await store.usage(writer)),
      due: async (page) => await this.#call(async () => await store.due(page)),
    }
  }

  async #commit(batch: StoreBatch, commit: () => Promise<void>): Promise<void> {
    const roll = this.#roll()
    if (roll < 0.01) throw this.#fault('STORE_FAILED')
    if (roll < 0.013) throw this.#fault('STORE_FULL')
    if (roll < 0.02) {
      await commit()
      this.#note(batch)
      throw this.#fault('STORE_FAILED')
    }
    if (roll < 0.0203) {
      this.faults++
      this.#note(batch)
      await delay(STORE_TIMEOUT_MS * 1.5)
    } else if (roll < 0.04) {
      this.faults++
      await delay(20 * this.#random())
    }
    await commit()
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    const roll = this.#roll()
    if (roll < 0.005) throw this.#fault('STORE_FAILED')
    if (roll < 0.0052) {
      this.faults++
      await delay(STORE_TIMEOUT_MS * 1.5)
    }
    return await call()
  }

  #roll(): number {
    return this.enabled ? this.#random() : 1
  }

  #note({ put, drop }: StoreBatch): void {
    for (const { hash } of [...put, ...drop]) this.untold.add(hash)
  }

  #fault(code: string): Error {
    this.faults++
    return Object.assign(new Error(`the ${code} of a test`), { code })
  }
}
