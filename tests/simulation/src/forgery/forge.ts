import { createHash } from 'node:crypto'
import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import type { Random } from '@sr/tests-kit/random'
import { createUpdateCodec, decodeEnvelope, decodePayload } from '@sr/update'
import { createMachine, type LocalMachine } from '@sr/vm'
import { manualClock, type ManualClock } from '@sr/vm/testing'
import { encode } from '@sr/xr/dag-cbor'
import { type Author, type Captured, capture, KEYS, NETWORK, newAuthor, PAYLOAD_TYPE } from './captured.ts'
import { type Forger, MUTATIONS } from './mutations.ts'
import { Mismatch } from '../check.ts'

/** Updates that the forger has seen. */
const CAPTURED = 200
/** Forgeries between two comparisons of the machines' states. */
const BATCH = 2000
/** Between the capture and the forgeries, ms: one update in five is past its retain. */
const LATER_MS = 120_000

/** What came of the forgeries of one kind, on both machines. */
interface Counts {
  refused: number
  duplicates: number
  /** forgeries that came out equal to an original, and were not submitted */
  same: number
}

interface Forged {
  readonly count: number
  readonly kinds: Record<string, Counts>
  readonly codes: Record<string, number>
}

/** A machine, and all that a stranger can find out about it. */
interface Subject {
  readonly name: string
  readonly machine: LocalMachine
  /** hashes of the payloads that it has */
  readonly held: Set<string>
}

/** Submits forgeries. @throws Mismatch when one has any effect */
export async function forge(random: Random, count: number): Promise<Forged> {
  const clock = manualClock(Date.now())
  const authors = await Promise.all(
    (['Ed25519', 'Ed25519', 'Ed25519', 'Ed25519', 'secp256k1', 'RSA'] as const).map(newAuthor),
  )
  const captured = await capture(random, authors, CAPTURED, clock.now())
  const subjects = [await subject('empty', clock, []), await subject('full', clock, captured)]
  await clock.advance(LATER_MS)
  for (const one of subjects) await settle(one, captured, clock.now())
  const forger: Forger = { random, captured, forger: await newAuthor('Ed25519') }
  const known = new Set(captured.map(({ bytes }) => Buffer.from(bytes).toString('latin1')))
  const kinds: Record<string, Counts> = Object.fromEntries(
    Object.keys(MUTATIONS).map((name) => [name, { refused: 0, duplicates: 0, same: 0 }]),
  )
  const forged: Forged = { count, kinds, codes: {} }
  const state = async (): Promise<string[]> =>
    await Promise.all(subjects.map(async (one) => await stateOf(one, authors)))
  const states = await state()
  const names = Object.keys(MUTATIONS)
  let forwarded: unknown
  for (const { machine } of subjects) {
    void machine
      .feed()
      .next()
      .then(
        ({ value }) => {
          forwarded = value
        },
        () => {},
      )
  }
  for (let done = 0; done < count; done++) {
    const name = names[done % names.length] as string
    const original = random.pick(captured)
    const bytes = await (MUTATIONS[name] as NonNullable<(typeof MUTATIONS)[string]>)(original, forger)
    if (known.has(Buffer.from(bytes).toString('latin1'))) {
      ;(kinds[name] as Counts).same++
    } else {
      for (const one of subjects) {
        await submit(one, bytes, name, forged)
      }
    }
    if (done % BATCH === BATCH - 1 || done === count - 1) {
      const now = await state()
      if (forwarded !== undefined) throw new Mismatch('feed', `a forgery was forwarded: ${JSON.stringify(forwarded)}`)
      now.forEach((found, i) => {
        if (found !== states[i]) throw new Mismatch('state', `${subjects[i]?.name}: ${found}, expected ${states[i]}`)
      })
    }
  }
  await Promise.all(subjects.map(async ({ machine }) => await machine.close()))
  return forged
}

