import { createHash } from 'node:crypto'
import type { Update } from '@sr/ir'
import { Dict, isKind, type Node } from '@sr/xr'
import { encode } from '@sr/xr/dag-cbor'
import { randomBody } from './body.ts'
import type { Random } from '@sr/tests-kit/random'

/** An update as bytes, in transit and in a store; never modified. */
export interface Packet {
  readonly writer: string
  readonly update: Update
  readonly bytes: Uint8Array
}

/** How a writer keeps the promise of `retain`, or breaks it. */
export type Promise = 'shared' | 'exact' | 'broken'

/** One identity, on one device or several, whose clocks differ. */
export class Writer {
  readonly name: string
  readonly promise: Promise
  readonly #random: Random
  /** seconds */
  readonly #maxTtl: number
  readonly #devices: Array<{ readonly skew: number; readonly tick: number; last: number }>
  /** the latest expiry ever set: state of a single device */
  #horizon = 0

  constructor(name: string, random: Random, maxSkew: number) {
    this.name = name
    this.#random = random
    this.promise = random.weighted({ shared: 6, exact: 3, broken: 1 })
    this.#maxTtl = random.magnitude(60, 3 * 3600)
    const count = this.promise === 'exact' ? 1 : random.integer(1, 3)
    // coarse clocks, so that devices produce equal seqs
    this.#devices = Array.from({ length: count }, () => ({
      skew: random.integer(-maxSkew, maxSkew),
      tick: random.pick([1, 1000, 60_000]),
      last: 0,
    }))
  }

  /** Creates an update at a true time, ms; `seen` is the highest seq the device has received. */
  say(now: number, seen: number): Packet {
    const random = this.#random
    const device = random.pick(this.#devices)
    const clock = Math.floor((now + device.skew) / device.tick) * device.tick * 1000
    const seq = Math.max(clock, device.last + 1, random.chance(0.5) ? seen + 1 : 0)
    device.last = seq
    const said = Math.floor(seq / 1000)
    let latest = 0
    const life = (): number => {
      const seconds = random.magnitude(1, this.#maxTtl)
      latest = Math.max(latest, said + seconds * 1000)
      return seconds
    }
    const body = randomBody(random, life)
    const expires = said + (random.chance(0.1) ? 0 : life()) * 1000
    latest = Math.max(latest, expires)
    this.#horizon = Math.max(this.#horizon, latest)
    return seal(this.name, seq, expires, this.#retain(said, latest), body)
  }

  #retain(said: number, latest: number): number {
    switch (this.promise) {
      case 'shared':
        return said + this.#maxTtl * 1000
      case 'exact':
        return this.#horizon
      case 'broken':
        return latest
    }
  }
}

function seal(writer: string, seq: number, expires: number, retain: number, body: Node): Packet {
  const bytes = encode(
    Dict.from([
      ['writer', writer],
      ['seq', BigInt(seq)],
      ['expires', BigInt(expires)],
      ['retain', BigInt(retain)],
      ['body', body],
    ]),
  )
  return {
    writer,
    update: { seq, expires, retain, body, hash: createHash('sha256').update(bytes).digest('hex') },
    bytes,
  }
}

/** The update in stored bytes. */
export function unseal(decoded: Node, bytes: Uint8Array): Packet {
  if (!isKind(decoded, 'dict')) throw new Error('expected a Dict as the stored update')
  const number = (name: string): number => Number(decoded.get(name) as bigint)
  const hash = createHash('sha256').update(bytes).digest('hex')
  return {
    writer: decoded.get('writer') as string,
    update: {
      seq: number('seq'),
      expires: number('expires'),
      retain: number('retain'),
      body: decoded.get('body') as Node,
      hash,
    },
    bytes,
  }
}
