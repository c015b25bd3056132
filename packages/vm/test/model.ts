import assert from 'node:assert/strict'
import { createDocument, type Document, seqTime, set, ttl, validateUpdate } from '@sr/ir'
import { Dict, equal, isKind, type Node, print } from '@sr/xr'
import fc from 'fast-check'
import type { VmError } from '../src/errors.ts'
import { type TestMachine, startMachine, stateOf } from './setup.ts'

export const KEYS = [Uint8Array.of(1), Uint8Array.of(2)] as const
/**
 * ann never signs and bob always signs, so the retain of every update of theirs covers their earlier updates, and the
 * model predicts what they show. cid does both: a late signed update may outlive the retain of an unsigned one, which
 * was stamped before this machine had it.
 */
export const WRITERS = ['ann', 'bob', 'cid'] as const
const HONEST = 2
export const HOUR = 3_600_000

/** One step of a run. */
export type Step =
  | {
      readonly do: 'say'
      readonly key: number
      readonly writer: number
      readonly name: number
      readonly life: number
      readonly own: number
      readonly whole: boolean
    }
  | {
      readonly do: 'sign'
      readonly key: number
      readonly writer: number
      readonly name: number
      readonly life: number
      readonly late: number
    }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'set'; readonly by: number }
  | { readonly do: 'restart' }

const lives = fc.constantFrom(0, 1, 2, 5, 30, 600)
const places = { key: fc.nat(1), name: fc.nat(2) }
export const say = {
  weight: 4,
  arbitrary: fc.record({
    do: fc.constant('say' as const),
    ...places,
    writer: fc.constantFrom(0, 2),
    life: lives,
    own: lives,
    whole: fc.boolean(),
  }),
}
export const sign = {
  weight: 4,
  arbitrary: fc.record({
    do: fc.constant('sign' as const),
    ...places,
    writer: fc.constantFrom(1, 2),
    life: lives,
    late: fc.nat(20_000),
  }),
}
export const wait = {
  weight: 4,
  arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 250, 999, 1000, 4000, 60_000) }),
}
export const jump = {
  weight: 2,
  arbitrary: fc.record({
    do: fc.constant('set' as const),
    by: fc.constantFrom(-HOUR, -5000, -1, 1, 2000, 3_500_000, 3_700_000, 24 * HOUR),
  }),
}
export const restart = { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) }

/** A machine and a model of it: every value with its expiry, and documents that are never pruned. */
export class MachineModel {
  at: TestMachine
  readonly #ends = new Map<Node, number>()
  readonly #documents = new Map<string, Document>()
  #values = 0n

  constructor(at: TestMachine) {
    this.at = at
  }

  async run(step: Step): Promise<void> {
    switch (step.do) {
      case 'wait':
        return await this.at.clock.advance(step.ms)
      case 'set':
        return this.at.clock.set(this.at.clock.now() + step.by)
      case 'say':
        return await this.#attempt(async () => await this.#say(step))
      case 'sign':
        return await this.#attempt(async () => await this.#sign(step))
      case 'restart': {
        await this.at.machine.close()
        this.at = await startMachine({ clock: this.at.clock, store: this.at.store })
        return
      }
      default:
        throw new Error('unknown step')
    }
  }

  /** Nothing shown is expired, and for the first two writers it is what the model shows. */
  async check(): Promise<void> {
    const { now } = this.at.machine.time()
    for (const [key, bytes] of KEYS.entries()) {
      const views = (await this.at.machine.get(bytes)).documents
      for (const [writer, name] of WRITERS.entries()) {
        const shown = views.get(name)?.document
        const right = this.#documents.get(`${key} ${writer}`)?.show(now)
        assert(
          writer >= HONEST || (shown === undefined || right === undefined ? shown === right : equal(shown, right)),
          `${text(shown)} is shown; expected ${text(right)}`,
        )
        for (const value of shown === undefined ? [] : leaves(shown)) {
          assert(Number(this.#ends.get(value)) > now, `${text(value)} is shown and is expired`)
        }
      }
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    const before = await stateOf(this.at, WRITERS, KEYS)
    try {
      await work()
    } catch (err) {
      assert.match((err as VmError).code, /^VM_(CLOCK|EXPIRED|TTL)$/)
      assert.equal(await stateOf(this.at, WRITERS, KEYS), before, 'a refusal changed the state')
    }
  }

  async #say({ key, writer, name, life, own, whole }: Step & { do: 'say' }): Promise<void> {
    const [first, second] = [++this.#values, ++this.#values]
    const plain = Dict.from([
      [`k${name}`, first],
      ['own', Dict.from([[`k${name}`, ttl(second, Math.max(1, own))]])],
    ])
    const body = whole ? set(plain) : plain
    const { seq, hash, expires, retain } = await this.at.say(WRITERS[writer] as string, body as never, life, KEYS[key])
    this.#ends.set(first, expires).set(second, seqTime(seq) + Math.max(1, own) * 1000)
    this.#document(key, writer).apply(validateUpdate({ seq, hash, expires, retain, body }))
  }

  async #sign({ key, writer, name, life, late }: Step & { do: 'sign' }): Promise<void> {
    const value = ++this.#values
    const said = this.at.clock.now() - late + 10_000
    const times = { seq: said * 1000 + name, expires: said + life * 1000, retain: said + 700_000 }
    const body = Dict.from([
      [`k${name}`, value],
      ['list', Dict.from([[`k${name}`, value]])],
    ])
    const { hash } = await this.at.sign(WRITERS[writer] as string, body as never, times, KEYS[key])
    this.#ends.set(value, times.expires)
    this.#document(key, writer).apply(validateUpdate({ ...times, hash, body }))
  }

  #document(key: number, writer: number): Document {
    const id = `${key} ${writer}`
    const document = this.#documents.get(id) ?? createDocument()
    this.#documents.set(id, document)
    return document
  }
}

function leaves(node: Node): Node[] {
  return isKind(node, 'dict') ? [...node.values()].flatMap(leaves) : [node]
}

function text(node: Node | undefined): string {
  return node === undefined ? 'nothing' : print(node)
}
