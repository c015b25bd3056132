import { setImmediate, setTimeout } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createUpdateCodec } from '@sr/update'
import { createMachine, type LocalMachine, memoryStore, type MemoryStore, type Watch } from '@sr/vm'
import { manualClock } from '@sr/vm/testing'
import { Dict, from, type Node } from '@sr/xr'
import { ANY } from '@sr/xr/selector'

/** Work at a limit: `prepare` makes a fresh machine, `run` is measured. */
export interface FairnessCase {
  readonly name: string
  readonly prepare: () => Promise<{ run: () => Promise<unknown>; end: () => Promise<void> }>
}

const HOUR_S = 3600
const WRITERS = 256
/** Pairs of an update of 10,000 nodes: a Dict, its keys and its values. */
const UPDATE_PAIRS = 4999
/** Updates that fill a document of 50,000 slots up to one more. */
const FILLING_UPDATES = 9
/** Pairs that a writer may have while 255 others have as many: half of the record in equal shares. */
const SHARE_PAIRS = 400
/** Updates of one pair each that a record may have, about. */
const SMALL_UPDATES = 30_000
const WATCHERS = 10_000
const EXPIRING = 100_000
const network = 'bench'
const key = new TextEncoder().encode('limit')

const privateKey = await generateKeyPair('Ed25519')
const self = peerIdFromPrivateKey(privateKey).toString()
const author = await generateKeyPair('Ed25519')
const writers = await Promise.all(
  Array.from({ length: WRITERS }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()),
)
const writer = writers[0] as string

function pairs(count: number, first = 0, value = 'xxxxxxxx'): Dict {
  return Dict.from(
    Array.from({ length: count }, (_, i): [Node, Node] => [`k${String(first + i).padStart(6, '0')}`, value]),
  )
}

async function start(init: Partial<Parameters<typeof createMachine>[0]> = {}): Promise<LocalMachine> {
  const machine = createMachine({ self, updates: createUpdateCodec({ network, privateKey }), ...init })
  await machine.start()
  return machine
}

const say = async (machine: LocalMachine, body: Dict, by = writer): Promise<unknown> =>
  await machine.updateUnsigned({ key, writer: by, body, ttl: HOUR_S })

/** A machine with a document of about 45,000 slots that was read. */
async function filled(): Promise<LocalMachine> {
  const machine = await start()
  for (let n = 0; n < FILLING_UPDATES - 1; n++) await say(machine, pairs(UPDATE_PAIRS, n * UPDATE_PAIRS))
  await machine.get(key)
  return machine
}

/** A machine with a record of 256 writers, two of them with all that a writer may have there. */
async function crowded(store: MemoryStore = memoryStore()): Promise<LocalMachine> {
  const machine = await start({ store })
  await fillCrowded(machine)
  return machine
}

async function fillCrowded(machine: LocalMachine): Promise<void> {
  for (const by of writers) await say(machine, pairs(SHARE_PAIRS), by)
  for (const by of writers.slice(0, 2)) {
    for (let n = 1; n < FILLING_UPDATES; n++) await say(machine, pairs(UPDATE_PAIRS, n * UPDATE_PAIRS), by)
  }
}

const onMachine = (
  make: () => Promise<LocalMachine>,
  run: (machine: LocalMachine) => Promise<unknown>,
): FairnessCase['prepare'] => {
  return async () => {
    const machine = await make()
    return {
      run: async () => await run(machine),
      end: async () => {
        await machine.close()
      },
    }
  }
}

/** Reads a record in pages, each by a request of its own. */
async function readPages(machine: LocalMachine): Promise<void> {
  let after: Uint8Array | undefined
  do {
    ;({ after } = await machine.getPage(key, after === undefined ? {} : { after }))
    await setImmediate()
  } while (after !== undefined)
}

