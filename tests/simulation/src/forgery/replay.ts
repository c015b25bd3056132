import type { Random } from '@sr/tests-kit/random'
import { createUpdateCodec } from '@sr/update'
import { createMachine, type LocalMachine } from '@sr/vm'
import { manualClock, type ManualClock } from '@sr/vm/testing'
import { from } from '@sr/xr'
import { encode } from '@sr/xr/dag-cbor'
import { parse } from '@sr/xr/text'
import { Mismatch } from '../check.ts'
import { type Author, BODIES, NETWORK, newAuthor } from './captured.ts'

/** Longest life that the authors of a schedule give: every retain is this far behind its seq, as MERGE asks of writers without memory. */
const LIFE_MS = 60_000
const KEY = new TextEncoder().encode('board')

/** One machine that receives each update once, and one that receives all of them again at every instant. */
interface Pair {
  readonly clock: ManualClock
  readonly once: LocalMachine
  readonly again: LocalMachine
}

/** Runs a schedule until the last retain has passed; returns the number of replays. @throws Mismatch when the records differ */
export async function replay(random: Random, seed: number): Promise<number> {
  const clock = manualClock(Date.now())
  const authors = await Promise.all(Array.from({ length: 3 }, async () => await newAuthor('Ed25519')))
  const pair: Pair = { clock, once: await start(clock), again: await start(clock) }
  const captured: Uint8Array[] = []
  let replays = 0
  for (let step = 0; step < 40; step++) {
    if (step < 25) {
      for (let n = random.integer(0, 3); n > 0; n--)
        captured.push(await update(pair, random, random.pick(authors), captured.length))
    }
    await clock.advance(random.pick([1, 500, 3000, 10_000]))
    for (const bytes of random.shuffle(captured)) {
      replays++
      await pair.again.update(bytes).catch(assertExpired)
    }
    await assertEqual(pair, seed, step)
  }
  await Promise.all([pair.once.close(), pair.again.close()])
  return replays
}

async function start(clock: ManualClock): Promise<LocalMachine> {
  const { id: self } = await newAuthor('Ed25519')
  const machine = createMachine({ self, updates: createUpdateCodec({ network: NETWORK }), clock })
  await machine.start()
  machine.confirmTime()
  return machine
}

async function update(
  { clock, once, again }: Pair,
  random: Random,
  author: Author,
  number: number,
): Promise<Uint8Array> {
  const seq = clock.now() * 1000 + number
  const life = random.integer(1, LIFE_MS / 1000) * 1000
  const body = from(parse(random.pick(BODIES).replaceAll('N', String(random.below(9)))))
  const fields = { key: KEY, seq, expires: clock.now() + life, retain: clock.now() + LIFE_MS, body }
  const { bytes } = await author.sign(fields)
  await once.update(bytes)
  await again.update(bytes)
  return bytes
}

/** A replay is a duplicate, or past its retain. */
function assertExpired(err: unknown): void {
  if ((err as { code?: unknown }).code !== 'VM_EXPIRED') throw err
}

async function assertEqual({ once, again }: Pair, seed: number, step: number): Promise<void> {
  const [expected, got] = await Promise.all([once, again].map(shown))
  if (got !== expected) throw new Mismatch('replay', `seed ${seed}, step ${step}: ${got}, expected ${expected}`)
}

/** What the record shows, when it changes next, and the updates behind it. */
async function shown(machine: LocalMachine): Promise<string> {
  const { documents } = await machine.get(KEY)
  const { updates } = await machine.getUpdates(KEY, { maxBytes: 512 * 1024 })
  return JSON.stringify([
    Array.from(documents, ([writer, { document, seq, next, ends }]) => [
      writer,
      seq,
      next,
      ends,
      Buffer.from(encode(document)).toString('hex'),
    ]),
    updates.map((bytes) => Buffer.from(bytes).toString('hex')).sort(),
  ])
}