async function subject(name: string, clock: ManualClock, updates: readonly Captured[]): Promise<Subject> {
  const { id: self } = await newAuthor('Ed25519')
  const machine = createMachine({ self, updates: createUpdateCodec({ network: NETWORK }), clock })
  await machine.start()
  machine.confirmTime()
  for (const { bytes } of updates) await machine.update(bytes)
  return { name, machine, held: new Set() }
}

/** Takes down what it has at this time. */
async function settle(one: Subject, updates: readonly Captured[], now: number): Promise<void> {
  for (const { bytes, key } of updates.filter(({ retain }) => retain > now)) {
    const hash = hashOf(decodeEnvelope(bytes).payload)
    if ((await one.machine.readUpdate(key, hash)) !== undefined) one.held.add(hash)
  }
}

/** Submits a forgery; anything but a refusal, or a duplicate of what is held, is a fault. */
async function submit(
  { name, machine, held }: Subject,
  bytes: Uint8Array,
  kind: string,
  forged: Forged,
): Promise<void> {
  const counts = forged.kinds[kind] as Counts
  const isHeld = isEnvelopeOf(bytes, held)
  let receipt: Awaited<ReturnType<LocalMachine['update']>>
  try {
    receipt = await machine.update(bytes, { via: 'author' })
  } catch (err) {
    const { code = 'no code' } = err as { code?: string }
    forged.codes[code] = (forged.codes[code] ?? 0) + 1
    counts.refused++
    if (isHeld || !CODES.has(code)) {
      throw new Mismatch('refusal', `${name}, ${kind}: ${String(err)}, of ${Buffer.from(bytes).toString('hex')}`)
    }
    return
  }
  counts.duplicates++
  if (!isHeld || receipt.status !== 'duplicate' || receipt.changed || receipt.cost !== 0) {
    throw new Mismatch('accepted', `${name}, ${kind}: ${receipt.status} ${Buffer.from(bytes).toString('hex')}`)
  }
}

/** Codes of refusals that say what is wrong with an update. */
const CODES: ReadonlySet<string> = new Set([
  'VM_SIG',
  'VM_WRITER',
  'VM_DOC',
  'VM_KEY',
  'VM_TTL',
  'VM_CLOCK',
  'VM_EXPIRED',
  'VM_TOO_LARGE',
  'VM_VALUE',
  'VM_DEPTH',
  'VM_NODES',
])

/** Whether bytes are a strict envelope of a payload that is held, with the key of its writer: all but the signature. */
function isEnvelopeOf(bytes: Uint8Array, held: ReadonlySet<string>): boolean {
  try {
    const { publicKey, payloadType, payload } = decodeEnvelope(bytes)
    if (!held.has(hashOf(payload)) || Buffer.compare(payloadType, PAYLOAD_TYPE) !== 0) return false
    const key = publicKeyFromProtobuf(publicKey)
    // a key has one form; decoders accept others
    if (Buffer.compare(publicKeyToProtobuf(key), publicKey) !== 0) return false
    const { writerBytes } = decodePayload(payload, NETWORK)
    return Buffer.compare(peerIdFromPublicKey(key).toMultihash().bytes, writerBytes) === 0
  } catch {
    return false
  }
}

function hashOf(payload: Uint8Array): string {
  return createHash('sha256').update(payload).digest('hex')
}

/** All that a stranger can find out about a machine, and what it charges. */
async function stateOf({ machine }: Subject, authors: readonly Author[]): Promise<string> {
  const { totals, revision } = await machine.info()
  const usages = await Promise.all(authors.map(async ({ id }) => await machine.usage(id)))
  const hash = createHash('sha256')
  for (const key of KEYS) {
    const { documents } = await machine.get(key)
    for (const [writer, { document, seq }] of documents) hash.update(`${writer} ${seq} `).update(encode(document))
    for (const update of (await machine.getUpdates(key, { maxBytes: 512 * 1024 })).updates) hash.update(update)
  }
  return JSON.stringify([totals, revision.counter, usages, hash.digest('hex')])
}
