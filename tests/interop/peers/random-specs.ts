import type { Random } from '@sr/tests-kit/random'
import { key } from '@sr/xr'
import { bool, bytes, dict, float, int, list, pred, str } from '../recordings/nodes.mjs'
import { type Spec, type SpecPair, toNode } from './spec.ts'

/** What random documents may hold that one side or the other has no way to write. */
export interface Kinds {
  /** Floats that are whole numbers below 1e21, which Go cannot read back */
  readonly wholeFloats: boolean
  /** Ints beyond int64, which Go wraps */
  readonly wideInts: boolean
  /** only what Go prints so that it can be read: bare words for tags, Floats of ten digits */
  readonly printable: boolean
}

const ODD_TEXTS = [
  '',
  '/',
  '__proto__',
  '"',
  '\\',
  '\b',
  '\f',
  '\0',
  '\u007f',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\uffff',
  '😀',
  'a\nb\tc\rd',
  '\ufffd',
  'true',
  '1',
  '0x00',
]
const LETTERS = [...'abcxyz019 _-.:,=()[]{}"\\\'\n\té日😀\u0000\u001f\u007f\u0085\u00a0\u2028\u202e']
const EDGES = [0n, 1n, 23n, 255n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]
const FRACTIONS = [0.1, 1.5, -0.25, 123.123, 5e-324, 1e-6, 1e-7, 1.7976931348623157e308, 1e21, 1e22, 1.5e300]
const WHOLE = [0, 1, -1, 100, 1e6, 2 ** 53, 1e19, -1e19, 1e20, 123456789012345680000]

/** A random document: every kind at every place, and much of what is hard to write. */
export class RandomSpecs {
  readonly #random: Random
  readonly #kinds: Kinds

  constructor(random: Random, kinds: Kinds) {
    this.#random = random
    this.#kinds = kinds
  }

  node(depth: number = 4): Spec {
    const random = this.#random
    if (depth === 0 || random.chance(0.5)) {
      return this.#leaf()
    }
    switch (random.below(3)) {
      case 0:
        return list(
          ...unique(
            random.many(4, () => this.node(depth - 1)),
            (one) => one,
          ),
        )
      case 1:
        return this.dict(depth - 1)
      default:
        return pred(
          this.#tag(),
          random.many(3, () => this.node(depth - 1)),
          this.#pairs(depth - 1, true),
        )
    }
  }

  dict(depth: number = 4): Spec {
    return dict(...this.#pairs(depth, false))
  }

  #pairs(depth: number, named: boolean): SpecPair[] {
    const pairs = this.#random.many(4, (): SpecPair => [
      this.#random.chance(0.7) ? str(this.#text()) : this.node(depth),
      this.node(depth),
    ])
    // Go prints a named argument whose name equals its value like a positional one
    return unique(pairs, ([name]) => name).filter(
      ([name, value]) => !named || !this.#kinds.printable || key(toNode(name)) !== key(toNode(value)),
    )
  }

  #leaf(): Spec {
    const random = this.#random
    switch (random.below(5)) {
      case 0:
        return str(this.#text())
      case 1:
        return int(this.#int())
      case 2:
        return float(this.#float())
      case 3:
        return bool(random.chance(0.5))
      default:
        return bytes(Buffer.from(random.many(6, () => random.below(256))).toString('hex'))
    }
  }

  #text(): string {
    const random = this.#random
    return random.chance(0.2) ? random.pick(ODD_TEXTS) : random.many(12, () => random.pick(LETTERS)).join('')
  }

  #tag(): string {
    return this.#kinds.printable ? `t${this.#random.below(1000)}` : this.#text()
  }

  #int(): bigint {
    const random = this.#random
    const size = random.chance(0.5)
      ? random.pick(EDGES)
      : BigInt.asUintN(63, (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32))) >>
        BigInt(random.below(63))
    const wide = this.#kinds.wideInts && random.chance(0.3) ? size + 2n ** BigInt(64 + random.below(900)) : size
    return random.chance(0.5) ? wide : -wide
  }

  #float(): number {
    const random = this.#random
    if (this.#kinds.wholeFloats && random.chance(0.5)) {
      return random.pick(WHOLE)
    }
    if (this.#kinds.printable) {
      return (random.below(1e6) * 2 + 1) / 2 ** (1 + random.below(4))
    }
    const bits = Buffer.from(Array.from({ length: 8 }, () => random.below(256)))
    const any = bits.readDoubleBE()
    return random.chance(0.5) || !Number.isFinite(any) || (Number.isInteger(any) && Math.abs(any) < 1e21)
      ? random.pick(FRACTIONS)
      : any
  }
}

/** Those whose node was not there before. */
function unique<T>(all: T[], nodeOf: (one: T) => Spec): T[] {
  const known = new Set<string>()
  return all.filter((one) => {
    const id = key(toNode(nodeOf(one)))
    return !known.has(id) && known.add(id)
  })
}
