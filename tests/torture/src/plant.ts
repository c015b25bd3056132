import type { LocalMachine, Store } from '@sr/vm'

/**
 * Bugs to plant, by `--plant NAME`: a suite that does not report its bug is broken.
 *
 * - `ack-early`: a commit is acknowledged before it is written (crash, power)
 * - `no-sync`: a durable store does not wait for the disk (power)
 * - `ignore-full`: a commit that found no space is acknowledged (disk)
 * - `silent`: damage is not reported (bitrot)
 * - `jump`: time follows the wall clock at once (clock)
 * - `leak`: watches are never ended (soak)
 * - `feed`: the feed leaves out one event of 50 (soak)
 * - `handle`: a watcher of the folder is never closed (soak)
 */
export const BUGS = ['ack-early', 'no-sync', 'ignore-full', 'silent', 'jump', 'leak', 'feed', 'handle'] as const

const VARIABLE = 'SR_TORTURE_PLANT'

/** Has this process and its children run with a bug. */
export function plant(bug: string | undefined): void {
  if (bug !== undefined) {
    if (!(BUGS as readonly string[]).includes(bug))
      throw new RangeError(`--plant ${bug}: expected one of ${BUGS.join(', ')}`)
    process.env[VARIABLE] = bug
  }
}

export function isPlanted(bug: (typeof BUGS)[number]): boolean {
  return process.env[VARIABLE] === bug
}

/** The store with the planted bug, if it is one of the store's. */
export function plantedStore(store: Store): Store {
  if (isPlanted('ack-early')) {
    return {
      ...store,
      async commit(batch) {
        void Promise.resolve(store.commit(batch)).catch(() => {})
      },
    }
  }
  if (isPlanted('ignore-full')) {
    return {
      ...store,
      async commit(batch) {
        try {
          await store.commit(batch)
        } catch (err) {
          if ((err as { code?: unknown }).code !== 'STORE_FULL') throw err
        }
      },
    }
  }
  return store
}

/** The feed with the planted bug, if it is one of the feed: the numbers of its events have no hole. */
export function plantedFeed(feed: ReturnType<LocalMachine['feed']>): ReturnType<LocalMachine['feed']> {
  return isPlanted('feed') ? withoutSome(feed) : feed
}

async function* withoutSome(feed: ReturnType<LocalMachine['feed']>): ReturnType<LocalMachine['feed']> {
  let [seen, absent] = [0, 0]
  for await (const event of feed) {
    if (event.kind !== 'gap' && ++seen % 50 === 0) absent++
    else yield { ...event, number: event.number - absent }
  }
}