/** The work at the limits. */
export const fairnessCases: readonly FairnessCase[] = [
  {
    name: 'update of 10,000 nodes, new pairs, onto 40,000 pairs, then get',
    prepare: onMachine(filled, async (machine) => {
      await say(machine, pairs(UPDATE_PAIRS, 10 * UPDATE_PAIRS))
      return await machine.get(key)
    }),
  },
  {
    name: 'update of 10,000 nodes, the same pairs, onto 40,000 pairs, then get',
    prepare: onMachine(filled, async (machine) => {
      await say(machine, pairs(UPDATE_PAIRS, UPDATE_PAIRS, 'yyyyyyyy'))
      return await machine.get(key)
    }),
  },
  {
    name: 'signed update of 10,000 nodes onto 40,000 pairs',
    prepare: async () => {
      const codec = createUpdateCodec({ network, privateKey: author })
      const by = peerIdFromPrivateKey(author).toString()
      const machine = await start()
      for (let n = 0; n < FILLING_UPDATES - 1; n++) await say(machine, pairs(UPDATE_PAIRS, n * UPDATE_PAIRS), by)
      const now = Date.now()
      const times = { seq: now * 1000 + 999, expires: now + HOUR_S * 1000, retain: now + HOUR_S * 1000 }
      const { bytes } = await (codec as Required<typeof codec>).sign({
        key,
        ...times,
        body: pairs(UPDATE_PAIRS, 3, 'z'),
      })
      return {
        run: async () => await machine.update(bytes),
        end: async () => {
          await machine.close()
        },
      }
    },
  },
  {
    name: '$set of 10,000 nodes over 40,000 pairs',
    prepare: onMachine(filled, async (machine) => {
      const { set } = await import('@sr/ir')
      return await machine.updateUnsigned({ key, writer, body: set(pairs(UPDATE_PAIRS)), ttl: HOUR_S })
    }),
  },
  { name: 'first get of 256 writers', prepare: onMachine(crowded, async (machine) => await machine.get(key)) },
  {
    name: 'first get of 256 writers, read from the store',
    prepare: async () => {
      const store = memoryStore()
      await crowded(store)
      const machine = await start({ store })
      return {
        run: async () => await machine.get(key),
        end: async () => {
          await machine.close()
        },
      }
    },
  },
  {
    name: 'first getPage of 40,000 pairs, all pages',
    prepare: onMachine(filled, readPages),
  },
  {
    name: 'first getPage of 256 writers, all pages',
    prepare: onMachine(crowded, readPages),
  },
  {
    name: 'first query of 40,000 pairs',
    prepare: onMachine(filled, async (machine) => await machine.query(key, [ANY])),
  },
  {
    name: 'watch of 256 writers, its snapshot',
    prepare: onMachine(crowded, async (machine) => {
      const watch = await machine.watch(key)
      await watch.next()
      await watch.return()
    }),
  },
  {
    name: 'update of 10,000 nodes onto 40,000 pairs, watched',
    prepare: onMachine(
      async () => {
        const machine = await filled()
        await machine.watch(key)
        return machine
      },
      async (machine) => await say(machine, pairs(UPDATE_PAIRS, UPDATE_PAIRS, 'yyyyyyyy')),
    ),
  },
  ...[1, UPDATE_PAIRS].map((count): FairnessCase => ({
    name: `update of ${count} pairs, 10,000 watchers of other paths`,
    prepare: async () => {
      const machine = await filled()
      const watches: Watch[] = []
      for (let n = 0; n < WATCHERS; n++) {
        const watch = await machine.watch(key, { at: [`k${String(n).padStart(6, '0')}`] })
        while ((await watch.next()).value?.kind !== 'marker');
        watches.push(watch)
      }
      const first = watches.map(async (watch) => (await watch.next()).value)
      return {
        run: async () => {
          await say(machine, pairs(count, 0, 'y'))
          await Promise.all(first.slice(0, count))
        },
        end: async () => {
          await machine.close()
          await Promise.allSettled(first)
        },
      }
    },
  })),
  ...[
    { name: '100,000 documents at once, 1 a record', fill: expiringDocuments(1) },
    { name: '100,000 documents at once, 256 a record', fill: expiringDocuments(WRITERS) },
    { name: 'a record of 256 writers', fill: fillCrowded },
    {
      name: `a record of ${SMALL_UPDATES} updates`,
      fill: async (machine: LocalMachine) => {
        for (let n = 0; n < SMALL_UPDATES; n++) await say(machine, pairs(1, n), writers[n % WRITERS])
      },
    },
  ].map(({ name, fill }): FairnessCase => ({
    name: `expiry of ${name}`,
    prepare: async () => {
      // all of them have the same instant of expiry, since the clock stands still
      const clock = manualClock()
      const machine = await start({ clock, limits: { recordsPerWriter: 1e9, bytesPerWriter: 1e12, bytes: 1e12 } })
      machine.confirmTime()
      await fill(machine)
      await machine.get(key)
      return {
        run: async () => {
          await clock.advance(HOUR_S * 1000)
          while ((await machine.info()).totals.entries > 0) {
            await setTimeout(1)
            await clock.advance(1000)
          }
        },
        end: async () => {
          await machine.close()
        },
      }
    },
  })),
]

function expiringDocuments(perRecord: number): (machine: LocalMachine) => Promise<void> {
  return async (machine) => {
    for (let n = 0; n < EXPIRING; n++) {
      const record = new TextEncoder().encode(`r${Math.floor(n / perRecord)}`)
      const by = writers[n % WRITERS] as string
      await machine.updateUnsigned({ key: record, writer: by, body: from({ n }) as Dict, ttl: HOUR_S })
    }
  }
}
